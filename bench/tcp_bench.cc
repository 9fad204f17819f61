// How many small messages a second a server sends back on 64 connections, and how fast it takes one
// long stream.
//
// Shows: what a server's calls and its waiting cost for each message, or for each byte, over
// loopback, on a processor of its own. Does not show: a network, connecting, slow readers, more
// work a message than sending it back. The client is the same for all. It compares the first twenty
// answers on each connection; a stream's server must have counted all its bytes.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "bench/peers/echo.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

constexpr std::size_t message_bytes = 64;
constexpr std::size_t connections = 64;

bool is_quick() { return std::getenv("ASSAY_BENCH_QUICK") != nullptr; }

enum class measures { rate, processor_time };

void echo(benchmark::State& state, const echo_server& server, measures what) {
  for (auto _ : state) {
    const echo_process running(server);
    const load_result got = under_load(
        [&] { return tcp_load(running, message_bytes, connections, is_quick() ? 0.1 : 0.5); });
    if (got.problem[0] != '\0') return state.SkipWithError(got.problem);
    if (what == measures::processor_time) {
      state.SetIterationTime(got.server_seconds_each());
    } else {
      state.SetIterationTime(got.seconds);
      state.SetItemsProcessed(static_cast<std::int64_t>(got.items));
    }
  }
  state.SetLabel(what == measures::rate
                     ? "messages a second there and back, one under way on each connection"
                     : "what a message costs the server, whatever else the machine does");
}

void stream(benchmark::State& state, const echo_server& server) {
  const std::uint64_t bytes = std::uint64_t{is_quick() ? 128u : 1024u} << 20;
  for (auto _ : state) {
    const echo_process running(server);
    const load_result got = under_load([&] { return tcp_stream(running, bytes); });
    if (got.problem[0] != '\0') return state.SkipWithError(got.problem);
    state.SetIterationTime(got.seconds);
    state.SetBytesProcessed(static_cast<std::int64_t>(got.items));
  }
  state.SetLabel("bytes a second that a reader takes, sent in pieces of 256 KiB");
}

template <typename... Arguments>
void add(const char* behaviour, const echo_server& server, Arguments... body) {
  const std::string name = "tcp/" + std::string(behaviour) + "/" + server.name;
  benchmark::RegisterBenchmark(name.c_str(), body...)
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
  for (const auto& server : tcp_echo_servers()) {
    add("echo of 64 B, 64 connections", server, echo, server, measures::rate);
    add("echo of 64 B, processor time", server, echo, server, measures::processor_time);
  }
  for (const auto& server : tcp_sink_servers()) add("one long stream", server, stream, server);
  add_testees("tcp");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
