// How many requests a second a server of static files answers on one core, under wrk with 64
// connections from two others, and how long one request takes.
//
// Shows: one file, over and over, from the page cache, over loopback. Does not show: many files, a
// slow disk, a real network, TLS. wrk runs whole seconds. Each server is asked once before, and its
// answer compared; errors that wrk counts make the row invalid, but for servers that close each
// connection.
#include <benchmark/benchmark.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "bench/peers/servers.h"
#include "bench/peers/wrk.h"
#include "conformance/harness/child_process.h"
#include "conformance/harness/http_client.h"
#include "conformance/harness/scratch_directory.h"
#include "conformance/harness/server_testee.h"
#include "conformance/harness/testee.h"

namespace assay::bench {
namespace {

using namespace std::chrono_literals;

struct file {
  std::string label;
  std::string name;
  std::size_t bytes;
};
const file small{"1 KiB", "small", 1 << 10};
const file large{"100 KiB", "large", 100 << 10};

bool is_quick() { return std::getenv("ASSAY_BENCH_QUICK") != nullptr; }

// The server on the first core, the load on two others, or on the one that there is.
std::vector<std::string> pinned(const std::string& cores, std::vector<std::string> command) {
  if (std::thread::hardware_concurrency() < 2) return command;
  command.insert(command.begin(), {"taskset", "-c", cores});
  return command;
}
std::string load_cores() { return std::thread::hardware_concurrency() > 2 ? "1,2" : "1"; }

// The answer to one request; an empty status when there is none in time.
bool answers(std::uint16_t port, const file& of) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < until) {
    try {
      auto client = http_connection::open(port);
      client.send("GET /" + of.name + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      const auto response = client.read_response();
      return response.status == 200 && response.body == std::string(of.bytes, 'x');
    } catch (const std::exception&) {
      std::this_thread::sleep_for(10ms);
    }
  }
  return false;
}

bool keeps_connections(std::uint16_t port, const file& of) {
  try {
    auto client = http_connection::open(port);
    for (int request = 0; request < 2; ++request) {
      client.send("GET /" + of.name + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.read_response();
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::optional<wrk_report> load(std::uint16_t port, const file& of) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/" + of.name;
  launch_options options;
  options.command =
      pinned(load_cores(), {"wrk", "-t2", "-c64", is_quick() ? "-d1s" : "-d3s", "--latency", url});
  options.directory = "/";
  child_process wrk(options);
  if (wrk.wait(60s) != 0) return std::nullopt;
  wrk.end(0s);  // all that it printed has been read then
  return parse_wrk(wrk.out());
}

void serve(benchmark::State& state, const server_peer& peer, const file& of) {
  bool keeps = true;
  for (auto _ : state) {
    const scratch_directory folder;
    ::chmod(folder.path().c_str(), 0755);
    std::filesystem::create_directory(folder.path() / "site");
    std::ofstream(folder.path() / "site" / of.name) << std::string(of.bytes, 'x');
    const std::uint16_t port = free_tcp_port();
    launch_options options;
    options.command = pinned("0", peer.command(folder.path(), port, of.bytes));
    options.directory = folder.path();
    child_process server(options);
    if (!answers(port, of)) return state.SkipWithError("no answer, or a wrong one");
    keeps = keeps_connections(port, of);
    const auto report = load(port, of);
    if (!report) return state.SkipWithError("wrk failed");
    if (report->wrong_answers > 0) return state.SkipWithError("answers other than 200");
    if (keeps && report->socket_errors > 0) return state.SkipWithError("socket errors");
    state.SetIterationTime(1 / report->requests_per_second);
    state.counters["items_per_second"] = report->requests_per_second;
    state.counters["p50_us"] = report->p50_us;
    state.counters["p99_us"] = report->p99_us;
    server.end(100ms);
  }
  state.SetLabel("requests a second for one file of " + of.label +
                 (keeps ? "" : "; it closes each connection"));
}

void add(const server_peer& peer, const file& of) {
  if (::access(peer.program.c_str(), X_OK) != 0) {
    std::fprintf(stderr, "server_bench: %s is not here (%s)\n", peer.name.c_str(),
                 peer.program.c_str());
    return;
  }
  // The slow ones would take long to say the same once more.
  if (peer.is_slow && is_quick() && of.bytes > small.bytes) return;
  const std::string name = "server/GET of " + of.label + ", 64 connections/" + peer.name;
  benchmark::RegisterBenchmark(name.c_str(), serve, peer, of)
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
  if (assay::find_program("wrk").empty()) {
    std::fprintf(stderr, "server_bench: wrk is not here (Debian package wrk)\n");
    return 0;
  }
  assay::become_subreaper();
  for (const file& of : {small, large}) {
    for (const auto& peer : server_peers()) add(peer, of);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
