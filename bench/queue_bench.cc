// What it costs to pass messages between processes, and how that grows with their size and with the
// number of producers.
//
// Shows: the cost of one message when both ends do nothing else. Does not show: what a queue costs
// a process that has other work, or a machine with other work. "Same core" pins all processes to
// one processor, "cross-core" each end to its own; several producers are left to the scheduler. The
// bound is 1024 messages, and of large ones as many as make 16 MiB. Every run is a new set of
// processes, which time themselves from their common start to the last message; sums of the
// sequence numbers, and each producer's order, are checked afterwards.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "bench/peers/futex_ring.h"
#include "bench/peers/processes.h"
#include "bench/peers/queue_peers.h"
#include "bench/rows.h"
#include "bench/testees.h"

namespace assay::bench {
namespace {

struct shape {
  std::string behaviour;
  const char* shows;
  int producers;
  int consumers;
  placement where;
  std::size_t bytes = 64;
  bool counts_bytes = false;

  std::size_t bound() const { return std::clamp<std::size_t>((16 << 20) / bytes, 1, 1024); }
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

std::string in_bytes(std::size_t bytes) {
  if (bytes >= 1 << 20) return std::to_string(bytes >> 20) + " MiB";
  return bytes >= 1 << 10 ? std::to_string(bytes >> 10) + " KiB" : std::to_string(bytes) + " B";
}

std::vector<shape> sizes() {
  std::vector<shape> all;
  for (const std::size_t bytes : {64, 1 << 10, 16 << 10, 256 << 10, 1 << 20}) {
    if (is_quick() && (bytes == 1 << 10 || bytes == 256 << 10)) continue;
    all.push_back({"messages of " + in_bytes(bytes) + ", 1→1 cross-core",
                   "bytes a second from one process to another on its own core", 1, 1, cross_core(),
                   bytes, true});
  }
  return all;
}

std::vector<shape> numbers_of_producers() {
  std::vector<shape> all;
  for (const int producers : {1, 2, 4, 8, 16}) {
    if (is_quick() && (producers == 2 || producers == 8)) continue;
    all.push_back({"producers: " + std::to_string(producers) + ", one consumer, 64 B",
                   "messages a second that one consumer gets from all of them, not pinned",
                   producers,
                   1,
                   {}});
  }
  return all;
}

// A message begins and ends with these; between them is filling.
struct words {
  std::uint64_t producer;
  std::uint64_t sequence;
};

template <typename Channel>
account produce(Channel& channel, int number, std::uint64_t count, std::size_t bytes) {
  account mine;
  words out{.producer = static_cast<std::uint64_t>(number), .sequence = 0};
  std::string message(bytes, 'f');
  for (; out.sequence < count; ++out.sequence) {
    std::memcpy(message.data(), &out, sizeof out);
    std::memcpy(message.data() + bytes - sizeof out, &out, sizeof out);
    channel.put(message);
    mine.sum += out.sequence;
  }
  mine.messages = count;
  return mine;
}

template <typename Channel>
account consume(Channel& channel, std::uint64_t count, std::size_t bytes) {
  account mine;
  std::array<std::uint64_t, 16> next{};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view message = channel.get();
    words in;
    std::memcpy(&in, message.data(), sizeof in);
    const bool is_whole =
        message.size() == bytes &&
        std::memcmp(message.data(), message.data() + bytes - sizeof in, sizeof in) == 0;
    std::uint64_t& expected = next[in.producer % next.size()];
    mine.in_order = mine.in_order && is_whole && in.sequence >= expected;
    expected = in.sequence + 1;
    mine.sum += in.sequence;
  }
  mine.messages = count;
  return mine;
}

template <typename Channel>
void throughput(benchmark::State& state, const shape& how, std::uint64_t wanted) {
  const auto everybody = static_cast<std::uint64_t>(how.producers) * how.consumers;
  const std::uint64_t count = std::max(wanted / everybody, std::uint64_t{1}) * everybody;
  double processor_seconds = 0;
  for (auto _ : state) {
    Channel channel(how.bound(), how.bytes);
    const race_result result = race(
        how.producers, how.consumers, how.where,
        [&](int number) { return produce(channel, number, count / how.producers, how.bytes); },
        [&](int) { return consume(channel, count / how.consumers, how.bytes); });
    state.SetIterationTime(result.elapsed.count());
    processor_seconds += result.processor_time.count();
    if (!result.all_ended_well) return state.SkipWithError("a process failed");
    if (!result.consumed.in_order) return state.SkipWithError("messages broken or out of order");
    if (result.consumed.sum != result.produced.sum) return state.SkipWithError("wrong sum");
  }
  const auto items = static_cast<std::int64_t>(count) * state.iterations();
  state.counters["processor_ns"] = 1e9 * processor_seconds / static_cast<double>(items);
  if (how.counts_bytes) {
    state.SetBytesProcessed(items * static_cast<std::int64_t>(how.bytes));
  } else {
    state.SetItemsProcessed(items);
  }
  state.SetLabel(how.shows);
}

template <typename Channel>
void latency(benchmark::State& state, const shape& how, std::uint64_t count) {
  for (auto _ : state) {
    Channel there(how.bound(), how.bytes);
    Channel back(how.bound(), how.bytes);
    std::string out(how.bytes, 'f');
    const race_result result = race(
        1, 1, how.where,
        [&](int) {
          account mine;
          for (std::uint64_t i = 0; i < count; ++i) {
            std::memcpy(out.data(), &i, sizeof(i));
            there.put(out);
            mine.in_order = back.get() == out && mine.in_order;
          }
          return mine;
        },
        [&](int) {
          for (std::uint64_t i = 0; i < count; ++i) back.put(there.get());
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
  const std::vector<std::string> arguments{kind,
                                           std::to_string(how.producers),
                                           std::to_string(how.consumers),
                                           std::to_string(count),
                                           std::to_string(how.bytes),
                                           std::to_string(how.bound()),
                                           cpus.empty() ? "-" : cpus};
  const bool is_latency = std::string_view(kind) == "latency";
  double messages = 0;
  for (auto _ : state) {
    try {
      const timing took = python("queue_cpython.py", arguments);
      const auto here = static_cast<double>(took.units);
      messages += here;
      state.SetIterationTime(took.seconds / (is_latency ? here : 1));
    } catch (const std::exception& wrong) {
      return state.SkipWithError(wrong.what());
    }
  }
  if (how.counts_bytes) {
    state.SetBytesProcessed(static_cast<std::int64_t>(messages * static_cast<double>(how.bytes)));
  } else if (!is_latency) {
    state.SetItemsProcessed(static_cast<std::int64_t>(messages));
  }
  state.SetLabel(how.shows);
}

template <typename... Arguments>
void add(const shape& how, const std::string& name, benchmark::TimeUnit unit, Arguments... body) {
  benchmark::RegisterBenchmark(("queue/" + how.behaviour + "/" + name).c_str(), body...)
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(unit);
}

// Few enough messages that a run takes a tenth of a second, which is plenty of hand-overs; a
// quarter of them in a quick run.
struct amounts {
  std::uint64_t messages;
  std::uint64_t round_trips;
  std::size_t longest = 1 << 20;  // the longest message that it takes
  // Of large messages as many as make this.
  std::uint64_t of(const shape& how) const {
    return std::min<std::uint64_t>(messages, (is_quick() ? 64 << 20 : 256 << 20) / how.bytes);
  }
  static amounts here(amounts full) {
    if (is_quick()) full.messages /= 4;
    return full;
  }
};

// `Single` where there is one producer and one consumer.
template <typename Channel, typename Single = Channel>
void add_peer(const std::string& name, const amounts& full) {
  const amounts much = amounts::here(full);
  for (const shape& how : throughput_shapes()) {
    add(how, name, benchmark::kMillisecond,
        how.producers == 1 ? throughput<Single> : throughput<Channel>, how, much.messages);
  }
  for (const shape& how : latency_shapes()) {
    add(how, name, benchmark::kMicrosecond, latency<Single>, how, much.round_trips);
  }
  for (const shape& how : sizes()) {
    if (how.bytes > much.longest) continue;
    add(how, name, benchmark::kMillisecond, throughput<Single>, how, much.of(how));
  }
  for (const shape& how : numbers_of_producers()) {
    add(how, name, benchmark::kMillisecond, throughput<Channel>, how, much.messages / 4);
  }
}

void add_cpython() {
  if (!has_python()) return;
  const amounts much = amounts::here({16'000, 500});
  const auto add_throughput = [](const shape& how, std::uint64_t count) {
    add(how, "CPython", benchmark::kMillisecond, cpython, how, "throughput", count);
  };
  for (const shape& how : throughput_shapes()) add_throughput(how, much.messages);
  for (const shape& how : latency_shapes()) {
    add(how, "CPython", benchmark::kMicrosecond, cpython, how, "latency", much.round_trips);
  }
  for (const shape& how : sizes()) add_throughput(how, std::min(much.of(how), much.messages / 2));
  for (const shape& how : numbers_of_producers()) add_throughput(how, much.messages / 2);
}

void add_rows() {
  // Those that are compared most run for as long: on a busy machine a short run meets fewer others.
  add_peer<reference_queue>("reference", {1'000'000, 2000});
  add_peer<boost_message_queue>("Boost message_queue", {1'000'000, 1000});
  add_peer<pipe_channel>("pipe", {200'000, 1000});
  add_peer<posix_message_queue>("POSIX mqueue", {100'000, 1000, 1 << 10});
  add_peer<futex_ring<false>, futex_ring<true>>("floor futex ring", {1'000'000, 2000});
  add_cpython();
  add_testees("queue");
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
