// Echo by Boost.Asio, asynchronously in one thread.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <memory>
#include <vector>

namespace assay::bench::asio_echo {

namespace asio = boost::asio;
using boost::system::error_code;

class udp_server {
 public:
  udp_server(asio::io_context& io, std::uint16_t port)
      : socket_(io, {asio::ip::address_v4::loopback(), port}) {
    next();
  }

 private:
  // What is received is sent at once, which hardly ever waits.
  void next() {
    socket_.async_receive_from(asio::buffer(bytes_), from_,
                               [this](const error_code& failed, std::size_t got) {
                                 error_code ignored;
                                 if (!failed) {
                                   socket_.send_to(asio::buffer(bytes_, got), from_, 0, ignored);
                                 }
                                 next();
                               });
  }
  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  std::array<char, 2048> bytes_;
};

inline void udp(std::uint16_t port) {
  asio::io_context io(1);
  const udp_server server(io, port);
  io.run();
}

class session : public std::enable_shared_from_this<session> {
 public:
  explicit session(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  void next() {
    socket_.async_read_some(asio::buffer(bytes_),
                            [self = shared_from_this()](const error_code& failed, std::size_t got) {
                              if (!failed) self->answer(got);
                            });
  }

 private:
  void answer(std::size_t got) {
    asio::async_write(socket_, asio::buffer(bytes_, got),
                      [self = shared_from_this()](const error_code& failed, std::size_t) {
                        if (!failed) self->next();
                      });
  }
  asio::ip::tcp::socket socket_;
  std::array<char, 16384> bytes_;
};

template <typename Accepted>
void accept_all(asio::ip::tcp::acceptor& acceptor, Accepted accepted) {
  acceptor.async_accept(
      [&acceptor, accepted](const error_code& failed, asio::ip::tcp::socket socket) {
        if (!failed) accepted(std::move(socket));
        accept_all(acceptor, accepted);
      });
}

inline void tcp(std::uint16_t port) {
  asio::io_context io(1);
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  accept_all(acceptor, [](asio::ip::tcp::socket socket) {
    std::make_shared<session>(std::move(socket))->next();
  });
  io.run();
}

inline void sink(std::uint16_t port) {
  asio::io_context io(1);
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  std::vector<char> bytes(256 << 10);
  for (;;) {
    asio::ip::tcp::socket socket = acceptor.accept();
    std::uint64_t taken = 0;
    error_code end;
    while (!end) taken += socket.read_some(asio::buffer(bytes), end);
    asio::write(socket, asio::buffer(&taken, sizeof taken), end);
  }
}

}  // namespace assay::bench::asio_echo
