// A raw HTTP/1.1 client for judging servers: sends any bytes, reads responses strictly.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace assay {

/// What a server did that no HTTP/1.1 server may do, or did not do in time.
class http_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct http_response {
  std::string version;  ///< "HTTP/1.1"
  int status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< decoded from Content-Length, chunked or the end of the connection

  /// First value of a field, by case-insensitive name.
  std::optional<std::string> header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

/// One TCP connection to a server. Movable; closes on destruction.
/// Every read has a deadline (scaled); past it `http_failure` is thrown, which becomes a failed
/// requirement with the bytes seen so far in its message and the exchange in the transcript.
class http_connection {
 public:
  static http_connection open(std::uint16_t port, std::optional<int> receive_buffer = {});
  http_connection(http_connection&& other) noexcept;
  http_connection& operator=(http_connection&& other) noexcept;
  ~http_connection();

  int descriptor() const { return descriptor_; }
  std::uint16_t local_port() const;

  /// Sends all bytes; false when the peer has closed or reset the connection.
  bool send(std::string_view bytes);
  /// Sends in pieces, each in a segment of its own (TCP_NODELAY). Before each next one it waits
  /// until the kernel shows that the server has read the piece; where the server is busy with
  /// something else for 20 ms (scaled), that its kernel acknowledged it.
  bool send_pieces(const std::vector<std::string_view>& pieces);

  /// Reads one response. `head`: the request was a HEAD, so no body follows.
  /// Throws http_failure on malformed bytes, on the end of the connection, at the deadline.
  http_response read_response(bool head = false,
                              std::chrono::nanoseconds timeout = std::chrono::seconds(5));
  /// Like read_response, but nullopt when the connection ends cleanly or by reset before any byte.
  std::optional<http_response> try_read_response(
      bool head = false, std::chrono::nanoseconds timeout = std::chrono::seconds(5));
  /// Everything until the end of the connection (bounded at 256 MiB).
  std::string read_to_end(std::chrono::nanoseconds timeout = std::chrono::seconds(5));
  /// Up to `limit` bytes as they come; empty at the end of the connection.
  std::string read_some(std::size_t limit,
                        std::chrono::nanoseconds timeout = std::chrono::seconds(5));
  /// True once the server has closed (end of file or reset) within the timeout.
  bool is_closed_by_peer(std::chrono::nanoseconds timeout = std::chrono::seconds(5));

  void shutdown_write();
  /// Sends these few bytes and ends this side, so that the server learns of both at once.
  bool send_last(std::string_view bytes);
  /// Closes with a reset (SO_LINGER 0).
  void reset();
  void close();

 private:
  bool send(std::string_view bytes, int flags);
  explicit http_connection(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
  std::string buffer_;  // read and not yet consumed
};

}  // namespace assay
