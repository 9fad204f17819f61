#include "impl/pool/pool.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <optional>
#include <set>
#include <thread>

namespace {

using namespace std::chrono_literals;

std::string shout(std::string_view text) {
  std::string loud(text);
  for (char& each : loud) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return loud;
}
std::string fail(std::string_view text) { throw ref::task_error("ValueError", std::string(text)); }
std::string overflow(std::string_view) { throw std::overflow_error("too much"); }
std::string worker_id(std::string_view) { return std::to_string(::getpid()); }
std::string die(std::string_view) {
  ::raise(SIGKILL);
  return {};
}
std::string wait_forever(std::string_view) {
  for (;;) ::pause();
}
int gate[2] = {-1, -1};
std::string wait_at_the_gate(std::string_view) {
  char byte = 0;
  return ::read(gate[0], &byte, 1) == 1 ? "through" : "shut";
}
int initialized = 0;
std::string read_initialized(std::string_view) { return std::to_string(initialized); }

TEST(pool, performs_tasks) {
  ref::pool pool({.size = 2});
  EXPECT_EQ(pool.size(), 2);
  EXPECT_EQ(pool.apply(shout, "hello"), "HELLO");
  EXPECT_EQ(pool.apply(shout, ""), "");
  EXPECT_EQ(pool.apply(shout, std::string(1 << 20, 'x')), std::string(1 << 20, 'X'));
  auto answer = pool.apply_async(shout, "again");
  EXPECT_EQ(answer.get(10s), "AGAIN");
  EXPECT_EQ(answer.get(), "AGAIN");
  EXPECT_TRUE(answer.successful());
}

TEST(pool, exceptions_wait_for_the_result) {
  ref::pool pool({.size = 1});
  auto failing = pool.apply_async(fail, "no");
  auto other = pool.apply_async(overflow, "");
  EXPECT_EQ(pool.apply(shout, "on"), "ON");
  for (int i = 0; i < 2; ++i) {
    try {
      failing.get();
      FAIL() << "no exception";
    } catch (const ref::task_error& error) {
      EXPECT_EQ(error.type(), "ValueError");
      EXPECT_STREQ(error.what(), "no");
    }
  }
  EXPECT_FALSE(failing.successful());
  try {
    other.get();
  } catch (const ref::task_error& error) {
    EXPECT_EQ(error.type(), "std::overflow_error");
  }
}

TEST(pool, maps_in_order) {
  ref::pool pool({.size = 3});
  std::vector<std::string> numbers;
  for (int i = 0; i < 1000; ++i) numbers.push_back("n" + std::to_string(i));
  const auto loud = pool.map(shout, numbers);
  ASSERT_EQ(loud.size(), numbers.size());
  for (std::size_t i = 0; i < loud.size(); ++i) EXPECT_EQ(loud[i], "N" + std::to_string(i));
  EXPECT_TRUE(pool.map(shout, {}).empty());
  EXPECT_THROW(pool.map(fail, numbers), ref::task_error);
  auto stream = pool.imap(shout, numbers);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(stream.next(10s), "N" + std::to_string(i));
  EXPECT_EQ(stream.next(), std::nullopt);
  auto unordered = pool.imap_unordered(shout, numbers);
  std::set<std::string> seen;
  while (auto each = unordered.next(10s)) seen.insert(*each);
  EXPECT_EQ(seen.size(), numbers.size());
}

std::string echo_below_900(std::string_view text) {
  if (text.size() >= 900) throw ref::task_error("ValueError", std::string(text.substr(900)));
  return std::string(text);
}

// More chunks than workers, so that results are read while later tasks are handed in.
TEST(pool, long_maps_keep_their_order_and_their_first_error) {
  ref::pool pool({.size = 2});
  std::vector<std::string> texts;
  for (int i = 0; i < 30'000; ++i) texts.push_back(std::string(i % 300, 'x') + std::to_string(i));
  for (const std::size_t chunk : {0, 7, 4096, 100'000}) {
    EXPECT_TRUE(pool.map(echo_below_900, texts, chunk) == texts) << chunk;
  }
  texts[9'000] = std::string(900, 'x') + "first";
  texts[9'001] = std::string(900, 'x') + "second";
  texts[29'999] = std::string(900, 'x') + "last";
  for (const std::size_t chunk : {0, 7, 4096, 100'000}) {
    try {
      pool.map(echo_below_900, texts, chunk);
      FAIL() << "no error, with chunks of " << chunk;
    } catch (const ref::task_error& error) {
      EXPECT_STREQ(error.what(), "first");
    }
  }
}

TEST(pool, a_killed_worker_costs_its_task_alone) {
  ref::pool pool({.size = 2});
  for (int i = 0; i < 10; ++i) {
    auto dying = pool.apply_async(die, "");
    EXPECT_THROW(dying.get(10s), ref::worker_died);
    EXPECT_EQ(pool.apply_async(shout, "alive").get(10s), "ALIVE");
  }
}

TEST(pool, deaths_among_many_tasks_lose_nothing_else) {
  ref::pool pool({.size = 4});
  std::vector<std::pair<bool, ref::async_result>> all;
  for (int i = 0; i < 500; ++i) {
    const bool dies = i % 25 == 7;
    all.emplace_back(dies, pool.apply_async(dies ? die : shout, std::to_string(i)));
  }
  for (auto& [dies, result] : all) {
    if (dies) {
      EXPECT_THROW(result.get(20s), ref::worker_died);
    } else {
      EXPECT_NO_THROW(result.get(20s));
    }
  }
}

TEST(pool, idle_workers_are_replaced) {
  ref::pool pool({.size = 1});
  const pid_t first = std::stoi(pool.apply(worker_id, ""));
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  EXPECT_EQ(pool.apply_async(shout, "on").get(10s), "ON");
  EXPECT_NE(std::stoi(pool.apply(worker_id, "")), first);
}

TEST(pool, workers_end_after_their_number_of_tasks) {
  ref::pool pool({.size = 1, .max_tasks_per_worker = 2});
  std::set<std::string> workers;
  for (int i = 0; i < 6; ++i) workers.insert(pool.apply_async(worker_id, "").get(10s));
  EXPECT_EQ(workers.size(), 3U);
}

TEST(pool, initializer_runs_in_each_worker) {
  ref::pool pool({.size = 2, .initializer = [] { initialized = 7; }});
  EXPECT_EQ(pool.apply(read_initialized, ""), "7");
  EXPECT_EQ(initialized, 0);
}

TEST(pool, close_finishes_what_was_handed_in) {
  ref::pool pool({.size = 2});
  EXPECT_THROW(pool.join(), std::logic_error);
  std::vector<ref::async_result> results;
  for (int i = 0; i < 100; ++i) results.push_back(pool.apply_async(shout, "x"));
  pool.close();
  pool.close();
  EXPECT_THROW(pool.apply(shout, "late"), std::invalid_argument);
  pool.join();
  for (auto& each : results) EXPECT_TRUE(each.ready());
}

TEST(pool, close_bears_deaths) {
  ref::pool pool({.size = 2});
  std::vector<ref::async_result> results;
  for (int i = 0; i < 20; ++i) results.push_back(pool.apply_async(i % 3 == 0 ? die : shout, "x"));
  pool.close();
  pool.join();
  for (auto& each : results) EXPECT_TRUE(each.ready());
}

TEST(pool, terminate_ends_at_once) {
  ref::pool pool({.size = 2});
  auto running = pool.apply_async(wait_forever, "");
  EXPECT_THROW(running.get(20ms), ref::result_timeout);
  EXPECT_FALSE(running.ready());
  pool.terminate();
  pool.join();
  EXPECT_THROW(running.get(10s), ref::pool_terminated);
  EXPECT_THROW(pool.apply(shout, ""), std::invalid_argument);
}

TEST(pool, callbacks_run_here) {
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  ref::pool pool({.size = 2});
  pool.apply_async(shout, "x", [&](const std::string& text) { good += text == "X"; });
  pool.apply_async(fail, "x", {}, [&](const std::exception_ptr&) { ++bad; });
  pool.close();
  pool.join();
  EXPECT_EQ(good, 1);
  EXPECT_EQ(bad, 1);
}

TEST(pool, many_threads_wait_at_once) {
  ref::pool pool({.size = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&pool, &right, i] {
      for (int k = 0; k < 200; ++k) {
        const std::string text = "t" + std::to_string(i * 1000 + k);
        auto result = pool.apply_async(shout, text);
        while (k % 3 == 0 && !result.wait(1us)) {
        }
        right += result.get() == "T" + text.substr(1);
      }
    });
  }
  for (auto& each : threads) each.join();
  EXPECT_EQ(right, 6 * 200);
}

TEST(pool, who_waits_long_hears_for_the_others) {
  ASSERT_EQ(::pipe(gate), 0);
  ref::pool pool({.size = 2});
  auto slow = pool.apply_async(wait_at_the_gate, "");
  std::thread waits([&] { EXPECT_EQ(slow.get(), "through"); });
  std::atomic<int> called{0};
  for (int i = 0; i < 100; ++i) {
    pool.apply_async(shout, "x", [&](const std::string&) { ++called; });
    EXPECT_EQ(pool.apply(shout, "x"), "X");
  }
  while (called < 100) std::this_thread::yield();
  EXPECT_FALSE(slow.ready());
  EXPECT_EQ(::write(gate[1], "x", 1), 1);
  waits.join();
  for (const int each : gate) ::close(each);
}

TEST(pool, results_are_ready_without_anybody_waiting) {
  ref::pool pool({.size = 1});
  auto result = pool.apply_async(shout, "x");
  while (!result.ready()) std::this_thread::yield();
  EXPECT_TRUE(result.successful());
}

TEST(pool, results_outlive_the_pool) {
  std::optional<ref::async_result> done;
  std::optional<ref::async_result> missing;
  std::optional<ref::result_stream> stream;
  {
    ref::pool pool({.size = 1});
    done = pool.apply_async(shout, "x");
    done->wait();
    missing = pool.apply_async(wait_forever, "");
    stream = pool.imap_unordered(shout, {"x"});
  }
  EXPECT_EQ(done->get(), "X");
  EXPECT_THROW(missing->get(), ref::pool_terminated);
  EXPECT_THROW(stream->next(), ref::pool_terminated);
  EXPECT_EQ(stream->next(), std::nullopt);
}

TEST(pool, gives_up_where_no_worker_lives) {
  ref::pool pool({.size = 1, .initializer = [] { ::raise(SIGKILL); }});
  EXPECT_THROW(pool.apply_async(shout, "x").get(20s), std::exception);
}

TEST(pool, refuses_a_negative_size) {
  EXPECT_THROW(ref::pool({.size = -1}), std::invalid_argument);
}

}  // namespace
