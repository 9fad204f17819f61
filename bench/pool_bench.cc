// What it costs to have a task done by one of four worker processes.
//
// Shows: tasks that do nothing but send back the few bytes that they got, so all that is seen is
// the way there and back. Does not show: tasks with work in them, large arguments, starting the
// pool. On a machine of fewer than five processors workers and owner share them, and so does each
// peer. The floors are rings in shared memory and pipes, over which workers send numbers back; that
// of map is a loop in this process. Sums of the results are checked.

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include "bench/peers/futex_ring.h"
#include "bench/peers/pool_floor.h"
#include "bench/peers/queue_peers.h"
#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/pool/pool.h"

namespace assay::bench {
namespace {

constexpr int workers = 4;
constexpr const char* shows_tasks =
    "tasks a second: all are handed in, then all results are asked for";
constexpr const char* shows_processor =
    "what owner and workers together have of a processor for a task, from start to end of the pool";
constexpr const char* shows_trip = "one task there and its result back, nothing else under way";
constexpr const char* shows_map =
    "items a second of one map, in chunks as the implementation likes";

std::string give_back(std::string_view argument) { return std::string(argument); }

std::int64_t number_of(const std::string& text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}
std::int64_t sum_below(std::int64_t count) { return count * (count - 1) / 2; }

// ---- many tasks ---------------------------------------------------------------------------------

timing reference_tasks(std::int64_t count) {
  ref::pool pool({.size = workers});
  pool.apply(give_back, "");
  std::vector<std::string> arguments;
  for (std::int64_t i = 0; i < count; ++i) arguments.push_back(std::to_string(i));
  std::vector<ref::async_result> results;
  results.reserve(arguments.size());
  std::int64_t sum = 0;
  const timing took = timed(count, [&] {
    for (const auto& each : arguments) results.push_back(pool.apply_async(give_back, each));
    for (const auto& each : results) sum += number_of(each.get());
  });
  require(sum == sum_below(count));
  return took;
}

// One process hands in and asks for results, at most so many on their way.
template <typename Channel>
timing floor_tasks(std::int64_t count) {
  constexpr std::int64_t most = 512;
  bare_pool<Channel> pool(workers);
  pool.put(0);
  pool.get();
  std::uint64_t sum = 0;
  const timing took = timed(count, [&] {
    for (std::int64_t i = 0; i < count; ++i) {
      pool.put(static_cast<std::uint64_t>(i));
      if (i >= most) sum += pool.get();
    }
    for (std::int64_t i = 0; i < std::min(count, most); ++i) sum += pool.get();
  });
  require(sum == static_cast<std::uint64_t>(sum_below(count)));
  return took;
}

void add_tasks(std::int64_t count, std::int64_t cpythons) {
  const std::string name = "pool/apply_async of " + std::to_string(count) + " tasks/";
  add_rate(name + "floor futex ring", shows_tasks,
           [=] { return floor_tasks<futex_ring<false>>(count); });
  add_rate(name + "floor two pipes", shows_tasks, [=] { return floor_tasks<pipe_channel>(count); });
  add_rate(name + "reference", shows_tasks, [=] { return reference_tasks(count); });
  if (!has_python()) return;
  for (const char* who : {"Pool", "ProcessPoolExecutor"}) {
    add_rate(name + "CPython " + who, shows_tasks, [=] {
      return python("pool_cpython.py", {who, "tasks", std::to_string(cpythons)});
    });
  }
}

// The whole life of a pool, so that its workers have been waited for.
void add_processor_time(std::int64_t count, std::int64_t cpythons) {
  const std::string name = "pool/processor time of a task/";
  const auto add = [&](const char* who, timing (*measure)(std::int64_t)) {
    add_row(name + who, shows_processor, benchmark::kMicrosecond, [=] {
      return timed(
          count, [&] { measure(count); }, processor_seconds);
    });
  };
  add("floor futex ring", floor_tasks<futex_ring<false>>);
  add("floor two pipes", floor_tasks<pipe_channel>);
  add("reference", reference_tasks);
  if (!has_python()) return;
  for (const char* who : {"Pool", "ProcessPoolExecutor"}) {
    add_row(name + "CPython " + who, shows_processor, benchmark::kMicrosecond, [=] {
      return python("pool_cpython.py", {who, "processor", std::to_string(cpythons)});
    });
  }
}

// ---- one task -----------------------------------------------------------------------------------

timing reference_trips(std::int64_t count) {
  ref::pool pool({.size = workers});
  bool is_right = true;
  const auto trip = [&] { is_right = pool.apply(give_back, "a task") == "a task" && is_right; };
  trip();
  const timing took = timed(count, [&] {
    for (std::int64_t i = 0; i < count; ++i) trip();
  });
  require(is_right);
  return took;
}

template <typename Channel>
timing floor_trips(std::int64_t count) {
  bare_pool<Channel> pool(workers);
  bool is_right = true;
  const auto trip = [&](std::int64_t i) {
    pool.put(static_cast<std::uint64_t>(i));
    is_right = pool.get() == static_cast<std::uint64_t>(i) && is_right;
  };
  trip(0);
  const timing took = timed(count, [&] {
    for (std::int64_t i = 0; i < count; ++i) trip(i);
  });
  require(is_right);
  return took;
}

void add_trips() {
  const auto add = [](const char* who, std::int64_t count, timing (*measure)(std::int64_t)) {
    add_row(std::string("pool/round trip/") + who, shows_trip, benchmark::kMicrosecond,
            [=] { return measure(scaled(count)); });
  };
  add("floor futex ring", 4000, floor_trips<futex_ring<false>>);
  add("floor two pipes", 4000, floor_trips<pipe_channel>);
  add("reference", 4000, reference_trips);
  if (!has_python()) return;
  for (const char* who : {"Pool", "ProcessPoolExecutor"}) {
    add_row(std::string("pool/round trip/CPython ") + who, shows_trip, benchmark::kMicrosecond,
            [=] {
              return python("pool_cpython.py", {who, "trip", "400"});
            });
  }
}

// ---- map ----------------------------------------------------------------------------------------

std::vector<std::string> numbers_below(std::int64_t count) {
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(std::to_string(i));
  return all;
}

template <typename Map>
timing maps(std::int64_t count, const Map& map) {
  const std::vector<std::string> arguments = numbers_below(count);
  std::vector<std::string> results;
  const timing took = timed(count, [&] { results = map(arguments); });
  require(results == arguments);
  return took;
}

timing floor_maps(std::int64_t count) {
  return maps(count, [](const std::vector<std::string>& arguments) {
    std::vector<std::string> results;
    for (const auto& each : arguments) results.push_back(give_back(each));
    return results;
  });
}

timing reference_maps(std::int64_t count) {
  ref::pool pool({.size = workers});
  pool.apply(give_back, "");
  return maps(count, [&](const std::vector<std::string>& arguments) {
    return pool.map(give_back, arguments);
  });
}

void add_maps(std::int64_t count) {
  const std::string name = "pool/map of " + std::to_string(count) + " items/";
  add_rate(name + "floor loop in this process", shows_map, [=] { return floor_maps(count); });
  add_rate(name + "reference", shows_map, [=] { return reference_maps(count); });
  if (!has_python()) return;
  for (const char* who : {"Pool", "ProcessPoolExecutor"}) {
    add_rate(name + "CPython " + who, shows_map, [=] {
      return python("pool_cpython.py", {who, "map", std::to_string(count)});
    });
  }
}

// With the list of arguments, which is made and compared within.
void add_processor_time_of_maps(std::int64_t count) {
  const std::string name = "pool/processor time of a mapped item/";
  const auto add = [&](const std::string& who, std::function<timing()> measure) {
    add_row(name + who, shows_processor, benchmark::kNanosecond, std::move(measure));
  };
  add("floor loop in this process", [=] {
    return timed(
        count, [&] { floor_maps(count); }, processor_seconds);
  });
  add("reference", [=] {
    return timed(
        count, [&] { reference_maps(count); }, processor_seconds);
  });
  if (!has_python()) return;
  for (const char* who : {"Pool", "ProcessPoolExecutor"}) {
    add(std::string("CPython ") + who, [=] {
      return python("pool_cpython.py", {who, "map_processor", std::to_string(count)});
    });
  }
}

void add_rows() {
  add_tasks(100, 100);
  add_tasks(10'000, 4'000);
  add_tasks(200'000, 4'000);
  add_processor_time(200'000, 4'000);
  add_trips();
  for (const std::int64_t count : {1'000, 30'000, 1'000'000}) add_maps(count);
  add_processor_time_of_maps(1'000'000);
  add_testees("pool");
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
