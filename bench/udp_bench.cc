// How many datagrams a second a server sends back, with 64 of 64 bytes under way.
//
// Shows: what a server's calls cost for each small datagram, over loopback, on a processor of its
// own. Does not show: a network, its losses and its interrupts, many clients, large datagrams. The
// client takes and sends batches and is the same for all. It compares the first thousand answers
// with what was sent; one datagram lost makes the row invalid.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "bench/peers/echo.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

constexpr std::size_t datagram_bytes = 64;
constexpr std::size_t window = 64;

enum class measures { rate, processor_time };

void echo(benchmark::State& state, const echo_server& server, measures what) {
  const double seconds = std::getenv("ASSAY_BENCH_QUICK") != nullptr ? 0.1 : 0.5;
  for (auto _ : state) {
    const echo_process running(server);
    const load_result got =
        under_load([&] { return udp_load(running, datagram_bytes, window, seconds); });
    if (got.problem[0] != '\0') return state.SkipWithError(got.problem);
    if (what == measures::processor_time) {
      state.SetIterationTime(got.server_seconds_each());
    } else {
      state.SetIterationTime(got.seconds);
      state.SetItemsProcessed(static_cast<std::int64_t>(got.items));
    }
  }
  state.SetLabel(what == measures::rate
                     ? "datagrams a second there and back, 64 under way"
                     : "what a datagram costs the server, whatever else the machine does");
}

void add(const char* behaviour, const echo_server& server, measures what) {
  const std::string name = "udp/" + std::string(behaviour) + "/" + server.name;
  benchmark::RegisterBenchmark(name.c_str(), echo, server, what)
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  for (const auto& server : udp_echo_servers()) {
    add("echo of 64 B, window 64", server, measures::rate);
    add("echo of 64 B, processor time", server, measures::processor_time);
  }
  add_testees("udp");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
