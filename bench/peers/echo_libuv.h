// Echo by libuv, with its batches of datagrams.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace assay::bench::libuv_echo {

inline void checked(int result) {
  if (result < 0) throw std::runtime_error(std::string("libuv: ") + ::uv_strerror(result));
}

inline sockaddr_in here(std::uint16_t port) {
  sockaddr_in address{};
  checked(::uv_ip4_addr("127.0.0.1", port, &address));
  return address;
}

// With room for several datagrams of the greatest length libuv takes them by recvmmsg(2).
inline void udp(std::uint16_t port) {
  static std::vector<char> room(std::size_t{20} * 65536);
  uv_loop_t loop;
  uv_udp_t socket;
  checked(::uv_loop_init(&loop));
  checked(::uv_udp_init_ex(&loop, &socket, AF_INET | UV_UDP_RECVMMSG));
  const sockaddr_in address = here(port);
  checked(::uv_udp_bind(&socket, reinterpret_cast<const sockaddr*>(&address), 0));
  const auto give_room = [](uv_handle_t*, std::size_t, uv_buf_t* buffer) {
    *buffer = ::uv_buf_init(room.data(), static_cast<unsigned>(room.size()));
  };
  const auto answer = [](uv_udp_t* by, ssize_t got, const uv_buf_t* buffer, const sockaddr* from,
                         unsigned) {
    if (got < 0 || from == nullptr) return;
    const uv_buf_t data = ::uv_buf_init(buffer->base, static_cast<unsigned>(got));
    ::uv_udp_try_send(by, &data, 1, from);
  };
  checked(::uv_udp_recv_start(&socket, give_room, answer));
  ::uv_run(&loop, UV_RUN_DEFAULT);
}

struct connection {
  uv_tcp_t socket;
  std::uint64_t taken = 0;
  std::array<char, 256 << 10> bytes;
};

inline void close(uv_handle_t* of) {
  ::uv_close(of, [](uv_handle_t* closed) { delete static_cast<connection*>(closed->data); });
}

// Small answers fit the socket's buffer, which uv_try_write(3) tries without a request.
inline void on_echo(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer) {
  if (got < 0) return close(reinterpret_cast<uv_handle_t*>(stream));
  const uv_buf_t data = ::uv_buf_init(buffer->base, static_cast<unsigned>(got));
  if (got > 0 && ::uv_try_write(stream, &data, 1) != got) {
    close(reinterpret_cast<uv_handle_t*>(stream));
  }
}

inline void on_sink(uv_stream_t* stream, ssize_t got, const uv_buf_t*) {
  auto& of = *static_cast<connection*>(stream->data);
  if (got > 0) of.taken += static_cast<std::uint64_t>(got);
  if (got >= 0) return;
  const uv_buf_t data = ::uv_buf_init(reinterpret_cast<char*>(&of.taken), sizeof of.taken);
  ::uv_try_write(stream, &data, 1);
  close(reinterpret_cast<uv_handle_t*>(stream));
}

template <uv_read_cb OnRead>
void serve(std::uint16_t port) {
  uv_loop_t loop;
  uv_tcp_t listener;
  checked(::uv_loop_init(&loop));
  checked(::uv_tcp_init(&loop, &listener));
  const sockaddr_in address = here(port);
  checked(::uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0));
  const auto on_connection = [](uv_stream_t* of, int status) {
    if (status < 0) return;
    auto* made = new connection;
    ::uv_tcp_init(of->loop, &made->socket);
    made->socket.data = made;
    auto* stream = reinterpret_cast<uv_stream_t*>(&made->socket);
    if (::uv_accept(of, stream) != 0) return close(reinterpret_cast<uv_handle_t*>(stream));
    ::uv_tcp_nodelay(&made->socket, 1);
    const auto give_room = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
      auto& room = static_cast<connection*>(handle->data)->bytes;
      *buffer = ::uv_buf_init(room.data(), static_cast<unsigned>(room.size()));
    };
    ::uv_read_start(stream, give_room, OnRead);
  };
  checked(::uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 1024, on_connection));
  ::uv_run(&loop, UV_RUN_DEFAULT);
}

}  // namespace assay::bench::libuv_echo
