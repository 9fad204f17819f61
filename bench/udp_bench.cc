// How many datagrams a second a server sends back, with 64 of 64 bytes under way.
//
// Shows: what a server's calls cost for each small datagram, over loopback, on a processor of its
// own. Does not show: a network, its losses and its interrupts, many clients, large datagrams. The
// client takes and sends batches and is the same for all. It compares the first thousand answers
// with what was sent; one datagram lost makes the row invalid.
#include "bench/peers/echo.h"
#include "bench/rows.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

constexpr std::size_t datagram_bytes = 64;
constexpr std::size_t window = 64;

load_result echo(const echo_process& server) {
  return udp_load(server, datagram_bytes, window, is_quick() ? 0.1 : 0.5);
}

void add_rows() {
  for (const auto& server : udp_echo_servers()) {
    add_rate("udp/echo of 64 B, window 64/" + server.name,
             "datagrams a second there and back, 64 under way",
             [=] { return under_load(server, echo).elapsed(); });
    add_row("udp/echo of 64 B, processor time/" + server.name,
            "what a datagram costs the server, whatever else the machine does",
            benchmark::kMicrosecond, [=] { return under_load(server, echo).of_server(); });
  }
  add_testees("udp");
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
