// Datagrams over IP: no connection, message boundaries kept, delivery not promised.
//
//   ref::udp_socket receiver;
//   receiver.bind("127.0.0.1", 0);                       // 0: a port that the kernel picks
//   ref::udp_socket sender;
//   sender.send_to("hello", receiver.local_name());
//   ref::datagram got = receiver.receive_from(1500, ref::deadline::in(1s));
//
// Owns its descriptor; move-only. Threads may send and receive at the same time; `close` and moves
// need the others to be gone. Fork: parent and child share one socket, each datagram goes to one.
//
// Errors are std::system_error with the errno of the call, timed_out at a deadline,
// resolution_error and std::out_of_range from `resolve`. After `close` every call fails with EBADF.
// An empty datagram is a message like any other: there is no end of stream. Source: udp(7).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "impl/base/deadline.h"
#include "impl/base/file_descriptor.h"
#include "impl/net/address.h"

namespace ref {

struct datagram {
  std::string data;
  socket_address from;
  bool truncated = false;  ///< it was longer than the limit; the rest is gone
};

class udp_socket {
 public:
  explicit udp_socket(family of = family::inet);

  void bind(const std::string& host, int port) { bind(resolve(family_, host, port)); }
  void bind(const socket_address& here);
  /// Sets where `send` goes; from then on only datagrams from there are received, and a refusal by
  /// that host is reported by the next call.
  void connect(const socket_address& there);
  void listen();  ///< EOPNOTSUPP: here to show it

  /// One datagram; waits while the send buffer is full. At most 65,507 bytes over IPv4.
  std::size_t send_to(std::string_view data, const socket_address& to);
  std::size_t send_to(std::string_view data, const std::string& host, int port) {
    return send_to(data, resolve(family_, host, port));
  }
  std::size_t send(std::string_view data);

  /// One datagram, at most `limit` bytes of it.
  datagram receive_from(std::size_t limit = 65535, deadline until = deadline::never());

  /// Up to `count` datagrams with one system call: waits for the first, takes those that are there.
  std::vector<datagram> receive_many(std::size_t count, std::size_t limit = 2048,
                                     deadline until = deadline::never());
  /// Sends each as a datagram, with as few system calls as it takes; all are sent on return.
  void send_many(const std::vector<std::string_view>& data, const socket_address& to);

  socket_address local_name() const;
  family address_family() const { return family_; }
  int descriptor() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  family family_;
  file_descriptor socket_;
};

}  // namespace ref
