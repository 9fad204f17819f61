#include "impl/coroutine/generator.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "impl/coroutine/round_robin.h"

namespace {

using ref::generator;

generator<long> fib(long count) {
  long a = 0;
  long b = 1;
  for (; count > 0; --count) {
    co_yield a;
    b += std::exchange(a, b);
  }
}

TEST(generator, yields_one_at_a_time) {
  std::vector<long> all;
  for (long each : fib(8)) all.push_back(each);
  EXPECT_EQ(all, (std::vector<long>{0, 1, 1, 2, 3, 5, 8, 13}));
  for (long each : fib(0)) FAIL() << each;
  auto endless = fib(std::numeric_limits<long>::max());
  EXPECT_EQ(endless.next(), 0);
}

TEST(generator, runs_nothing_when_called_and_keeps_its_state) {
  std::vector<std::string> log;
  const auto body = [](std::vector<std::string>& to) -> generator<int> {
    to.push_back("begins");
    co_yield 1;
    to.push_back("goes on");
    co_yield 2;
    to.push_back("ends");
  };
  auto made = body(log);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(made.next(), 1);
  EXPECT_EQ(log, (std::vector<std::string>{"begins"}));
  EXPECT_EQ(made.next(), 2);
  EXPECT_THROW(made.next(), ref::stop_iteration);
  EXPECT_THROW(made.next(), ref::stop_iteration);
  EXPECT_EQ(log.size(), 3U);
  EXPECT_TRUE(made.is_finished());
}

generator<int, std::string, double> talk(std::vector<std::string>& heard) {
  heard.push_back(co_yield 1);
  heard.push_back(co_yield 2);
  co_return 0.5;
}

TEST(generator, send_and_return) {
  std::vector<std::string> heard;
  auto it = talk(heard);
  EXPECT_THROW(it.send("too early"), std::invalid_argument);
  EXPECT_EQ(it.next(), 1);
  EXPECT_EQ(it.send("hello"), 2);
  try {
    it.next();
    FAIL() << "it goes on";
  } catch (const decltype(it)::stop& end) {
    EXPECT_EQ(end.value, 0.5);
  }
  try {
    it.next();
    FAIL() << "it goes on";
  } catch (const decltype(it)::stop& end) {
    EXPECT_EQ(end.value, std::nullopt);
  }
  EXPECT_EQ(heard, (std::vector<std::string>{"hello", ""}));
}

generator<int> guarded(std::vector<std::string>& log) {
  struct on_leaving {
    std::vector<std::string>& to;
    ~on_leaving() { to.push_back("left"); }
  } const leaving{log};
  try {
    co_yield 1;
  } catch (const std::runtime_error& caught) {
    log.push_back(caught.what());
  }
  co_yield 2;
}

TEST(generator, throw_in) {
  std::vector<std::string> log;
  auto it = guarded(log);
  it.next();
  EXPECT_EQ(it.throw_in(std::make_exception_ptr(std::runtime_error("a"))), 2);
  EXPECT_THROW(it.throw_in(std::make_exception_ptr(std::runtime_error("b"))), std::runtime_error);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "left"}));
  EXPECT_THROW(it.next(), ref::stop_iteration);
  EXPECT_THROW(it.throw_in(std::make_exception_ptr(std::runtime_error("c"))), std::runtime_error);
  auto unstarted = guarded(log);
  EXPECT_THROW(unstarted.throw_in(std::make_exception_ptr(std::runtime_error("d"))),
               std::runtime_error);
  EXPECT_THROW(unstarted.next(), ref::stop_iteration);
  EXPECT_EQ(log.size(), 2U);
}

generator<int> stubborn() {
  for (;;) {
    try {
      co_yield 1;
    } catch (const ref::generator_exit&) {
    }
  }
}

TEST(generator, close) {
  std::vector<std::string> log;
  auto it = guarded(log);
  it.next();
  it.close();
  EXPECT_EQ(log, (std::vector<std::string>{"left"}));
  EXPECT_THROW(it.next(), ref::stop_iteration);
  it.close();
  guarded(log).close();
  EXPECT_EQ(log.size(), 1U);
  auto refuses = stubborn();
  refuses.next();
  EXPECT_THROW(refuses.close(), ref::generator_misbehaved);
}

