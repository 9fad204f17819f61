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

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
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

/// A row of datagrams in memory that is used again and again, for those who have many:
///
///   ref::datagram_batch batch;
///   for (;;) {
///     socket.receive(batch);                     // all that are there, at least one
///     socket.send(batch);                        // each back to its sender
///   }
///
/// It allocates when it is made and never after. Move-only; not for several threads at once.
class datagram_batch {
 public:
  /// Room for `count` datagrams of at most `limit` bytes each.
  explicit datagram_batch(std::size_t count = 64, std::size_t limit = 2048);
  datagram_batch(datagram_batch&&) = default;
  datagram_batch& operator=(datagram_batch&&) = default;

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return headers_.size(); }
  bool is_full() const { return size_ == capacity(); }
  /// What a datagram holds, in memory of the batch: it may be changed in place before it is sent.
  char* bytes(std::size_t which) { return bytes_.data() + which * limit_; }
  std::string_view data(std::size_t which) const {
    return {bytes_.data() + which * limit_, parts_[which].iov_len};
  }
  /// Who sent it; where `send` sends it.
  const socket_address& address(std::size_t which) const { return addresses_[which]; }
  /// Whether it was longer than the limit when it was received; the rest is gone.
  bool truncated(std::size_t which) const {
    return (headers_[which].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }
  void clear() { size_ = 0; }
  /// Appends a copy. Throws std::length_error when it is full or the data exceed the limit.
  void add(std::string_view data, const socket_address& to);

 private:
  friend class udp_socket;
  std::size_t alike(std::size_t first) const;
  void make_segment(std::size_t which, std::size_t first, std::size_t count);

  std::size_t limit_;
  std::size_t size_ = 0;
  std::vector<char> bytes_;
  std::vector<socket_address> addresses_;
  std::vector<iovec> parts_;       // with the length of what is there
  std::vector<mmsghdr> headers_;   // one a datagram
  std::vector<mmsghdr> segments_;  // one a row of equal datagrams
  std::vector<char> controls_;
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

  /// Waits for the first datagram and takes those that are there, as many as fit, with one system
  /// call; what the batch held before is gone. How many.
  std::size_t receive(datagram_batch& batch, deadline until = deadline::never());
  /// Sends each to its address, in order; all are sent on return. Neighbours of one size and one
  /// address go to the kernel as one piece and are cut there (UDP_SEGMENT, udp(7)), where the
  /// kernel and the way allow; it is the same datagrams that arrive.
  void send(datagram_batch& batch);

  socket_address local_name() const;
  family address_family() const { return family_; }
  int descriptor() const { return socket_.get(); }
  void close() { socket_.reset(); }

 private:
  std::size_t send_segmented(datagram_batch& batch);

  family family_;
  file_descriptor socket_;
  bool is_segmenting_ = true;  // until the kernel refuses
};

}  // namespace ref
