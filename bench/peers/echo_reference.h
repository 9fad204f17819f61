// Echo by the reference's sockets: in batches, one at a time, and by green threads.
#pragma once

#include <netinet/tcp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impl/coroutine/green_watch.h"
#include "impl/net/tcp_socket.h"
#include "impl/net/udp_socket.h"

namespace assay::bench::reference {

inline void udp_batches(std::uint16_t port) {
  ref::udp_socket socket;
  socket.bind("127.0.0.1", port);
  ref::datagram_batch batch;
  for (;;) {
    socket.receive(batch);
    socket.send(batch);
  }
}

inline void udp_one_by_one(std::uint16_t port) {
  ref::udp_socket socket;
  socket.bind("127.0.0.1", port);
  for (;;) {
    const ref::datagram got = socket.receive_from(2048);
    socket.send_to(got.data, got.from);
  }
}

/// Has a socket's calls wait on the hub of green threads.
inline void wait_green(ref::tcp_socket& socket, ref::green_watch& watch) {
  socket.set_waiter([&watch](short events, ref::deadline until) {
    watch.wait(events, until.is_never() ? std::nullopt : std::optional(until.remaining()));
  });
}

inline void echo_on(ref::tcp_socket socket) {
  ref::green_watch watch(socket.descriptor());
  wait_green(socket, watch);
  std::array<char, 16384> bytes;
  while (const std::size_t got = socket.receive_into(bytes.data(), bytes.size())) {
    socket.send_all({bytes.data(), got});
  }
}

inline void tcp_green(std::uint16_t port) {
  ref::tcp_socket listener;
  listener.set_reuse_address(true);
  listener.bind(ref::resolve(ref::family::inet, "127.0.0.1", port));
  listener.listen();
  const auto acceptor = ref::green::spawn([&]() -> std::any {
    ref::green_watch watch(listener.descriptor());
    wait_green(listener, watch);
    for (;;) {
      auto made = std::make_shared<ref::tcp_socket>(listener.accept().socket);
      made->set_option(IPPROTO_TCP, TCP_NODELAY, 1);
      ref::green::spawn([made] {
        echo_on(std::move(*made));
        return std::any();
      });
    }
  });
  acceptor->join();
}

inline void tcp_sink(std::uint16_t port) {
  ref::tcp_listener listener("127.0.0.1", port);
  std::vector<char> bytes(256 << 10);
  for (;;) {
    ref::tcp_socket socket = listener.accept().socket;
    std::uint64_t taken = 0;
    while (const std::size_t got = socket.receive_into(bytes.data(), bytes.size())) taken += got;
    socket.send_all({reinterpret_cast<const char*>(&taken), sizeof taken});
  }
}

}  // namespace assay::bench::reference
