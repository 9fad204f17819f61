// What it costs to pass 64-byte messages between processes, bound 1024.
//
// Shows: the cost of one message when both ends do nothing else. Does not show: large messages,
// what a queue costs a process that has other work, or a machine with other work. "Same core" pins
// all processes to one processor, "cross-core" each end to its own; 4→4 is left to the scheduler.
// Every run is a new set of processes, which time themselves from their common start to the last
// message; sums of the sequence numbers, and each producer's order, are checked afterwards.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "bench/peers/futex_ring.h"
#include "bench/peers/processes.h"
#include "bench/peers/queue_peers.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

constexpr std::size_t bound = 1024;
constexpr const char* python = "/usr/bin/python3";

struct message {
  std::uint64_t producer;
  std::uint64_t sequence;
  char filling[message_bytes - 16];
};
static_assert(sizeof(message) == message_bytes);

struct shape {
  std::string behaviour;
  const char* shows;
  int producers;
  int consumers;
  placement where;
};

std::vector<shape> throughput_shapes() {
  return {
      {"1→1 cross-core 64 B", "messages a second from one process to another on its own core", 1, 1,
       cross_core()},
      {"1→1 same core 64 B", "messages a second between two processes that share one core", 1, 1,
       same_core()},
      {"4→4 64 B", "messages a second of four producers and four consumers, not pinned", 4, 4, {}}};
}

std::vector<shape> latency_shapes() {
  return {{"one-way latency cross-core", "half a round trip of one message between two cores", 1, 1,
           cross_core()},
          {"one-way latency same core", "half a round trip of one message on one core", 1, 1,
           same_core()}};
}

template <typename Channel>
account produce(Channel& channel, int number, std::uint64_t count) {
  account mine;
  message out{.producer = static_cast<std::uint64_t>(number), .sequence = 0, .filling = {}};
  std::array<char, message_bytes> bytes;
  for (; out.sequence < count; ++out.sequence) {
    std::memcpy(bytes.data(), &out, sizeof(out));
    channel.put(bytes.data());
    mine.sum += out.sequence;
  }
  mine.messages = count;
  return mine;
}

template <typename Channel>
account consume(Channel& channel, std::uint64_t count) {
  account mine;
  std::array<std::uint64_t, 16> next{};
  std::array<char, message_bytes> bytes;
  for (std::uint64_t i = 0; i < count; ++i) {
    channel.get(bytes.data());
    message in;
    std::memcpy(&in, bytes.data(), sizeof(in));
    std::uint64_t& expected = next[in.producer % next.size()];
    mine.in_order = mine.in_order && in.sequence >= expected;
    expected = in.sequence + 1;
    mine.sum += in.sequence;
  }
  mine.messages = count;
  return mine;
}

template <typename Channel>
void throughput(benchmark::State& state, const shape& how, std::uint64_t count) {
  for (auto _ : state) {
    Channel channel(bound);
    const race_result result = race(
        how.producers, how.consumers, how.where,
        [&](int number) { return produce(channel, number, count / how.producers); },
        [&](int) { return consume(channel, count / how.consumers); });
    state.SetIterationTime(result.elapsed.count());
    if (!result.all_ended_well) return state.SkipWithError("a process failed");
    if (!result.consumed.in_order) return state.SkipWithError("messages out of order");
    if (result.consumed.sum != result.produced.sum) return state.SkipWithError("wrong sum");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(count) * state.iterations());
  state.SetLabel(how.shows);
}

template <typename Channel>
void latency(benchmark::State& state, const shape& how, std::uint64_t count) {
  for (auto _ : state) {
    Channel there(bound);
    Channel back(bound);
    std::array<char, message_bytes> out{};
    const race_result result = race(
        1, 1, how.where,
        [&](int) {
          account mine;
          std::array<char, message_bytes> in;
          for (std::uint64_t i = 0; i < count; ++i) {
            std::memcpy(out.data(), &i, sizeof(i));
            there.put(out.data());
            back.get(in.data());
            mine.in_order = mine.in_order && in == out;
          }
          return mine;
        },
        [&](int) {
          std::array<char, message_bytes> in;
          for (std::uint64_t i = 0; i < count; ++i) {
            there.get(in.data());
            back.put(in.data());
          }
          return account{};
        });
    state.SetIterationTime(result.elapsed.count() / static_cast<double>(2 * count));
    if (!result.all_ended_well) return state.SkipWithError("a process failed");
    if (!result.produced.in_order) return state.SkipWithError("an answer was wrong");
  }
  state.SetLabel(how.shows);
}

// CPython times itself; what comes back is its own figure.
void cpython(benchmark::State& state, const shape& how, const char* kind, std::uint64_t count) {
  std::string cpus;
  for (const auto& part : {how.where.producers, how.where.consumers}) {
    for (const int cpu : part) cpus += (cpus.empty() ? "" : ",") + std::to_string(cpu);
  }
  const std::string command = std::string(python) + " '" ASSAY_QUEUE_CPYTHON "' " + kind + " " +
                              std::to_string(how.producers) + " " + std::to_string(how.consumers) +
                              " " + std::to_string(count) + " " + (cpus.empty() ? "-" : cpus);
  const bool is_latency = std::string_view(kind) == "latency";
  double messages = 0;
  for (auto _ : state) {
    std::string output;
    if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
      std::array<char, 256> line;
      while (std::fgets(line.data(), line.size(), pipe) != nullptr) output += line.data();
      ::pclose(pipe);
    }
    const auto answer = nlohmann::json::parse(output, nullptr, false);
    if (answer.is_discarded()) return state.SkipWithError("Python gave no answer");
    if (!answer["right"].get<bool>()) return state.SkipWithError("a wrong sum");
    const double here = answer["messages"].get<double>();
    messages += here;
    state.SetIterationTime(answer["seconds"].get<double>() / (is_latency ? here : 1));
  }
  if (!is_latency) state.SetItemsProcessed(static_cast<std::int64_t>(messages));
  state.SetLabel(how.shows);
}

// Few enough messages that a run takes a tenth of a second, which is plenty of hand-overs.
template <typename Channel>
void add_peer(const std::string& name, std::uint64_t messages, std::uint64_t round_trips) {
  for (const shape& how : throughput_shapes()) {
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/" + name).c_str(),
                                 throughput<Channel>, how, messages)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  for (const shape& how : latency_shapes()) {
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/" + name).c_str(), latency<Channel>,
                                 how, round_trips)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

void add_floor() {
  for (const shape& how : throughput_shapes()) {
    const auto body =
        how.producers == 1 ? throughput<futex_ring<true>> : throughput<futex_ring<false>>;
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/floor futex ring").c_str(), body,
                                 how,
                                 how.where.producers == how.where.consumers ? 400'000 : 2'000'000)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  for (const shape& how : latency_shapes()) {
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/floor futex ring").c_str(),
                                 latency<futex_ring<true>>, how, 2000)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

void add_cpython() {
  if (::access(python, X_OK) != 0) return;
  for (const shape& how : throughput_shapes()) {
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/CPython").c_str(), cpython, how,
                                 "throughput", 16'000)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  for (const shape& how : latency_shapes()) {
    benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/CPython").c_str(), cpython, how,
                                 "latency", 500)
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
  }
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  add_peer<reference_queue>("reference", 2'000'000, 2000);
  add_peer<boost_message_queue>("Boost message_queue", 400'000, 1000);
  add_peer<pipe_channel>("pipe", 200'000, 1000);
  add_peer<posix_message_queue>("POSIX mqueue", 100'000, 1000);
  add_floor();
  add_cpython();
  add_testees("queue");
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
