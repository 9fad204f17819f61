#include "impl/coroutine/green.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <string>

namespace ref {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> seen;

green::body counts(const std::string& name, int times, green::duration pause) {
  return [=] {
    for (int i = 0; i < times; ++i) {
      seen.push_back(name + std::to_string(i));
      green::sleep(pause);
    }
    seen.push_back(name + " done");
    return std::any(times);
  };
}

TEST(green, order_of_the_process_example) {
  seen.clear();
  const auto a = green::spawn(counts("a", 1, 2ms));
  const auto b = green::spawn(counts("b", 3, 2ms));
  const auto c = green::spawn(counts("c", 5, 2ms));
  EXPECT_TRUE(seen.empty());
  const std::pair<green*, const char*> all[] = {{a.get(), "A"}, {b.get(), "B"}, {c.get(), "C"}};
  for (const auto& [each, name] : all) {
    each->join();
    seen.emplace_back(name);
  }
  const std::vector<std::string> expected = {"a0", "b0", "c0", "a done", "b1",
                                             "c1", "A",  "b2", "c2",     "b done",
                                             "c3", "B",  "c4", "c done", "C"};
  EXPECT_EQ(seen, expected);
}

TEST(green, values_errors_kills_and_timeouts) {
  EXPECT_EQ(std::any_cast<int>(green::spawn([] { return std::any(7); })->get()), 7);
  const auto fails = green::spawn([]() -> std::any { throw std::out_of_range("expected here"); });
  EXPECT_TRUE(fails->join());
  EXPECT_THROW(fails->get(), std::out_of_range);
  const auto waits = green::spawn(counts("w", 1, 1h));
  EXPECT_FALSE(waits->join(1ms));
  EXPECT_THROW(waits->get(1ms), green_timeout);
  waits->kill();
  EXPECT_NO_THROW(std::any_cast<greenlet_exit>(waits->get()));
  const auto unborn = green::spawn(counts("u", 1, 0ms));
  seen.clear();
  unborn->kill();
  EXPECT_TRUE(unborn->is_ready());
}

TEST(green, queue_hands_over) {
  green_queue queue(1);
  const auto producer = green::spawn([&] {
    for (int i = 0; i < 100; ++i) queue.put(i);
    return std::any();
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(std::any_cast<int>(*queue.get()), i);
  EXPECT_FALSE(queue.get(1ms));
  producer->join();
  EXPECT_THROW(queue.get(), green_stuck);
}

TEST(green, patched_calls_let_others_run) {
  green::patch_all();
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const auto reader = green::spawn([&] {
    char byte = 0;
    EXPECT_EQ(::recv(ends[0], &byte, 1, 0), 1);
    return std::any(byte);
  });
  const auto writer = green::spawn([&] {
    const timespec time{0, 1'000'000};
    ::nanosleep(&time, nullptr);
    ::send(ends[1], "x", 1, 0);
    return std::any();
  });
  EXPECT_EQ(std::any_cast<char>(reader->get()), 'x');
  writer->join();
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(green, many) {
  int done = 0;
  std::vector<std::shared_ptr<green>> all;
  for (int i = 0; i < 2000; ++i) {
    all.push_back(green::spawn([&] {
      green::yield();
      green::sleep(1ms);
      ++done;
      return std::any();
    }));
  }
  EXPECT_TRUE(green::join_all(all));
  EXPECT_EQ(done, 2000);
}

}  // namespace
}  // namespace ref
