#include "impl/net/udp_socket.h"

#include <algorithm>

#include "impl/net/waiting.h"

namespace ref {
namespace {

constexpr std::size_t batch_size = 64;

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

socket_address udp_socket::local_name() const {
  socket_address name;
  check(::getsockname(socket_.get(), name.data(), &name.size()), "getsockname");
  return name;
}

}  // namespace ref
