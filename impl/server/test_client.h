// For the tests of this part: a client that waits, but not for ever.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"

namespace ref::server::testing {

/// 0, or why nobody takes connections there.
inline int connect_error(int socket, std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 ? 0 : errno;
}

class test_client {
 public:
  explicit test_client(std::uint16_t port)
      : socket_(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    const timeval most{60, 0};  // a hang becomes a failure
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    if (const int error = connect_error(socket_.get(), port)) throw_system_error(error, "connect");
  }

  int descriptor() const { return socket_.get(); }

  void send(std::string_view bytes) {
    check(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), "send");
  }
  void get(const std::string& target, const std::string& fields = "") {
    send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n");
  }
  void end() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_.reset(); }
  /// Closes with a reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket_.reset();
  }

  /// The next bytes: at least one, or "" at the end.
  std::string some() {
    std::string piece(64 * 1024, '\0');
    const ssize_t got = check(
        retry_interrupted([&] { return ::recv(socket_.get(), piece.data(), piece.size(), 0); }),
        "recv");
    piece.resize(static_cast<std::size_t>(got));
    return piece;
  }
  bool has_some() const {
    char byte;
    return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  }
  /// Takes what there is, at least a byte, without a look at it: how many bytes.
  std::size_t discard() {
    constexpr std::size_t most = 4 << 20;
    return static_cast<std::size_t>(
        check(::recv(socket_.get(), nullptr, most, MSG_TRUNC), "recv MSG_TRUNC"));
  }
  /// All up to the end.
  std::string rest() {
    std::string all = std::move(kept_);
    kept_.clear();
    for (std::string piece = some(); !piece.empty(); piece = some()) all += piece;
    return all;
  }
  /// Up to and with `end`; what came behind it is kept for the next call.
  std::string until(std::string_view end) {
    for (;;) {
      if (const auto at = kept_.find(end); at != kept_.npos) {
        std::string wanted = kept_.substr(0, at + end.size());
        kept_.erase(0, at + end.size());
        return wanted;
      }
      const std::string piece = some();
      if (piece.empty()) return std::move(kept_);
      kept_ += piece;
    }
  }
  std::string head() { return until("\r\n\r\n"); }

 private:
  file_descriptor socket_;
  std::string kept_;
};

}  // namespace ref::server::testing
