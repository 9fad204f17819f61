// How many requests a second a server of static files answers on one core, under wrk with 64
// connections from others, how long one request takes, and what a connection that waits costs.
//
// Shows: one file, over and over, from the page cache, over loopback. Does not show: many files, a
// slow disk, a real network, TLS. wrk runs whole seconds. Each server is asked once before, and its
// answer compared; errors that wrk counts make the row invalid, but for servers that close each
// connection. Rate, median and 99th percentile of a row come from the same runs of wrk.
#include <benchmark/benchmark.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "bench/peers/servers.h"
#include "bench/peers/wrk.h"
#include "bench/rows.h"
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

enum class measures { rate, bytes, p50, p99, processor_time };

/// What is asked of each server.
struct task {
  file of;
  int idle = 0;  ///< connections that made one request each before and wait
  int active = 64;
  int seconds = 1;
};

// The server on the first core, the load on two others, or on the only other one.
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

std::optional<wrk_report> load(std::uint16_t port, const task& what) {
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/" + what.of.name;
  const int seconds = is_quick() ? 1 : what.seconds;
  launch_options options;
  const char* threads = std::thread::hardware_concurrency() > 2 ? "-t2" : "-t1";
  options.command = pinned(load_cores(), {"wrk", threads, "-c" + std::to_string(what.active),
                                          "-d" + std::to_string(seconds) + "s", "--latency", url});
  options.directory = "/";
  child_process wrk(options);
  if (wrk.wait(60s) != 0) return std::nullopt;
  wrk.end(0s);  // all that it printed has been read then
  return parse_wrk(wrk.out());
}

// A server with its site, running.
class running_server {
 public:
  running_server(const server_peer& peer, const file& of) : port_(free_tcp_port()) {
    ::chmod(folder_.path().c_str(), 0755);
    std::filesystem::create_directory(folder_.path() / "site");
    std::ofstream(folder_.path() / "site" / of.name) << std::string(of.bytes, 'x');
    launch_options options;
    options.command = pinned("0", peer.command(folder_.path(), port_, of.bytes));
    options.directory = folder_.path();
    process_.emplace(options);
    if (!answers(port_, of)) throw std::runtime_error("no answer, or a wrong one");
  }
  ~running_server() { process_->end(100ms); }
  running_server(const running_server&) = delete;
  running_server& operator=(const running_server&) = delete;

  std::uint16_t port() const { return port_; }
  /// Time that all of its threads have spent on processors.
  std::chrono::nanoseconds processor_time() {
    std::int64_t sum = 0;
    for (const pid_t each : process_->family()) {
      const std::string tasks = "/proc/" + std::to_string(each) + "/task";
      std::error_code gone;  // one that ends meanwhile is left out
      for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
        std::ifstream file(task.path() / "schedstat");
        std::int64_t on_processor = 0;
        if (file >> on_processor) sum += on_processor;
      }
    }
    return std::chrono::nanoseconds(sum);
  }
  /// Memory of its own, all of its processes.
  std::uint64_t own_bytes() {
    std::uint64_t sum = 0;
    for (const pid_t each : process_->family()) {
      std::ifstream file("/proc/" + std::to_string(each) + "/smaps_rollup");
      for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Anonymous:")) sum += std::stoull(line.substr(10)) << 10;
      }
    }
    return sum;
  }

 private:
  scratch_directory folder_;
  std::uint16_t port_;
  std::optional<child_process> process_;
};

