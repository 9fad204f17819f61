// The floors of the echo benchmarks: the kernel's calls in a loop, and nothing that a server needs
// besides: no errors, no slow readers, no ends but that of a connection.
#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "impl/base/system_call.h"

namespace assay::bench::floors {

inline int bound(int type, std::uint16_t port) {
  const int socket = ref::check(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_port = htons(port);
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ref::check(::bind(socket, reinterpret_cast<const sockaddr*>(&here), sizeof here), "bind");
  if (type == SOCK_STREAM) ref::check(::listen(socket, 1024), "listen");
  return socket;
}

inline int accepted(int listener, int flags) {
  const int socket = ::accept4(listener, nullptr, nullptr, flags | SOCK_CLOEXEC);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

inline void udp_blocking(std::uint16_t port) {
  const int socket = bound(SOCK_DGRAM, port);
  std::array<char, 2048> bytes;
  for (;;) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(socket, bytes.data(), bytes.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) continue;
    ::sendto(socket, bytes.data(), static_cast<std::size_t>(got), 0,
             reinterpret_cast<const sockaddr*>(&from), size);
  }
}

inline void udp_batches(std::uint16_t port) {
  constexpr std::size_t most = 64;
  const int socket = bound(SOCK_DGRAM, port);
  static std::array<std::array<char, 2048>, most> bytes;
  std::array<sockaddr_in, most> from{};
  std::array<iovec, most> parts{};
  std::array<mmsghdr, most> headers{};
  for (std::size_t i = 0; i < most; ++i) {
    parts[i] = {bytes[i].data(), bytes[i].size()};
    headers[i].msg_hdr.msg_iov = &parts[i];
    headers[i].msg_hdr.msg_iovlen = 1;
    headers[i].msg_hdr.msg_name = &from[i];
    headers[i].msg_hdr.msg_namelen = sizeof from[i];
  }
  for (;;) {
    const int got = ::recvmmsg(socket, headers.data(), most, MSG_WAITFORONE, nullptr);
    if (got <= 0) continue;
    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count; ++i) parts[i].iov_len = headers[i].msg_len;
    ::sendmmsg(socket, headers.data(), static_cast<unsigned>(got), 0);
    for (std::size_t i = 0; i < count; ++i) parts[i].iov_len = bytes[i].size();
  }
}

inline void tcp_epoll(std::uint16_t port) {
  const int listener = bound(SOCK_STREAM, port);
  const int epoll = ::epoll_create1(0);
  const auto watch = [&](int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
  };
  watch(listener);
  std::array<epoll_event, 64> ready;
  std::array<char, 16384> bytes;
  for (;;) {
    const int count = ::epoll_wait(epoll, ready.data(), ready.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = ready[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener) {
        watch(accepted(listener, SOCK_NONBLOCK));
        continue;
      }
      const ssize_t got = ::recv(descriptor, bytes.data(), bytes.size(), 0);
      if (got <= 0) {
        ::close(descriptor);
      } else {
        ::send(descriptor, bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }
}

inline void tcp_sink(std::uint16_t port) {
  const int listener = bound(SOCK_STREAM, port);
  std::vector<char> bytes(256 << 10);
  for (;;) {
    const int socket = accepted(listener, 0);
    std::uint64_t taken = 0;
    for (ssize_t got = 0; (got = ::recv(socket, bytes.data(), bytes.size(), 0)) > 0;) {
      taken += static_cast<std::uint64_t>(got);
    }
    ::send(socket, &taken, sizeof taken, MSG_NOSIGNAL);
    ::close(socket);
  }
}

}  // namespace assay::bench::floors
