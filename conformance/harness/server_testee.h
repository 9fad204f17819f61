// A network server under test: met by its port, watched through /proc.
//
//   auto client = server().connect();
//   client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
//   EXPECT_EQ(client.read_response().status, 200);
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/http_client.h"

namespace assay {

/// How a server is started; the defaults are those of the shared one.
struct server_options {
  std::optional<int> descriptor_limit;  ///< RLIMIT_NOFILE of the server
  std::vector<std::string> extra_arguments;
  std::optional<std::uint16_t> port;  ///< in place of one that the kernel picks
};

/// How a process ended.
struct ending {
  std::optional<int> exit_code;
  std::optional<int> signal_number;
  std::string out;  ///< captured standard output (bounded)
  std::string err;
};

/// A running server. Owns the process and all its descendants.
class server_process {
 public:
  struct impl;
  explicit server_process(std::unique_ptr<impl> state);
  server_process(server_process&&) noexcept;
  ~server_process();

  std::uint16_t port() const;
  /// The process that the command started (for nginx the master).
  pid_t pid() const;
  /// It and all its descendants.
  std::vector<pid_t> pids() const;
  /// The document root that it serves: a fresh copy of fixtures/html with, beside it,
  /// `secret.txt` (outside the root), and in it `large.bin` (100 MiB, sparse, byte i*4096 is
  /// i mod 251) and the links `link-inside` and `link-outside`.
  std::filesystem::path root() const;
  /// A new connection to 127.0.0.1; throws when it is refused.
  http_connection connect() const;
  bool is_running() const;
  /// Waits for its end; false when it still runs after the timeout.
  bool wait(std::chrono::nanoseconds timeout) const;
  bool was_stopped() const;  ///< by `stop`
  /// How it ended and what it said last; empty while it runs.
  std::string describe_end() const;
  /// Captured so far.
  std::string out() const;
  std::string err() const;
  /// Sends the signal to the main process and waits for its end, at most `timeout` (scaled).
  /// Still running then: nullopt, and the process is killed.
  std::optional<ending> stop(int signal_number, std::chrono::nanoseconds timeout);

 private:
  std::unique_ptr<impl> impl_;
};

/// The testee's shared server; started on first use, kept for later requirements and started anew
/// after a requirement that it did not survive.
server_process& server();

/// An instance of its own for this test, for special options or to be stopped.
server_process start_server(const server_options& options = {});

/// Runs the server's command with exactly these arguments in place of the configured ones, for the
/// usage line; waits for its end at most `timeout` (scaled). nullopt: it was still running and was
/// killed. `std::nullopt` is also returned where the testee says it has no such command line
/// (`[server] plain_command` absent): check `has_plain_command()` first.
std::optional<ending> run_server_program(const std::vector<std::string>& arguments,
                                         std::chrono::nanoseconds timeout);
bool has_plain_command();

/// A port of 127.0.0.1 that was free a moment ago. Another program may take it before a server
/// does: then the start is to be tried again. Throws std::system_error.
std::uint16_t free_tcp_port();

}  // namespace assay
