// What green threads cost: a turn of the scheduler, and one's whole life.
//
// Shows: green threads in one thread that do nothing but let the next one run; no timers, no
// descriptors. Does not show: what waits for something, or work between turns. The floor of a yield
// is a bare switch round as many stacks of the same size, without a queue of who is next; that of a
// life is a bare switch in and out of a stack that is used again. Turns and lives are counted and
// checked.
#include <any>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include "bench/peers/switch_floor.h"
#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/coroutine/green.h"
#if defined(ASSAY_BENCH_BOOST_FIBER)
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/pooled_fixedsize_stack.hpp>
#endif

namespace assay::bench {
namespace {

constexpr const char* shows_yield = "one turn: a green thread yields, the next one goes on";
constexpr const char* shows_life = "one of a hundred that are spawned, run and joined together";
constexpr int together = 100;

std::int64_t turns = 0;
bool is_over = false;

struct crowd {
  int size;
  std::int64_t rounds;
};

template <typename Yield>
[[gnu::noinline]] void take_turns(std::int64_t most, const Yield& yield) {
  for (; most > 0 && !is_over; --most, ++turns) yield();
}

// The caller is one of them. Two rounds are not timed, in which the others begin and all find their
// stacks; neither are their ends.
template <typename Spawn, typename Yield>
timing rounds(const crowd& of, const Spawn& spawn, const Yield& yield) {
  is_over = false;
  const auto run = [yield] { take_turns(std::numeric_limits<std::int64_t>::max(), yield); };
  std::vector<std::invoke_result_t<Spawn, decltype(run)>> others;
  for (int i = 1; i < of.size; ++i) others.push_back(spawn(run));
  take_turns(2, yield);
  turns = 0;
  const timing took = timed(
      of.size * of.rounds, [&] { take_turns(of.rounds, yield); }, thread_seconds);
  require(turns == took.units);
  is_over = true;
  for (auto& each : others) each->join();
  return took;
}

timing reference_yields(const crowd& of) {
  return rounds(
      of,
      [](const auto& run) {
        return ref::green::spawn([run] {
          run();
          return std::any();
        });
      },
      [] { ref::green::yield(); });
}

timing reference_lives(std::int64_t count) {
  turns = 0;
  std::vector<std::shared_ptr<ref::green>> all(together);
  timing took = repeated(count / together, [&] {
    for (auto& each : all) {
      each = ref::green::spawn([] {
        ++turns;
        return std::any();
      });
    }
    ref::green::join_all(all);
  });
  took.units *= together;
  require(turns == took.units);
  return took;
}

bare_stack* floor_stack = nullptr;
void run_floor() {
  for (;;) {
    ++turns;
    floor_stack->leave();
  }
}
bare_ring* floor_ring = nullptr;
void run_floor_ring() {
  for (;;) {
    ++turns;
    floor_ring->leave();
  }
}
timing floor_yields(const crowd& of) {
  bare_ring ring(of.size, ref::stack::bytes + ref::stack::guard_bytes, run_floor_ring);
  floor_ring = &ring;
  ring.enter(of.size);
  turns = 0;
  const std::int64_t count = of.size * of.rounds;
  const timing took = timed(
      count, [&] { ring.enter(count); }, thread_seconds);
  require(turns == count);
  return took;
}
timing floor_lives(std::int64_t count) {
  turns = 0;
  bare_stack other(run_floor);
  floor_stack = &other;
  const timing took = repeated(count, [&] {
    other.restart(run_floor);
    other.enter();
  });
  require(turns == took.units);
  return took;
}

#if defined(ASSAY_BENCH_BOOST_FIBER)
timing boost_yields(const crowd& of) {
  return rounds(
      of, [](const auto& run) { return std::make_unique<boost::fibers::fiber>(run); },
      [] { boost::this_fiber::yield(); });
}

timing boost_lives(std::int64_t count) {
  turns = 0;
  std::vector<boost::fibers::fiber> all(together);
  boost::fibers::pooled_fixedsize_stack stacks(ref::stack::bytes);
  timing took = repeated(count / together, [&] {
    for (auto& each : all) each = boost::fibers::fiber(std::allocator_arg, stacks, [] { ++turns; });
    for (auto& each : all) each.join();
  });
  took.units *= together;
  require(turns == took.units);
  return took;
}
#endif

void add_yields(const crowd& of) {
  const std::string name = "green/yield among " + std::to_string(of.size) + "/";
  const auto add = [&](const char* who, timing (*measure)(const crowd&)) {
    add_row(name + who, shows_yield, benchmark::kNanosecond, [=] {
      return measure({of.size, scaled(of.rounds)});
    });
  };
  add("floor hand-written", floor_yields);
  add("reference", reference_yields);
#if defined(ASSAY_BENCH_BOOST_FIBER)
  add("Boost.Fiber", boost_yields);
#endif
  for (const char* who : {"gevent", "asyncio"}) {
    if (!has_python(who)) continue;
    add_row(name + who, shows_yield, benchmark::kNanosecond, [=] {
      return python("green_cpython.py", {who, "yield", std::to_string(of.size)});
    });
  }
}

void add_lives() {
  const std::string name = "green/spawn and join/";
  const auto add = [&](const char* who, std::int64_t count, timing (*measure)(std::int64_t)) {
    add_row(name + who, shows_life, benchmark::kNanosecond,
            [=] { return measure(scaled(count) / together * together); });
  };
  add("floor hand-written", 10'000'000, floor_lives);
  add("reference", 1'000'000, reference_lives);
#if defined(ASSAY_BENCH_BOOST_FIBER)
  add("Boost.Fiber, pooled stack", 400'000, boost_lives);
#endif
  for (const char* who : {"gevent", "asyncio"}) {
    if (!has_python(who)) continue;
    add_row(name + who, shows_life, benchmark::kNanosecond, [=] {
      return python("green_cpython.py", {who, "life", std::to_string(together)});
    });
  }
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_yields({2, 2'000'000});
    add_yields({100, 40'000});
    add_yields({10'000, 200});
    add_lives();
    add_testees("green");
  });
}
