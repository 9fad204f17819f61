#include "impl/queue/queue.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "impl/queue/test_processes.h"

namespace ref {
namespace {

using queue_testing::child;
using queue_testing::clock;
using queue_testing::shared_value;
using namespace std::chrono_literals;

TEST(queue, first_in_first_out) {
  queue items;
  for (int i = 0; i < 100; ++i) items.put(std::to_string(i));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(items.get(), std::to_string(i));
}

TEST(queue, counts_are_exact_right_after_each_operation) {
  queue items(3);
  EXPECT_TRUE(items.empty());
  EXPECT_FALSE(items.full());
  for (std::size_t n = 1; n <= 3; ++n) {
    items.put("x");
    EXPECT_EQ(items.qsize(), n);
    EXPECT_FALSE(items.empty());
  }
  EXPECT_TRUE(items.full());
  items.get();
  EXPECT_EQ(items.qsize(), 2u);
  EXPECT_FALSE(items.full());
}

TEST(queue, the_bound_is_kept) {
  queue items(2);
  items.put("a");
  items.put("b");
  EXPECT_THROW(items.put_nowait("c"), queue_full);
  EXPECT_FALSE(items.try_put("c"));
  EXPECT_EQ(items.get(), "a");
  EXPECT_TRUE(items.try_put("c"));
}

TEST(queue, zero_and_negative_bounds_are_none) {
  for (const std::int64_t maxsize : {0, -1, -1000}) {
    queue items(maxsize);
    for (int i = 0; i < 100'000; ++i) items.put("item");
    EXPECT_EQ(items.qsize(), 100'000u);
    EXPECT_FALSE(items.full());
    EXPECT_EQ(items.maxsize(), 0);
  }
}

TEST(queue, bounds_beyond_the_limit_are_refused) {
  EXPECT_NO_THROW(queue(queue::max_maxsize));
  EXPECT_THROW(queue(queue::max_maxsize + 1), std::overflow_error);
}

TEST(queue, without_waiting_get_reports_empty) {
  queue items;
  EXPECT_THROW(items.get_nowait(), queue_empty);
  EXPECT_THROW(items.get(false, 10s), queue_empty);
  EXPECT_EQ(items.try_get(), std::nullopt);
  std::string kept = "kept";
  EXPECT_FALSE(items.try_get_into(kept));
  EXPECT_EQ(kept, "kept");
}

TEST(queue, zero_and_negative_timeouts_do_not_wait) {
  queue items(1);
  EXPECT_THROW(items.get(true, 0s), queue_empty);
  EXPECT_THROW(items.get(true, -1h), queue_empty);
  items.put("x");
  EXPECT_THROW(items.put("y", true, 0s), queue_full);
  EXPECT_THROW(items.put("y", true, -1h), queue_full);
  EXPECT_EQ(items.get(true, -1h), "x");
}

TEST(queue, timeouts_never_end_early) {
  queue items(1);
  for (const auto span : {1ms, 20ms, 130ms}) {  // the last is longer than a heartbeat
    const auto start = clock::now();
    EXPECT_THROW(items.get(true, span), queue_empty);
    EXPECT_GE(clock::now() - start, span);
  }
  items.put("x");
  const auto start = clock::now();
  EXPECT_THROW(items.put("y", true, 30ms), queue_full);
  EXPECT_GE(clock::now() - start, 30ms);
}

TEST(queue, a_deadline_far_away_does_not_overflow) {
  queue items;
  items.put("x");
  EXPECT_EQ(items.get(true, std::chrono::nanoseconds::max()), "x");
}

TEST(queue, items_of_every_size_and_content_pass) {
  queue items;
  std::vector<std::string> sent = {"", std::string(1, '\0'), "\xff\x00\n"};
  for (std::size_t size = 1; size < 300; ++size) sent.emplace_back(size, static_cast<char>(size));
  for (const std::size_t size : {4095, 4096, 65'535, 65'536, 131'071, 131'072, 1'000'003}) {
    sent.emplace_back(size, 'L');
  }
  for (const auto& item : sent) items.put(item);
  for (const auto& item : sent) EXPECT_TRUE(items.get() == item) << item.size();
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string item(size, '\0');
  for (auto& c : item) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return item;
}

TEST(queue, sixteen_mebibytes_pass_between_processes) {
  queue items(2);
  const std::string large = pattern(16 << 20, 1);
  child producer([&] {
    for (int i = 0; i < 5; ++i) items.put(large);
  });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(items.get() == large);
  EXPECT_TRUE(producer.ended_well());
}

// Bytes of shared memory that this process has mapped in, by the kernel's account.
std::size_t shared_resident_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("RssShmem:")) return std::stoul(line.substr(9)) << 10;
  }
  return 0;
}

// Sizes from a few bytes to several times the storage, so that records are cut by the ring's end,
// and the ring grows and shrinks, at every kind of position.
void grow_and_shrink(std::int64_t maxsize) {
  queue items(maxsize);
  std::vector<std::string> model;
  std::size_t next = 0;
  unsigned random = 7;
  for (int round = 0; round < 3000; ++round) {
    random = random * 1664525 + 1013904223;
    const bool filling = (round / 300) % 2 == 0;
    const bool put = (random >> 28) < (filling ? 11u : 5u);
    if (put) {
      model.push_back(pattern((random >> 8) % (1u << ((random >> 4) % 20)), random));
      if (!items.try_put(model.back())) model.pop_back();
    } else if (next < model.size()) {
      ASSERT_TRUE(items.get() == model[next]) << next;
      model[next++].clear();
    }
  }
  for (; next < model.size(); ++next) ASSERT_TRUE(items.get() == model[next]) << next;
  EXPECT_TRUE(items.empty());
}

TEST(queue, growing_and_shrinking_keep_every_byte) { grow_and_shrink(0); }

// A bound lets the storage have a size that is no power of two.
TEST(queue, growing_and_shrinking_keep_every_byte_within_a_bound) {
  for (const std::int64_t maxsize : {3, 10, 40}) grow_and_shrink(maxsize);
}

// With a bound of so many the storage holds just them, in the worst places for the copies.
TEST(queue, a_bound_of_large_items_takes_no_more_memory_than_they_do) {
  const std::size_t before = shared_resident_bytes();
  queue items(17);
  const std::string item = pattern(1 << 20, 3);
  for (int i = 0; i < 17; ++i) items.put(item);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(items.get() == item);
    ASSERT_TRUE(items.try_put(item));
  }
  EXPECT_TRUE(items.full());
  EXPECT_LE(shared_resident_bytes(), before + (18u << 20));
}

