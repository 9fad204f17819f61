// What it costs to give control to another stack, by name: one way, without a scheduler.
//
// Shows: two stacks in the cache that do nothing but switch, in one thread; nothing is carried
// along. Does not show: deep stacks that fall out of the cache, values that are handed over. The
// floor keeps less than the ABI asks for. A counter on each side is checked.
#include <ucontext.h>

#include <any>
#include <boost/context/detail/fcontext.hpp>
#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <boost/coroutine2/coroutine.hpp>
#include <memory>

#include "bench/peers/switch_floor.h"
#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/coroutine/greenlet.h"

namespace assay::bench {
namespace {

namespace context = boost::context;

constexpr const char* shows_switch = "one switch between two stacks, half of a there and back";
constexpr const char* shows_life =
    "create one, let it run to its end, destroy it; stacks are reused";

std::int64_t inner_count = 0;  // of switches that arrived on the other stack

template <typename ThereAndBack>
timing switches(std::int64_t count, const ThereAndBack& there_and_back) {
  inner_count = 0;
  timing took = repeated(count / 2, there_and_back);
  require(inner_count == count / 2);
  took.units *= 2;
  return took;
}

bare_stack* floor_stack = nullptr;
void run_floor() {
  for (;;) {
    ++inner_count;
    floor_stack->leave();
  }
}
timing floor(std::int64_t count) {
  bare_stack other(run_floor);
  floor_stack = &other;
  return switches(count, [&] { other.enter(); });
}

timing reference(std::int64_t count) {
  const auto other = ref::greenlet::create([](const std::any&) -> std::any {
    ref::greenlet& back = *ref::greenlet::current().parent();
    for (;;) {
      ++inner_count;
      back.switch_to();
    }
  });
  return switches(count, [&] { other->switch_to(); });
}

timing boost_context(std::int64_t count) {
  constexpr std::size_t bytes = 64 * 1024;
  const auto memory = std::make_unique<char[]>(bytes);
  auto other = context::detail::make_fcontext(
      memory.get() + bytes, bytes, [](context::detail::transfer_t from) {
        for (;;) {
          ++inner_count;
          from = context::detail::jump_fcontext(from.fctx, nullptr);
        }
      });
  return switches(count, [&] { other = context::detail::jump_fcontext(other, nullptr).fctx; });
}

timing boost_fiber_class(std::int64_t count) {
  bool is_over = false;
  context::fiber other([&is_over](context::fiber&& back) {
    while (!is_over) {
      ++inner_count;
      back = std::move(back).resume();
    }
    return std::move(back);
  });
  const timing took = switches(count, [&] { other = std::move(other).resume(); });
  is_over = true;
  other = std::move(other).resume();
  return took;
}

timing boost_coroutine(std::int64_t count) {
  using coroutine = boost::coroutines2::coroutine<void>;
  coroutine::pull_type other([](coroutine::push_type& leave) {
    for (;;) {
      leave();
      ++inner_count;
    }
  });
  return switches(count, [&] { other(); });
}

ucontext_t inside;
ucontext_t outside;
void run_ucontext() {
  for (;;) {
    ++inner_count;
    ::swapcontext(&inside, &outside);
  }
}
timing swap_context(std::int64_t count) {
  constexpr std::size_t bytes = 64 * 1024;
  const auto memory = std::make_unique<char[]>(bytes);
  ::getcontext(&inside);
  inside.uc_stack.ss_sp = memory.get();
  inside.uc_stack.ss_size = bytes;
  inside.uc_link = nullptr;
  ::makecontext(&inside, run_ucontext, 0);
  return switches(count, [&] { ::swapcontext(&outside, &inside); });
}

void add_switches() {
  const auto add = [](const char* who, auto measure, std::int64_t count) {
    add_row(std::string("greenlet/switch one way/") + who, shows_switch, benchmark::kNanosecond,
            [=] { return measure(scaled(count)); });
  };
  add("floor hand-written", floor, 20'000'000);
  add("reference", reference, 10'000'000);
  add("Boost.Context", boost_context, 10'000'000);
  add("Boost.Context fiber", boost_fiber_class, 10'000'000);
  add("Boost.Coroutine2", boost_coroutine, 5'000'000);
  add("swapcontext", swap_context, 400'000);
  if (has_python("greenlet")) {
    add(
        "greenlet (CPython)", [](auto) { return python("greenlet_cpython.py", {"switch"}); }, 0);
  }
}

template <typename Once>
timing lives(std::int64_t count, const Once& once) {
  inner_count = 0;
  const timing took = repeated(count, once);
  require(inner_count == count);
  return took;
}

void add_lives() {
  const auto add = [](const char* who, auto measure, std::int64_t count) {
    add_row(std::string("greenlet/create, run and end/") + who, shows_life, benchmark::kNanosecond,
            [=] { return measure(scaled(count)); });
  };
  add(
      "reference",
      [](std::int64_t count) {
        return lives(count, [] {
          ref::greenlet::create([](const std::any&) {
            ++inner_count;
            return std::any();
          })->switch_to();
        });
      },
      1'000'000);
  add(
      "Boost.Context fiber, pooled stack",
      [](std::int64_t count) {
        context::pooled_fixedsize_stack stacks(256 * 1024);
        return lives(count, [&] {
          context::fiber(std::allocator_arg, stacks, [](context::fiber&& back) {
            ++inner_count;
            return std::move(back);
          }).resume();
        });
      },
      1'000'000);
  add(
      "Boost.Context fiber",
      [](std::int64_t count) {
        return lives(count, [&] {
          context::fiber([](context::fiber&& back) {
            ++inner_count;
            return std::move(back);
          }).resume();
        });
      },
      100'000);
  if (has_python("greenlet")) {
    add(
        "greenlet (CPython)", [](auto) { return python("greenlet_cpython.py", {"life"}); }, 0);
  }
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_switches();
    add_lives();
    add_testees("greenlet");
  });
}
