// A static file server: one thread, one epoll instance, any number of clients.
//
//   ref::server::options chosen;
//   chosen.root = "html";
//   chosen.port = 8080;
//   ref::server::server server(chosen);       // listens from here on
//   server.run();                             // until stop() or SIGTERM
//
// Every answer is written without waiting: a client that reads slowly, writes slowly, resets or
// never speaks costs nobody else more than its own few hundred bytes, and one that reads as fast as
// it is written to has its turn among others. Requests of a connection are answered in order; while
// an answer waits for its client, no more of that client is read.
// Not for several threads, but for `stop`, which any thread or signal handler may call. After a
// fork only one process may go on with it.
// Source: the notes' chapter on the epoll server; RFC 9110 and RFC 9112.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace ref::server {

struct options {
  std::string host = "0.0.0.0";  ///< address to listen at, IPv4 or IPv6
  std::uint16_t port = 0;        ///< 0: the kernel picks one
  std::string root = "html";
  bool shares_port = false;                 ///< SO_REUSEPORT, for several processes
  std::chrono::seconds header_timeout{10};  ///< from the first byte of a request to its last
  std::chrono::seconds idle_timeout{60};    ///< between requests
  std::chrono::seconds write_timeout{60};   ///< without the client taking a byte
  std::chrono::milliseconds grace{2000};    ///< for answers under way when told to stop
  std::uint64_t body_limit = 1 << 20;       ///< bytes of a request's body; beyond: 413
  std::size_t connection_limit = 0;         ///< 0: what RLIMIT_NOFILE allows
};

class server {
 public:
  /// Listens. Throws std::system_error when the address is taken or no address, or the root no
  /// directory.
  explicit server(const options& chosen);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  std::uint16_t port() const;
  /// Serves until told to stop; then takes no more clients, finishes what is under way and returns.
  void run();
  void stop();

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace ref::server