std::vector<http_connection> idle_connections(std::uint16_t port, const file& of, int count) {
  std::vector<http_connection> all;
  for (int i = 0; i < count; ++i) {
    all.push_back(http_connection::open(port));
    all.back().send("GET /" + of.name + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (all.back().read_response().status != 200) throw std::runtime_error("a wrong answer");
  }
  return all;
}

struct outcome {
  wrk_report report;
  bool keeps;
  double server_seconds_each;
};

outcome run(const server_peer& peer, const task& what) {
  running_server server(peer, what.of);
  const bool keeps = keeps_connections(server.port(), what.of);
  const auto waiting = idle_connections(server.port(), what.of, what.idle);
  const auto time_before = server.processor_time();
  const auto report = load(server.port(), what);
  if (!report) throw std::runtime_error("wrk failed");
  if (report->requests == 0) throw std::runtime_error("no request ended in time");
  if (report->wrong_answers > 0) throw std::runtime_error("answers other than 200");
  if (keeps && report->socket_errors > 0) throw std::runtime_error("socket errors");
  const auto server_time = server.processor_time() - time_before;
  return {*report, keeps, std::chrono::duration<double>(server_time).count() / report->requests};
}

/// One run of wrk serves several rows: whichever comes first makes it, and the others find it here.
class outcomes {
 public:
  outcome next(measures which, const std::vector<measures>& all,
               const std::function<outcome()>& make) {
    auto& own = made_[which];
    if (own.empty()) {
      const outcome fresh = make();
      for (const measures each : all) made_[each].push_back(fresh);
    }
    const outcome first = own.front();
    own.pop_front();
    return first;
  }

 private:
  std::map<measures, std::deque<outcome>> made_;
};

void fill(benchmark::State& state, const outcome& got, measures which, std::size_t bytes) {
  const wrk_report& report = got.report;
  const double each = 1 / report.requests_per_second;
  state.SetIterationTime(which == measures::p50              ? report.p50_us * 1e-6
                         : which == measures::p99            ? report.p99_us * 1e-6
                         : which == measures::processor_time ? got.server_seconds_each
                                                             : each);
  if (which == measures::rate) state.counters["items_per_second"] = report.requests_per_second;
  if (which == measures::bytes) {
    state.counters["bytes_per_second"] = report.requests_per_second * static_cast<double>(bytes);
  }
}

benchmark::internal::Benchmark* add_row(const std::string& behaviour, const server_peer& peer,
                                        std::function<void(benchmark::State&)> body) {
  const auto once = [body = std::move(body)](benchmark::State& state) {
    for (auto _ : state) {
      try {
        body(state);
      } catch (const std::exception& wrong) {
        return state.SkipWithError(wrong.what());
      }
    }
  };
  return benchmark::RegisterBenchmark(("server/" + behaviour + "/" + peer.name).c_str(), once)
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

bool is_here(const server_peer& peer) {
  if (::access(peer.program.c_str(), X_OK) == 0) return true;
  std::fprintf(stderr, "server_bench: %s is not here (%s)\n", peer.name.c_str(),
               peer.program.c_str());
  return false;
}

void add_requests(const server_peer& peer, const file& of) {
  // The slow ones would take long to say the same once more.
  if (peer.is_slow && is_quick() && of.bytes > small.bytes) return;
  const std::vector<measures> all{measures::rate, measures::p50, measures::p99,
                                  measures::processor_time};
  const auto shared = std::make_shared<outcomes>();
  const auto add = [&](const std::string& behaviour, measures which, const std::string& shows) {
    auto* row = add_row(behaviour, peer, [=](benchmark::State& state) {
      const outcome got =
          shared->next(which, all, [&] { return run(peer, {.of = of, .seconds = 2}); });
      fill(state, got, which, of.bytes);
      state.SetLabel(shows + (got.keeps ? "" : "; it closes each connection"));
    });
    if (is_quick()) row->Repetitions(2);
  };
  const std::string name = "GET of " + of.label + ", 64 connections";
  add(name, measures::rate, "requests a second for one file of " + of.label);
  add("median of " + name, measures::p50, "half of the requests take no longer");
  add("99th percentile of " + name, measures::p99, "one request of a hundred takes longer");
  add("processor time of " + name, measures::processor_time,
      "what a request costs the server, whatever else the machine does");
}

// A point of a growing row is taken once in a quick run.
void add_growing(const std::string& behaviour, const server_peer& peer, const task& what,
                 measures which, const std::string& shows) {
  auto* row = add_row(behaviour, peer, [=](benchmark::State& state) {
    fill(state, run(peer, what), which, what.of.bytes);
    state.SetLabel(shows);
  });
  if (is_quick()) row->Repetitions(1);
}

std::string in_bytes(std::size_t bytes) {
  return bytes >= 1 << 20 ? std::to_string(bytes >> 20) + " MiB"
                          : std::to_string(bytes >> 10) + " KiB";
}

void add_file_sizes(const server_peer& peer) {
  for (const std::size_t bytes : {1 << 10, 16 << 10, 128 << 10, 1 << 20, 16 << 20}) {
    if (is_quick() && (bytes == 16 << 10 || bytes == 1 << 20)) continue;
    const std::string label = in_bytes(bytes);
    add_growing("file of " + label + ", 4 connections", peer, {{label, "file", bytes}, 0, 4},
                measures::bytes, "bytes a second of one file");
  }
}

void add_idle_connections(const server_peer& peer) {
  for (const int idle : {0, 100, 1000, 10'000}) {
    if (is_quick() && idle == 100) continue;
    if (static_cast<std::size_t>(idle) + 64 >= peer.most_connections) continue;
    add_growing("GET of 1 KiB beside idle connections: " + std::to_string(idle), peer,
                {small, idle}, measures::rate, "requests a second on 64 others");
  }
}

void add_memory(const server_peer& peer) {
  constexpr int count = 10'000;
  auto* row = add_row("memory of an idle connection", peer, [=](benchmark::State& state) {
    running_server server(peer, small);
    const std::uint64_t before = server.own_bytes();
    const auto start = std::chrono::steady_clock::now();
    const auto waiting = idle_connections(server.port(), small, count);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const std::uint64_t after = server.own_bytes();
    state.SetIterationTime(took.count() / count);
    state.counters["bytes_each"] = after > before ? static_cast<double>(after - before) / count : 0;
    state.SetLabel("user space, one of 10,000 that have made one request each");
  });
  if (is_quick()) row->Repetitions(1);
}

void add_rows() {
  if (find_program("wrk").empty()) {
    std::fprintf(stderr, "server_bench: wrk is not here (Debian package wrk)\n");
    return;
  }
  become_subreaper();
  raise_descriptor_limit();
  std::vector<server_peer> peers;
  for (auto& each : server_peers()) {
    if (is_here(each)) peers.push_back(std::move(each));
  }
  for (const file& of : {small, large}) {
    for (const auto& peer : peers) add_requests(peer, of);
  }
  for (const auto& peer : peers) {
    // wrk counts whole seconds, which are dear in a quick run.
    const bool is_shown = !is_quick() || peer.name == "reference" || peer.name == "nginx" ||
                          peer.name.starts_with("floor");
    if (peer.is_slow || !is_shown) continue;
    const bool sends_files = peer.name == "floor sendfile";
    add_file_sizes(peer);
    if (sends_files) continue;
    add_idle_connections(peer);
    add_memory(peer);
  }
  if (const auto peer = peer_with_poll(); is_here(peer)) add_idle_connections(peer);
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
