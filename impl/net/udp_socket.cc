#include "impl/net/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "impl/net/waiting.h"

namespace ref {
namespace {

constexpr std::size_t batch_size = 64;

// Bounds of UDP_SEGMENT: datagrams in a piece, and bytes of it, which are those of one IP packet.
constexpr std::size_t most_segments = 64;
constexpr std::size_t most_segment_bytes = 65000;
constexpr std::size_t control_bytes = CMSG_SPACE(sizeof(std::uint16_t));

bool is_same(const socket_address& a, const socket_address& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

// With as few system calls as it takes. How many were sent; errno says what the next one met.
std::size_t send_messages(int socket, mmsghdr* headers, std::size_t count) {
  std::size_t sent = 0;
  while (sent < count) {
    const int some = retry_interrupted([&] {
      return ::sendmmsg(socket, headers + sent, static_cast<unsigned>(count - sent), MSG_NOSIGNAL);
    });
    if (some == -1) break;
    sent += static_cast<std::size_t>(some);
  }
  return sent;
}

}  // namespace

udp_socket::udp_socket(family of)
    : family_(of),
      socket_(check(::socket(static_cast<int>(of), SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")) {}

void udp_socket::bind(const socket_address& here) {
  check(::bind(socket_.get(), here.data(), here.size()), "bind", here.host());
}

void udp_socket::connect(const socket_address& there) {
  check(::connect(socket_.get(), there.data(), there.size()), "connect", there.host());
}

void udp_socket::listen() { check(::listen(socket_.get(), 1), "listen"); }

std::size_t udp_socket::send_to(std::string_view data, const socket_address& to) {
  return static_cast<std::size_t>(check(retry_interrupted([&] {
                                          return ::sendto(socket_.get(), data.data(), data.size(),
                                                          MSG_NOSIGNAL, to.data(), to.size());
                                        }),
                                        "sendto", to.host()));
}

std::size_t udp_socket::send(std::string_view data) {
  return static_cast<std::size_t>(check(retry_interrupted([&] {
                                          return ::send(socket_.get(), data.data(), data.size(),
                                                        MSG_NOSIGNAL);
                                        }),
                                        "send"));
}

datagram udp_socket::receive_from(std::size_t limit, deadline until) {
  datagram got;
  got.data.resize(limit);
  const ssize_t length = when_ready(socket_.get(), POLLIN, until, "recvfrom", [&] {
    got.from.size() = socket_address::capacity;
    return ::recvfrom(socket_.get(), got.data.data(), limit, MSG_DONTWAIT | MSG_TRUNC,
                      got.from.data(), &got.from.size());
  });
  // With MSG_TRUNC the length is the datagram's own, also where it exceeds the limit.
  got.truncated = static_cast<std::size_t>(length) > limit;
  got.data.resize(std::min(limit, static_cast<std::size_t>(length)));
  return got;
}

std::vector<datagram> udp_socket::receive_many(std::size_t count, std::size_t limit,
                                               deadline until) {
  std::vector<datagram> got(std::min(count, batch_size));
  std::vector<iovec> parts(got.size());
  std::vector<mmsghdr> headers(got.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    got[i].data.resize(limit);
    parts[i] = {got[i].data.data(), limit};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
    headers[i].msg_hdr.msg_name = got[i].from.data();
    headers[i].msg_hdr.msg_namelen = socket_address::capacity;
  }
  if (got.empty()) return got;
  const int taken = when_ready(socket_.get(), POLLIN, until, "recvmmsg", [&] {
    return ::recvmmsg(socket_.get(), headers.data(), static_cast<unsigned>(headers.size()),
                      MSG_DONTWAIT, nullptr);
  });
  got.resize(static_cast<std::size_t>(taken));
  for (std::size_t i = 0; i < got.size(); ++i) {
    got[i].data.resize(headers[i].msg_len);
    got[i].from.size() = headers[i].msg_hdr.msg_namelen;
    got[i].truncated = (headers[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }
  return got;
}

void udp_socket::send_many(const std::vector<std::string_view>& data, const socket_address& to) {
  for (std::size_t sent = 0; sent < data.size();) {
    const std::size_t count = std::min(batch_size, data.size() - sent);
    iovec parts[batch_size];
    mmsghdr headers[batch_size] = {};
    for (std::size_t i = 0; i < count; ++i) {
      parts[i] = {const_cast<char*>(data[sent + i].data()), data[sent + i].size()};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = const_cast<sockaddr*>(to.data());
      headers[i].msg_hdr.msg_namelen = to.size();
    }
    sent += static_cast<std::size_t>(check(
        retry_interrupted([&] {
          return ::sendmmsg(socket_.get(), headers, static_cast<unsigned>(count), MSG_NOSIGNAL);
        }),
        "sendmmsg", to.host()));
  }
}

datagram_batch::datagram_batch(std::size_t count, std::size_t limit)
    : limit_(limit),
      bytes_(count * limit),
      addresses_(count),
      parts_(count),
      headers_(count),
      segments_(count),
      controls_(count * control_bytes) {
  for (std::size_t i = 0; i < count; ++i) {
    parts_[i] = {bytes(i), limit};
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = addresses_[i].data();
  }
}

void datagram_batch::add(std::string_view data, const socket_address& to) {
  if (is_full()) throw std::length_error("the batch of datagrams is full");
  if (data.size() > limit_) throw std::length_error("the datagram exceeds the limit of its batch");
  data.copy(bytes(size_), data.size());
  parts_[size_].iov_len = data.size();
  addresses_[size_] = to;
  headers_[size_].msg_hdr.msg_flags = 0;
  ++size_;
}

std::size_t udp_socket::receive(datagram_batch& batch, deadline until) {
  batch.clear();
  for (std::size_t i = 0; i < batch.capacity(); ++i) {
    batch.parts_[i].iov_len = batch.limit_;
    batch.headers_[i].msg_hdr.msg_namelen = socket_address::capacity;
  }
  if (batch.capacity() == 0) return 0;
  const int taken = when_ready(socket_.get(), POLLIN, until, "recvmmsg", [&] {
    return ::recvmmsg(socket_.get(), batch.headers_.data(), static_cast<unsigned>(batch.capacity()),
                      MSG_DONTWAIT, nullptr);
  });
  batch.size_ = static_cast<std::size_t>(taken);
  for (std::size_t i = 0; i < batch.size_; ++i) {
    batch.parts_[i].iov_len = batch.headers_[i].msg_len;
    batch.addresses_[i].size() = batch.headers_[i].msg_hdr.msg_namelen;
  }
  return batch.size_;
}

void udp_socket::send(datagram_batch& batch) {
  std::size_t sent = is_segmenting_ ? send_segmented(batch) : 0;
  for (std::size_t i = sent; i < batch.size_; ++i) {
    batch.headers_[i].msg_hdr.msg_namelen = batch.addresses_[i].size();
  }
  sent += send_messages(socket_.get(), batch.headers_.data() + sent, batch.size_ - sent);
  if (sent < batch.size_) throw_system_error(errno, "sendmmsg", batch.address(sent).host());
}

// How many of those from `first` on are alike, and so may go as one piece.
std::size_t datagram_batch::alike(std::size_t first) const {
  const std::size_t each = parts_[first].iov_len;
  if (each == 0) return 1;
  const std::size_t most = std::clamp<std::size_t>(most_segment_bytes / each, 1, most_segments);
  std::size_t end = first + 1;
  while (end < size_ && end - first < most && parts_[end].iov_len == each &&
         is_same(addresses_[end], addresses_[first])) {
    ++end;
  }
  return end - first;
}

// One message that the kernel cuts into so many.
void datagram_batch::make_segment(std::size_t which, std::size_t first, std::size_t count) {
  msghdr& row = segments_[which].msg_hdr;
  row = {};
  row.msg_name = addresses_[first].data();
  row.msg_namelen = addresses_[first].size();
  row.msg_iov = &parts_[first];
  row.msg_iovlen = count;
  if (count == 1) return;
  row.msg_control = controls_.data() + which * control_bytes;
  row.msg_controllen = control_bytes;
  cmsghdr& cut = *CMSG_FIRSTHDR(&row);
  cut.cmsg_level = IPPROTO_UDP;
  cut.cmsg_type = UDP_SEGMENT;
  cut.cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto size = static_cast<std::uint16_t>(parts_[first].iov_len);
  std::memcpy(CMSG_DATA(&cut), &size, sizeof(size));
}

// How many datagrams were sent: all, but where the kernel does not cut them, or not these.
std::size_t udp_socket::send_segmented(datagram_batch& batch) {
  std::size_t rows = 0;
  for (std::size_t first = 0; first < batch.size_; ++rows) {
    const std::size_t count = batch.alike(first);
    batch.make_segment(rows, first, count);
    first += count;
  }
  const std::size_t sent_rows = send_messages(socket_.get(), batch.segments_.data(), rows);
  const int failure = errno;
  std::size_t sent = 0;
  for (std::size_t i = 0; i < sent_rows; ++i) sent += batch.segments_[i].msg_hdr.msg_iovlen;
  if (sent_rows == rows) return sent;
  const bool is_refusal = failure == EINVAL || failure == EIO || failure == EMSGSIZE ||
                          failure == ENOPROTOOPT || failure == EOPNOTSUPP;
  if (batch.segments_[sent_rows].msg_hdr.msg_iovlen == 1 || !is_refusal) {
    throw_system_error(failure, "sendmmsg", batch.address(sent).host());
  }
  // Longer than the way takes whole, an old kernel, a device that cannot: one by one from now on.
  is_segmenting_ = false;
  return sent;
}

socket_address udp_socket::local_name() const {
  socket_address name;
  check(::getsockname(socket_.get(), name.data(), &name.size()), "getsockname");
  return name;
}

}  // namespace ref
