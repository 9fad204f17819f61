// Death of participants: at each marked instruction in turn, and at random ones.
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <thread>
#include <vector>

#include "impl/queue/kill_point.h"
#include "impl/queue/queue.h"
#include "impl/queue/test_processes.h"

namespace ref {
namespace {

using queue_detail::arm;
using queue_detail::kill_point;
using queue_testing::child;
using queue_testing::clock;
using namespace std::chrono_literals;

// Long enough for any machine; reached only by a queue that is stuck.
constexpr auto stuck = 20s;

// Works through every step of the algorithm: full and empty queues, waits with an end, growth, and
// the return of memory.
void exercise(queue& items) {
  std::string item;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 6; ++i) items.try_put("from the victim", deadline::in(1ms));
    for (int i = 0; i < 6; ++i) items.try_get_into(item, deadline::in(1ms));
    items.try_put(std::string(1 << 20, 'L'), deadline::in(1ms));
    items.try_put("behind it", deadline::in(1ms));
    for (int i = 0; i < 6; ++i) items.try_get_into(item);
    items.try_get_into(item, deadline::in(1ms));
  }
}

class at_each_point : public testing::TestWithParam<int> {};

// A victim dies at the point after a number of passes; then the queue must still be a queue.
TEST_P(at_each_point, the_others_go_on) {
  for (int passes = 0; passes < 4; ++passes) {
    queue items(4);
    for (int i = 0; i < 3; ++i) items.put("before");
    child partner([&] { exercise(items); });
    child victim([&] {
      arm(static_cast<kill_point>(GetParam()), passes);
      exercise(items);
      exercise(items);
    });
    victim.reap();
    ASSERT_TRUE(partner.ended_well());
    std::string item;
    std::size_t left = items.qsize();
    ASSERT_LE(left, 4u);
    for (; left > 0; --left) ASSERT_TRUE(items.try_get_into(item, deadline::in(stuck)));
    ASSERT_TRUE(items.empty());
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(items.try_put(std::to_string(i), deadline::in(stuck)));
    ASSERT_TRUE(items.full());
    for (int i = 0; i < 4; ++i) ASSERT_EQ(items.get(true, stuck), std::to_string(i));
  }
}

INSTANTIATE_TEST_SUITE_P(queue_kill, at_each_point,
                         testing::Range(0, static_cast<int>(kill_point::count)));

TEST(queue_kill, put_that_died_before_the_change_left_nothing) {
  for (const auto point : {kill_point::put_lock_taken, kill_point::put_record_begun,
                           kill_point::put_record_copied, kill_point::put_tail_noted}) {
    queue items;
    child victim([&] {
      arm(point);
      items.put("lost");
    });
    EXPECT_TRUE(WIFSIGNALED(victim.reap()));
    EXPECT_TRUE(items.empty());
    items.put("next");
    EXPECT_EQ(items.get(true, stuck), "next");
  }
}

TEST(queue_kill, put_that_died_after_the_change_counts) {
  for (const auto point : {kill_point::put_published, kill_point::put_unlocked}) {
    queue items;
    child victim([&] {
      arm(point);
      items.put("kept");
    });
    EXPECT_TRUE(WIFSIGNALED(victim.reap()));
    EXPECT_EQ(items.qsize(), 1u);
    items.put("next");
    EXPECT_EQ(items.get(true, stuck), "kept");
    EXPECT_EQ(items.get(true, stuck), "next");
  }
}

TEST(queue_kill, get_loses_its_own_item_at_most) {
  for (int point = static_cast<int>(kill_point::get_lock_taken);
       point <= static_cast<int>(kill_point::get_unlocked); ++point) {
    queue items;
    items.put("1");
    items.put("2");
    child victim([&] {
      arm(static_cast<kill_point>(point));
      items.get();
    });
    EXPECT_TRUE(WIFSIGNALED(victim.reap()));
    const bool taken = point >= static_cast<int>(kill_point::get_published);
    EXPECT_EQ(items.qsize(), taken ? 1u : 2u);
    EXPECT_EQ(items.get(true, stuck), taken ? "2" : "1");
  }
}

