#include "conformance/harness/patience.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace assay {
namespace {

using namespace std::chrono_literals;

// Whoever runs on one processor alone with another that spins gets about half of it.
class on_a_shared_processor : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::sched_getaffinity(0, sizeof before_, &before_), 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    const pid_t parent = ::getpid();
    spinning_ = ::fork();
    ASSERT_GE(spinning_, 0);
    if (spinning_ == 0) {
      while (::getppid() == parent) continue;
      ::_exit(0);
    }
  }
  void TearDown() override {
    ::kill(spinning_, SIGKILL);
    ::waitpid(spinning_, nullptr, 0);
    ::sched_setaffinity(0, sizeof before_, &before_);
  }

  cpu_set_t before_;
  pid_t spinning_ = -1;
};

TEST(patience, ends_when_its_bound_has_passed_and_not_before) {
  patience left(30ms);
  while (!left.is_over()) std::this_thread::sleep_until(left.next_look());
  EXPECT_GE(left.waited(), 30ms);
}

TEST(patience, asks_nobody_about_what_is_quick) {
  patience left(10s);
  EXPECT_FALSE(left.is_over());
  EXPECT_EQ(left.starved(), 0ns);
}

TEST_F(on_a_shared_processor, patience_lasts_longer_for_who_waits_for_a_processor) {
  patience left(100ms);
  while (!left.is_over()) continue;
  EXPECT_GE(left.starved(), 10ms);
  EXPECT_GE(left.waited(), 110ms);
}

TEST_F(on_a_shared_processor, patience_has_an_end_for_all) {
  patience left(30ms);
  while (left.waited() < 8 * 30ms) continue;
  EXPECT_TRUE(left.is_over());
}

}  // namespace
}  // namespace assay