TEST(generator, destruction_leaves_the_body) {
  std::vector<std::string> log;
  {
    auto it = guarded(log);
    it.next();
  }
  EXPECT_EQ(log, (std::vector<std::string>{"left"}));
}

TEST(generator, stop_iteration_inside_is_an_error) {
  const auto body = []() -> generator<int> {
    co_yield 1;
    throw ref::stop_iteration();
  };
  auto it = body();
  it.next();
  EXPECT_THROW(it.next(), ref::generator_misbehaved);
  EXPECT_THROW(it.next(), ref::stop_iteration);
}

TEST(generator, refuses_to_run_within_itself) {
  generator<int>* itself = nullptr;
  const auto body = [](generator<int>*& me) -> generator<int> {
    EXPECT_FALSE(me->is_finished());
    EXPECT_THROW(me->next(), ref::generator_running);
    EXPECT_THROW(me->close(), ref::generator_running);
    co_yield 1;
  };
  auto it = body(itself);
  itself = &it;
  EXPECT_EQ(it.next(), 1);
}

generator<int, std::string, double> outer(std::vector<std::string>& heard) {
  const double inner = co_yield ref::yield_from(talk(heard));
  heard.push_back(std::to_string(inner));
  co_yield 3;
  co_return 2 * inner;
}

TEST(generator, delegation_passes_everything_through) {
  std::vector<std::string> heard;
  auto it = outer(heard);
  EXPECT_EQ(it.next(), 1);
  EXPECT_EQ(it.send("down"), 2);
  EXPECT_EQ(it.next(), 3);
  EXPECT_EQ(heard, (std::vector<std::string>{"down", "", "0.500000"}));
  EXPECT_THROW(it.next(), decltype(it)::stop);
}

generator<int> delegates(generator<int>& to, std::vector<std::string>& log) {
  try {
    co_yield ref::yield_from(to);
  } catch (const std::runtime_error& caught) {
    log.push_back(std::string("outer: ") + caught.what());
  }
  co_yield 9;
}

TEST(generator, delegation_passes_exceptions_and_close) {
  std::vector<std::string> log;
  auto inner = guarded(log);
  auto it = delegates(inner, log);
  it.next();
  EXPECT_EQ(it.throw_in(std::make_exception_ptr(std::runtime_error("a"))), 2);
  EXPECT_EQ(it.throw_in(std::make_exception_ptr(std::runtime_error("b"))), 9);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "left", "outer: b"}));
  auto second = guarded(log);
  auto closed = delegates(second, log);
  closed.next();
  closed.close();
  EXPECT_EQ(log.back(), "left");
  EXPECT_THROW(second.next(), ref::stop_iteration);
  auto none = fib(0);
  const auto empty = [](generator<long>& from) -> generator<long> {
    co_yield ref::yield_from(from);
    co_yield 5;
  };
  EXPECT_EQ(empty(none).next(), 5);
}

generator<int> nested(int depth) {
  if (depth > 0) co_yield ref::yield_from(nested(depth - 1));
  co_yield depth;
}

TEST(generator, deep_delegation) {
  int expected = 0;
  for (int each : nested(100)) EXPECT_EQ(each, expected++);
  EXPECT_EQ(expected, 101);
}

TEST(round_robin, takes_turns_until_all_have_ended) {
  std::vector<std::string> log;
  const auto worker = [](std::vector<std::string>& to, std::string name,
                         int steps) -> generator<int> {
    for (int i = 0; i < steps; ++i) {
      to.push_back(name);
      co_yield i;
    }
  };
  std::vector<generator<int>> workers;
  workers.push_back(worker(log, "a", 3));
  workers.push_back(worker(log, "b", 1));
  EXPECT_EQ(ref::round_robin(workers, 1), 2U);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b"}));
  ref::round_robin(workers);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b", "a", "a"}));
}

}  // namespace
