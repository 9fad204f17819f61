// Servers that send back what they get, one process each, and the load that is put on them.
//
// The load generator is the same for all, uses the kernel's leanest calls, and has a processor of
// its own where there are two. What it measures is the server and the way there and back.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/rows.h"

namespace assay::bench {

/// A server: `serve` runs in a process of its own until that is killed. It listens at 127.0.0.1.
struct echo_server {
  std::string name;
  std::function<void(std::uint16_t port)> serve;
};

std::vector<echo_server> udp_echo_servers();
/// Each takes any number of connections.
std::vector<echo_server> tcp_echo_servers();
/// Each takes one connection, reads it to its end and answers with the number of bytes, 8 bytes in
/// the machine's order.
std::vector<echo_server> tcp_sink_servers();

/// A server's process, pinned to the first allowed processor; killed when this goes.
class echo_process {
 public:
  explicit echo_process(const echo_server& server);
  ~echo_process();
  echo_process(const echo_process&) = delete;
  echo_process& operator=(const echo_process&) = delete;

  /// Time that it has spent on a processor, which does not depend on what else the machine does.
  std::chrono::nanoseconds processor_time() const;
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_;
  pid_t child_ = -1;
};

/// What a load made of a server.
struct load_result {
  double seconds = 0;
  std::uint64_t items = 0;
  std::chrono::nanoseconds server_time{};  ///< the server's processor time meanwhile
  char problem[120] = "";                  ///< empty: all answers were right

  timing elapsed() const { return {seconds, static_cast<std::int64_t>(items)}; }
  timing of_server() const {
    return {std::chrono::duration<double>(server_time).count(), static_cast<std::int64_t>(items)};
  }
};

/// Starts the server and puts the load on it, from a process on the second allowed processor.
/// Throws std::runtime_error for a problem.
load_result under_load(const echo_server& server,
                       const std::function<load_result(const echo_process&)>& load);

/// Datagrams of `bytes` bytes, so many under way, for so long. Before that a thousand are sent and
/// each answer is compared.
load_result udp_load(const echo_process& server, std::size_t bytes, std::size_t window,
                     double seconds);
/// Messages of `bytes` bytes, one under way on each connection.
load_result tcp_load(const echo_process& server, std::size_t bytes, std::size_t connections,
                     double seconds);
/// One connection, `bytes` bytes; items are bytes.
load_result tcp_stream(const echo_process& server, std::uint64_t bytes);

}  // namespace assay::bench
