#include "impl/coroutine/greenlet.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cfenv>
#include <functional>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace ref {
namespace {

int number(const std::any& value) { return std::any_cast<int>(value); }

TEST(greenlet, alternate) {
  std::string order;
  greenlet::pointer b;
  const auto a = greenlet::create([&](std::any) {
    for (int i = 0; i < 3; ++i) {
      order += 'a';
      b->switch_to();
    }
    return std::any();
  });
  b = greenlet::create([&](std::any) {
    for (int i = 0; i < 3; ++i) {
      order += 'b';
      a->switch_to();
    }
    return std::any();
  });
  EXPECT_EQ(order, "");
  a->switch_to();
  EXPECT_EQ(order, "ababab");
}

TEST(greenlet, values_pass_both_ways) {
  const greenlet::pointer main = &greenlet::current();
  const auto doubles = greenlet::create([&](std::any value) {
    for (int i = 0; i < 2; ++i) value = main->switch_to(number(value) * 2);
    return std::any(number(value) + 100);
  });
  EXPECT_EQ(number(doubles->switch_to(1)), 2);
  EXPECT_EQ(number(doubles->switch_to(4)), 8);
  EXPECT_EQ(number(doubles->switch_to(5)), 105);
  EXPECT_TRUE(doubles->is_dead());
  EXPECT_EQ(number(doubles->switch_to(7)), 7);  // passes through to the parent
}

// Runs it where mmap(2) gives nothing; in a thread, which has no unused stacks yet.
void without_memory(const std::function<void()>& what) {
  rlimit usual{};
  ::getrlimit(RLIMIT_AS, &usual);
  const rlimit none{1, usual.rlim_max};
  ::setrlimit(RLIMIT_AS, &none);
  what();
  ::setrlimit(RLIMIT_AS, &usual);
}

TEST(greenlet, what_a_greenlet_without_memory_should_have_got_goes_to_nobody) {
  if (detail::is_sanitized) GTEST_SKIP() << "a sanitizer needs memory itself";
  std::thread([] {
    const greenlet::pointer main = &greenlet::current();
    std::any brought = 0;
    const auto waits = greenlet::create([&](std::any) {
      brought = main->switch_to();
      return std::any();
    });
    waits->switch_to();
    const auto begins = greenlet::create([](std::any value) { return value; });
    without_memory([&] { EXPECT_THROW(begins->switch_to(5), std::bad_alloc); });
    waits->switch_to();
    EXPECT_FALSE(brought.has_value());
    EXPECT_EQ(number(begins->switch_to(6)), 6);
  }).join();
}

TEST(greenlet, exceptions_go_to_the_parent) {
  const auto fails = greenlet::create([](std::any) -> std::any { throw std::out_of_range("key"); });
  EXPECT_THROW(fails->switch_to(), std::out_of_range);
  EXPECT_TRUE(fails->is_dead());
}

TEST(greenlet, exit_is_quiet) {
  const greenlet::pointer main = &greenlet::current();
  const auto waits = greenlet::create([&](std::any) { return main->switch_to(); });
  waits->switch_to();
  EXPECT_NO_THROW(std::any_cast<greenlet_exit>(waits->throw_exit()));
  const auto unborn = greenlet::create([&](std::any) { return std::any(1); });
  EXPECT_NO_THROW(std::any_cast<greenlet_exit>(unborn->throw_exit()));
  EXPECT_TRUE(unborn->is_dead());
}

TEST(greenlet, cycles_and_other_threads_are_refused) {
  const auto a = greenlet::create([](std::any value) { return value; });
  const auto b = greenlet::create([](std::any value) { return value; }, a);
  EXPECT_THROW(a->set_parent(b), std::invalid_argument);
  EXPECT_THROW(a->set_parent(a), std::invalid_argument);
  EXPECT_THROW(greenlet::current().set_parent(a), std::invalid_argument);
  std::thread([&] { EXPECT_THROW(a->switch_to(), greenlet_error); }).join();
}

TEST(greenlet, the_last_pointer_unwinds) {
  int destroyed = 0;
  struct guard {
    int& count;
    ~guard() { ++count; }
  };
  const greenlet::pointer main = &greenlet::current();
  auto waits = greenlet::create([&](std::any) {
    const guard here{destroyed};
    main->switch_to();
    return std::any();
  });
  waits->switch_to();
  EXPECT_EQ(destroyed, 0);
  waits.reset();
  EXPECT_EQ(destroyed, 1);
}

TEST(greenlet, the_last_pointer_may_be_in_a_function_that_ends) {
  int unwound = 0;
  struct guard {
    int& count;
    ~guard() { ++count; }
  };
  const greenlet::pointer main = &greenlet::current();
  auto waits = greenlet::create([&](std::any) {
    const guard here{unwound};
    return main->switch_to();
  });
  waits->switch_to();
  const auto owner = greenlet::create([waits = std::move(waits)](std::any) { return std::any(7); });
  EXPECT_EQ(number(owner->switch_to()), 7);
  EXPECT_EQ(unwound, 1);
}

TEST(greenlet, what_runs_at_its_end_may_keep_it) {
  greenlet::pointer kept;
  struct keeper {
    greenlet::pointer& kept;
    ~keeper() { kept = &greenlet::current(); }
  };
  auto waits = greenlet::create([&](std::any) {
    const keeper here{kept};
    return greenlet::current().parent()->switch_to();
  });
  waits->switch_to();
  const greenlet* const was = waits.get();
  waits.reset();
  ASSERT_EQ(kept.get(), was);
  EXPECT_TRUE(kept->is_dead());
  EXPECT_EQ(number(kept->switch_to(3)), 3);
}

TEST(greenlet, pointers_may_be_copied_in_other_threads) {
  const auto ended = greenlet::create([](std::any value) { return value; });
  ended->switch_to();
  const auto copy = [&] {
    for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(greenlet::pointer(ended)->is_dead());
  };
  std::thread other(copy);
  copy();
  other.join();
  EXPECT_TRUE(ended->is_dead());
}

TEST(greenlet, more_may_end_than_stacks_are_kept) {
  std::vector<greenlet::pointer> all;
  int ended = 0;
  for (std::size_t i = 0; i < stack::pooled + 10; ++i) {
    all.push_back(greenlet::create([&](std::any) {
      greenlet::current().parent()->switch_to();
      ++ended;
      return std::any(ended);
    }));
    all.back()->switch_to();
  }
  int expected = 0;
  for (const auto& each : all) EXPECT_EQ(number(each->switch_to()), ++expected);
}

TEST(greenlet, may_switch_while_exceptions_are_handled) {
  const greenlet::pointer main = &greenlet::current();
  const auto handles = [&](int code) {
    return greenlet::create([&main, code](std::any) {
      try {
        throw code;
      } catch (int) {
        main->switch_to();
        try {
          throw;
        } catch (int again) {
          return std::any(again);
        }
      }
    });
  };
  const auto a = handles(1);
  const auto b = handles(2);
  a->switch_to();
  b->switch_to();
  EXPECT_EQ(number(a->switch_to()), 1);
  EXPECT_EQ(number(b->switch_to()), 2);
}

TEST(greenlet, rounding_and_traps_are_each_ones_own) {
  const auto rounds_up = greenlet::create([](std::any) {
    std::fesetround(FE_UPWARD);
    for (int i = 0; i < 2; ++i) {
      greenlet::current().parent()->switch_to();
      EXPECT_EQ(std::fegetround(), FE_UPWARD);
      volatile double one = 1;
      EXPECT_GT(one + 1e-30, 1.0);
    }
    return std::any();
  });
  for (int i = 0; i < 3; ++i) {
    rounds_up->switch_to();
    EXPECT_EQ(std::fegetround(), FE_TONEAREST);
    volatile double one = 1;
    EXPECT_EQ(one + 1e-30, 1.0);
  }
  EXPECT_TRUE(rounds_up->is_dead());
}

TEST(greenlet, registers_survive) {
  std::vector<greenlet::pointer> all;
  double sum = 0;
  for (int i = 0; i < 5; ++i) {
    all.push_back(greenlet::create([&sum, i](std::any) {
      double part = i;
      long double precise = i;
      for (int k = 0; k < 1000; ++k) {
        part += 1;
        precise += 1;
        greenlet::current().parent()->switch_to();
      }
      sum += part + static_cast<double>(precise);
      return std::any();
    }));
  }
  for (int k = 0; k <= 1000; ++k) {
    for (const auto& each : all) each->switch_to();
  }
  EXPECT_EQ(sum, 5 * 2000 + 2 * (0 + 1 + 2 + 3 + 4));
}

TEST(greenlet, stacks_are_reused) {
  // Sanitizers map memory of their own for each.
  constexpr int rounds = detail::is_sanitized ? 2'000 : 100'000;
  for (int i = 0; i < rounds; ++i) {
    EXPECT_EQ(number(greenlet::create([](std::any value) { return value; })->switch_to(i)), i);
  }
}

}  // namespace
}  // namespace ref