TEST(queue, memory_is_given_back_when_drained) {
  const std::size_t before = shared_resident_bytes();
  queue items;
  const std::string item(1 << 20, 'm');
  for (int i = 0; i < 200; ++i) items.put(item);
  EXPECT_GE(shared_resident_bytes(), before + (200u << 20));
  for (int i = 0; i < 200; ++i) items.get();
  EXPECT_THROW(items.get_nowait(), queue_empty);
  EXPECT_LE(shared_resident_bytes(), before + (2u << 20));
}

TEST(queue, memory_is_given_back_while_some_items_stay) {
  const std::size_t before = shared_resident_bytes();
  queue items;
  const std::string item(64 << 10, 'm');
  for (int i = 0; i < 2000; ++i) items.put(item);
  for (int i = 0; i < 1995; ++i) items.get();
  for (int i = 0; i < 200; ++i) {
    items.put(item);
    ASSERT_TRUE(items.get() == item);
  }
  EXPECT_EQ(items.qsize(), 5u);
  EXPECT_LE(shared_resident_bytes(), before + (8u << 20));
}

long page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

TEST(queue, memory_that_is_needed_again_and_again_is_kept_until_nothing_happens) {
  const std::size_t before = shared_resident_bytes();
  queue items;
  const std::string item(64 << 10, 'm');
  const auto fill_and_drain = [&] {
    for (int i = 0; i < 256; ++i) items.put(item);
    for (int i = 0; i < 256; ++i) items.get();
    EXPECT_THROW(items.get_nowait(), queue_empty);
  };
  for (int i = 0; i < 20; ++i) fill_and_drain();
  [[maybe_unused]] const long faults = page_faults();
  for (int i = 0; i < 10; ++i) fill_and_drain();
#if !defined(__SANITIZE_THREAD__)  // which forgets its notes on each item's string: faults too
  constexpr long pages = 256 * 16;
  EXPECT_LT(page_faults() - faults, 2 * pages);
#endif
  EXPECT_GE(shared_resident_bytes(), before + (16u << 20));
  EXPECT_THROW(items.get(true, 3 * queue::heartbeat), queue_empty);
  EXPECT_LE(shared_resident_bytes(), before + (2u << 20));
}

TEST(queue, memory_added_after_the_fork_is_seen) {
  queue items;
  queue go(1);
  child consumer([&] {
    go.get();
    for (int i = 0; i < 40; ++i) {
      if (items.get() != std::string(1 << 20, static_cast<char>('a' + i % 26))) ::_exit(2);
    }
  });
  for (int i = 0; i < 40; ++i) items.put(std::string(1 << 20, static_cast<char>('a' + i % 26)));
  go.put("");
  EXPECT_TRUE(consumer.ended_well());
}

TEST(queue, an_item_too_large_for_the_range_is_refused) {
  queue items;
  const std::string_view impossible("x", std::size_t{1} << 50);
  EXPECT_THROW(items.put(impossible), std::bad_alloc);
  items.put("y");
  EXPECT_EQ(items.get(), "y");
}