// The item is in the queue, its producer died owing the wake-up.
TEST(queue_kill, an_owed_wake_up_comes_with_the_heartbeat) {
  for (const auto point :
       {kill_point::put_published, kill_point::put_unlocked, kill_point::wake_claimed}) {
    queue items;
    queue answers;
    child sleeper([&] { answers.put(items.get()); });
    sleeper.wait_until_asleep();
    child victim([&] {
      arm(point);
      items.put("x");
    });
    victim.reap();
    EXPECT_EQ(answers.get(true, stuck), "x");
  }
}

TEST(queue_kill, a_sleeper_that_dies_takes_no_wake_up_with_it) {
  for (int round = 0; round < 20; ++round) {
    queue items;
    queue answers;
    child first([&] { items.get(); });
    first.wait_until_asleep();
    child second([&] { answers.put(items.get()); });
    second.wait_until_asleep();
    first.kill();
    items.put("x");
    EXPECT_EQ(answers.get(true, stuck), "x");
  }
}

TEST(queue_kill, a_thread_that_ends_with_the_lock_is_no_harm) {
  queue items;
  child other([&] {
    // The whole process dies in one thread while the other sleeps inside the queue.
    std::thread sleeper([&] { items.get(); });
    arm(kill_point::put_record_copied);
    items.put("x");
  });
  other.reap();
  items.put("y");
  EXPECT_EQ(items.get(true, stuck), "y");
}

// Producers and consumers are killed by the clock and replaced. Each item says who put it, in which
// life, and its number; so loss, doubling and disorder all show.
TEST(queue_kill, random_deaths_cost_at_most_one_item_each) {
  constexpr int lives = 400;
  queue items(64);
  queue log(256);  // what consumers took: put there before the next get
  unsigned random = 12345;
  const auto chance = [&](unsigned below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  const auto produce = [&](int life) {
    for (std::uint64_t i = 0;; ++i) {
      std::string item = std::to_string(life) + " " + std::to_string(i) + " ";
      item.resize(item.size() + (i * 131) % 5000, 'x');
      items.put(item);
    }
  };
  const auto consume = [&] {
    for (;;) {
      const std::string item = items.get();
      log.put(item.substr(0, item.find(' ', item.find(' ') + 1)));
    }
  };
  std::vector<child> consumers;
  std::vector<child> producers;
  int life = 0;
  int consumer_deaths = 0;
  for (int i = 0; i < 2; ++i) {
    producers.emplace_back([&, life] { produce(life); });
    ++life;
    consumers.emplace_back(consume);
  }
  std::map<int, std::uint64_t> next;
  std::uint64_t missing = 0;
  // Consumers note items concurrently, so that the log may be out of order by as many as they are.
  std::set<std::pair<int, std::uint64_t>> taken;
  const auto read_log = [&](deadline until) {
    std::string line;
    if (!log.try_get_into(line, until)) return false;
    const auto space = line.find(' ');
    const int who = std::stoi(line);
    const std::uint64_t number = std::stoull(line.substr(space));
    EXPECT_TRUE(taken.emplace(who, number).second) << "doubled: " << line;
    return true;
  };
  while (life < lives) {
    const auto until = deadline::in(std::chrono::microseconds(100 + chance(1500)));
    while (!until.passed() && read_log(until)) {
    }
    if (chance(2) == 0) {
      producers[chance(2)] = child([&, life] { produce(life); });
      ++life;
    } else {
      consumers[chance(2)] = child(consume);
      ++consumer_deaths;
    }
  }
  producers.clear();
  // Somebody must still be able to take all that is left.
  while (!items.empty()) {
    ASSERT_TRUE(read_log(deadline::in(stuck)));
  }
  consumers.clear();
  consumer_deaths += 2;
  while (read_log(deadline::in(0ns))) {
  }
  for (const auto& [who, number] : taken) {
    missing += number - next[who];
    next[who] = number + 1;
  }
  EXPECT_GT(taken.size(), 100u);
  EXPECT_LE(missing, static_cast<std::uint64_t>(consumer_deaths));
}

}  // namespace
}  // namespace ref
