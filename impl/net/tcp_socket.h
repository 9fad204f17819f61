// Streams over IP: connected, in order, complete, without message boundaries.
//
//   ref::tcp_listener listener("127.0.0.1", 0);
//   ref::tcp_socket client;
//   client.connect(listener.local_name());
//   ref::tcp_socket served = listener.accept().socket;
//   client.send_all("hello");
//   client.shutdown(ref::direction::write);
//   while (!(text = served.receive()).empty()) …         // empty: the peer has finished sending
//
// Owns its descriptor; move-only. Threads: one may send while another receives; `close` and moves
// need the others to be gone. Fork: both processes have the connection, and the peer sees its end
// when the last of them closes it.
//
// Errors are std::system_error with the errno of the call, timed_out at a deadline. A peer that is
// gone makes a send fail with EPIPE or ECONNRESET; it never raises SIGPIPE. After `close` every
// call fails with EBADF. Source: tcp(7), socket(7).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "impl/base/deadline.h"
#include "impl/base/file_descriptor.h"
#include "impl/net/address.h"

namespace ref {

enum class direction { read = SHUT_RD, write = SHUT_WR, both = SHUT_RDWR };

struct accepted;

/// A stream socket in any of its states; the kernel judges the order of calls.
class tcp_socket {
 public:
  explicit tcp_socket(family of = family::inet);

  void bind(const socket_address& here);
  /// Waits until the handshake is complete.
  void connect(const socket_address& there, deadline until = deadline::never());
  void listen(int backlog = SOMAXCONN);
  accepted accept(deadline until = deadline::never());

  /// Waits until something fits and sends that; how many bytes.
  std::size_t send(std::string_view data, deadline until = deadline::never());
  void send_all(std::string_view data, deadline until = deadline::never());
  /// Waits for something and takes at most `limit` bytes of it; empty once the peer has finished
  /// sending and all that it sent was taken. A limit of 0 asks for nothing and says nothing.
  std::string receive(std::size_t limit = 65536, deadline until = deadline::never());
  /// The same into memory of the caller's.
  std::size_t receive_into(char* to, std::size_t limit, deadline until = deadline::never());

  void shutdown(direction which);
  void close() { socket_.reset(); }
  /// Closes at once: what was not sent is thrown away, the peer's calls fail with ECONNRESET.
  void reset();

  /// Without blocking no call waits: it throws the EAGAIN that it met.
  void set_blocking(bool blocking) { blocking_ = blocking; }
  /// How a call waits, in place of poll(2): for event loops and green threads. It is called with
  /// the events of poll(2) that are waited for, and returns once the socket may be ready or the
  /// deadline has passed; too early is fine. It must notice what happens between two calls, as an
  /// edge-triggered epoll(7) does: after a read that left nothing the next one waits first.
  using waiter = std::function<void(short events, deadline until)>;
  void set_waiter(waiter wait) { wait_ = std::move(wait); }
  void set_option(int level, int name, int value);
  int option(int level, int name) const;
  void set_congestion_control(std::string_view name);  ///< "cubic", "reno", as tcp(7) has it
  std::string congestion_control() const;
  void set_reuse_address(bool reuse) { set_option(SOL_SOCKET, SO_REUSEADDR, reuse ? 1 : 0); }

  socket_address local_name() const;
  socket_address peer_name() const;
  family address_family() const { return family_; }
  int descriptor() const { return socket_.get(); }

 private:
  tcp_socket(family of, file_descriptor socket) : family_(of), socket_(std::move(socket)) {}
  template <typename Call>
  auto perform(short events, deadline until, const char* name, Call call) const;
  void wait_for(short events, deadline until) const;

  family family_;
  bool blocking_ = true;
  bool is_drained_ = false;  // the last read left nothing behind
  waiter wait_;
  file_descriptor socket_;  // O_NONBLOCK: waiting is by poll, which a deadline can bound
};

/// A connection that was accepted.
struct accepted {
  tcp_socket socket;
  socket_address from;
};

/// A socket that listens from the start, as servers want it: SO_REUSEADDR, so that a restart does
/// not wait for connections in TIME_WAIT.
class tcp_listener {
 public:
  tcp_listener(const std::string& host, int port, family of = family::inet,
               int backlog = SOMAXCONN);
  accepted accept(deadline until = deadline::never()) { return socket_.accept(until); }
  socket_address local_name() const { return socket_.local_name(); }
  int descriptor() const { return socket_.descriptor(); }
  /// No new connections; those accepted go on, those not accepted yet are reset.
  void close() { socket_.close(); }

 private:
  tcp_socket socket_;
};

}  // namespace ref
