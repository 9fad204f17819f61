// How many small messages a second a server sends back on 64 connections, and how fast it takes one
// long stream.
//
// Shows: what a server's calls and its waiting cost for each message, or for each byte, over
// loopback, on a processor of its own. Does not show: a network, connecting, slow readers, more
// work a message than sending it back. The client is the same for all. It compares the first twenty
// answers on each connection; a stream's server must have counted all its bytes.
#include "bench/peers/echo.h"
#include "bench/rows.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

constexpr std::size_t message_bytes = 64;
constexpr std::size_t connections = 64;

load_result echo(const echo_process& server) {
  return tcp_load(server, message_bytes, connections, is_quick() ? 0.1 : 0.5);
}

load_result stream(const echo_process& server) {
  return tcp_stream(server, std::uint64_t{is_quick() ? 128u : 1024u} << 20);
}

void add_rows() {
  for (const auto& server : tcp_echo_servers()) {
    add_rate("tcp/echo of 64 B, 64 connections/" + server.name,
             "messages a second there and back, one under way on each connection",
             [=] { return under_load(server, echo).elapsed(); });
    add_row("tcp/echo of 64 B, processor time/" + server.name,
            "what a message costs the server, whatever else the machine does",
            benchmark::kMicrosecond, [=] { return under_load(server, echo).of_server(); });
  }
  for (const auto& server : tcp_sink_servers()) {
    add_byte_rate("tcp/one long stream/" + server.name,
                  "bytes a second that a reader takes, sent in pieces of 256 KiB",
                  [=] { return under_load(server, stream).elapsed(); });
  }
  add_testees("tcp");
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
