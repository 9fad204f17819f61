// What one step of a generator costs: from the caller into the body and back with a value.
//
// Shows: bodies that do nothing but yield, in the cache, one thread. Does not show: what a body
// does, or the frames of large bodies. The floor resumes a coroutine and reads what it left, with
// no look at whether it has ended, was sent something or failed. The values' sum is checked.
#include <boost/coroutine2/coroutine.hpp>
#include <coroutine>
#include <utility>

#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/coroutine/generator.h"

namespace assay::bench {
namespace {

using number = std::uint64_t;

constexpr const char* shows_step = "one value of a body that counts: in and out again";
constexpr const char* shows_life = "make one, take its ten values and the end, destroy it";
constexpr int life = 10;

number sum_below(number count) { return count * (count - 1) / 2; }

/// The least that the language needs for a coroutine that yields numbers.
class raw_generator {
 public:
  struct promise_type {
    number value = 0;
    raw_generator get_return_object() {
      return raw_generator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(number yielded) noexcept {
      value = yielded;
      return {};
    }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
  explicit raw_generator(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  raw_generator(const raw_generator&) = delete;
  raw_generator& operator=(const raw_generator&) = delete;
  ~raw_generator() { frame_.destroy(); }
  number next() {
    frame_.resume();
    return frame_.promise().value;
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

[[gnu::noinline]] raw_generator count_raw(number until) {
  for (number i = 0; i < until; ++i) co_yield i;
}
[[gnu::noinline]] ref::generator<number> count(number until) {
  for (number i = 0; i < until; ++i) co_yield i;
}
using boost_generator = boost::coroutines2::coroutine<number>;
[[gnu::noinline]] boost_generator::pull_type count_boost(number until) {
  return boost_generator::pull_type([until](boost_generator::push_type& yield) {
    for (number i = 0; i < until; ++i) yield(i);
  });
}
[[gnu::noinline]] ref::generator<number> delegate(int depth, number until) {
  if (depth == 0) {
    for (number i = 0; i < until; ++i) co_yield i;
  } else {
    co_yield ref::yield_from(delegate(depth - 1, until));
  }
}

template <typename Next>
timing step(std::int64_t count, const Next& next) {
  number sum = 0;
  const timing took = repeated(count, [&] { sum += next(); });
  require(sum == sum_below(static_cast<number>(count)));
  return took;
}

void add_steps() {
  const std::string name = "generator/step/";
  const std::int64_t steps = scaled(20'000'000);
  const auto endless = static_cast<number>(-1);
  const auto add = [&](const char* who, const std::function<timing()>& measure) {
    add_row(name + who, shows_step, benchmark::kNanosecond, measure);
  };
  add("floor raw C++20 coroutine", [=] {
    raw_generator counting = count_raw(endless);
    return step(steps, [&] { return counting.next(); });
  });
  add("reference", [=] {
    auto counting = count(endless);
    return step(steps, [&] { return counting.next(); });
  });
  add("Boost.Coroutine2", [=] {
    auto counting = count_boost(endless);
    return step(steps / 4, [&] {
      const number value = counting.get();
      counting();
      return value;
    });
  });
  if (has_python()) add("CPython", [=] { return python("generator_cpython.py", {"step", "0"}); });
}

// The reference's loop is the one that people write.
void add_lives() {
  const std::string name = "generator/make and exhaust/";
  const std::int64_t lives = scaled(1'000'000);
  const auto add = [&](const char* who, const std::function<timing()>& measure) {
    add_row(name + who, shows_life, benchmark::kNanosecond, measure);
  };
  const auto run = [](std::int64_t count, const auto& once) {
    number sum = 0;
    const timing took = repeated(count, [&] { sum += once(); });
    require(sum == static_cast<number>(count) * sum_below(life));
    return took;
  };
  add("floor raw C++20 coroutine", [=] {
    return run(lives, [] {
      raw_generator counting = count_raw(life);
      number sum = 0;
      for (int i = 0; i < life; ++i) sum += counting.next();
      counting.next();
      return sum;
    });
  });
  add("reference", [=] {
    return run(lives, [] {
      number sum = 0;
      for (const number each : count(life)) sum += each;
      return sum;
    });
  });
  add("Boost.Coroutine2", [=] {
    return run(lives / 16, [] {
      number sum = 0;
      for (const number each : count_boost(life)) sum += each;
      return sum;
    });
  });
  if (has_python()) add("CPython", [=] { return python("generator_cpython.py", {"life", "0"}); });
}

void add_delegation(int depth) {
  const std::string name = "generator/step through " + std::to_string(depth) + " yield from/";
  const std::string shows = "one value that comes through so many generators, each inside the next";
  const std::int64_t steps = scaled(2'000'000);
  add_row(name + "reference", shows, benchmark::kNanosecond, [=] {
    auto counting = delegate(depth, static_cast<number>(-1));
    return step(steps, [&] { return counting.next(); });
  });
  if (!has_python()) return;
  add_row(name + "CPython", shows, benchmark::kNanosecond, [=] {
    return python("generator_cpython.py", {"step", std::to_string(depth)});
  });
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_steps();
    add_lives();
    for (const int depth : {1, 8, 64}) add_delegation(depth);
    add_testees("generator");
  });
}