TEST(queue, a_blocked_get_ends_with_a_put_of_another_process) {
  queue items;
  queue answers;
  child consumer([&] { answers.put(items.get()); });
  consumer.wait_until_asleep();
  items.put("hello");
  EXPECT_EQ(answers.get(), "hello");
  EXPECT_TRUE(consumer.ended_well());
}

TEST(queue, a_blocked_put_ends_with_a_get_of_another_process) {
  queue items(1);
  items.put("first");
  child producer([&] { items.put("second"); });
  producer.wait_until_asleep();
  EXPECT_EQ(items.get(), "first");
  EXPECT_EQ(items.get(), "second");
  EXPECT_TRUE(producer.ended_well());
}

TEST(queue, each_put_wakes_another_sleeper) {
  queue items;
  std::vector<child> consumers;
  for (int i = 0; i < 8; ++i) consumers.emplace_back([&] { items.get(); });
  for (const auto& consumer : consumers) consumer.wait_until_asleep();
  for (int i = 0; i < 8; ++i) items.put("x");
  for (auto& consumer : consumers) EXPECT_TRUE(consumer.ended_well());
}

TEST(queue, closing_is_for_this_process_only) {
  queue items;
  items.put("before");
  child other([&] {
    items.close();
    items.close();
    try {
      items.put("x");
      ::_exit(2);
    } catch (const queue_closed&) {
    }
    try {
      items.get();
      ::_exit(3);
    } catch (const queue_closed&) {
    }
    if (items.qsize() != 1) ::_exit(4);
  });
  EXPECT_TRUE(other.ended_well());
  EXPECT_EQ(items.get(), "before");
}

TEST(queue, closing_ends_the_waits_of_other_threads) {
  queue items(1);
  queue full(1);
  full.put("x");
  std::thread getter([&] { EXPECT_THROW(items.get(), queue_closed); });
  std::thread putter([&] { EXPECT_THROW(full.put("y"), queue_closed); });
  items.close();
  full.close();
  getter.join();
  putter.join();
}

struct tally {
  std::atomic<std::uint64_t> messages;
  std::atomic<std::uint64_t> sum;
};

// N producers, N consumers: nothing lost, nothing doubled, each producer's order kept.
void many_to_many(std::int64_t maxsize, int sides, std::uint64_t count, std::size_t padding) {
  queue items(maxsize);
  shared_value<tally> taken;
  std::vector<child> all;
  for (int producer = 0; producer < sides; ++producer) {
    all.emplace_back([&] {
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::array<std::uint64_t, 2> head = {static_cast<std::uint64_t>(producer), i};
        std::string item(reinterpret_cast<const char*>(head.data()), sizeof(head));
        items.put(item + std::string((i * 37) % (padding + 1), 'p'));
      }
    });
  }
  for (int consumer = 0; consumer < sides; ++consumer) {
    all.emplace_back([&] {
      std::map<std::uint64_t, std::uint64_t> next;
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::string item = items.get();
        std::array<std::uint64_t, 2> head;
        std::memcpy(head.data(), item.data(), sizeof(head));
        if (head[1] < next[head[0]]) throw std::runtime_error("order");
        if (item.size() != sizeof(head) + (head[1] * 37) % (padding + 1)) {
          throw std::runtime_error("size");
        }
        next[head[0]] = head[1] + 1;
        taken->sum += head[0] * count + head[1];
        ++taken->messages;
      }
    });
  }
  for (auto& one : all) EXPECT_TRUE(one.ended_well());
  const std::uint64_t total = static_cast<std::uint64_t>(sides) * count;
  EXPECT_EQ(taken->messages, total);
  EXPECT_EQ(taken->sum, total * (total - 1) / 2);
  EXPECT_TRUE(items.empty());
}

TEST(queue, many_to_many_with_a_bound) { many_to_many(16, 4, 5000, 100); }
TEST(queue, many_to_many_with_a_bound_of_one) { many_to_many(1, 3, 1000, 0); }
TEST(queue, many_to_many_without_a_bound) { many_to_many(0, 4, 5000, 3000); }

TEST(queue, threads_share_one_object) {
  queue items(8);
  std::atomic<std::uint64_t> sum = 0;
  std::vector<std::thread> threads;
  for (int side = 0; side < 3; ++side) {
    threads.emplace_back([&] {
      for (int i = 1; i <= 2000; ++i) items.put(std::to_string(i));
    });
    threads.emplace_back([&] {
      for (int i = 1; i <= 2000; ++i) sum += std::stoull(items.get());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum, 3u * 2000 * 2001 / 2);
}

TEST(queue, many_queues_fit_the_address_space) {
  std::vector<std::unique_ptr<queue>> queues;
  for (int i = 0; i < 8; ++i) queues.push_back(std::make_unique<queue>());
  for (auto& one : queues) one->put("x");
  for (auto& one : queues) EXPECT_EQ(one->get(), "x");
}

}  // namespace
}  // namespace ref
