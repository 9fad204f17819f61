#include "conformance/harness/proc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace assay {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(proc, sees_this_process) {
  const pid_t self = ::getpid();
  EXPECT_EQ(proc::state(self, self), 'R');
  EXPECT_TRUE(proc::exists(self));
  EXPECT_THAT(proc::threads(self), Contains(self));
  EXPECT_THAT(proc::command_line(self), HasSubstr("proc_test"));
  EXPECT_GT(proc::resident_bytes(self).value(), 100'000);
  EXPECT_GT(proc::cpu_time(self).count(), 0);
  EXPECT_GT(proc::descriptors(self).size(), 2u);
  EXPECT_EQ(proc::wait_status(self), std::nullopt);
  const auto memory = proc::memory_of(self);
  ASSERT_TRUE(memory.has_value());
  EXPECT_GT(memory->private_dirty, 0);
  EXPECT_EQ(memory->resident, memory->private_dirty + memory->private_clean + memory->shared_dirty +
                                  memory->shared_clean);
}

TEST(proc, sees_nothing_of_no_process) {
  EXPECT_EQ(proc::state(0, 0), std::nullopt);
  EXPECT_FALSE(proc::exists(0));
  EXPECT_THAT(proc::threads(0), IsEmpty());
  EXPECT_THAT(proc::descendants(0), IsEmpty());
  EXPECT_THAT(proc::descriptors(0), IsEmpty());
  EXPECT_EQ(proc::cpu_time(0).count(), 0);
  EXPECT_EQ(proc::resident_bytes(0), std::nullopt);
  EXPECT_FALSE(proc::memory_of(0).has_value());
}

TEST(proc, follows_a_child_from_sleep_to_the_grave) {
  int hold[2];
  ASSERT_EQ(::pipe(hold), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(hold[1]);
    char byte = 0;
    [[maybe_unused]] const ssize_t got = ::read(hold[0], &byte, 1);  // until the parent closes
    ::_exit(42);
  }
  ::close(hold[0]);
  EXPECT_THAT(proc::children(::getpid()), ElementsAre(child));
  EXPECT_THAT(proc::descendants(::getpid()), ElementsAre(child));
  while (proc::state(child, child) != 'S') ::sched_yield();
  ::close(hold[1]);
  while (proc::exists(child)) ::sched_yield();
  EXPECT_EQ(proc::state(child, child), 'Z');
  EXPECT_THAT(proc::zombies(::getpid()), ElementsAre(child));
  const auto status = proc::wait_status(child);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(WEXITSTATUS(*status), 42);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(proc::state(child, child), std::nullopt);
}

TEST(proc, network_counters_are_found_by_group_and_name) {
  EXPECT_GE(proc::network_counter(::getpid(), "Ip", "DefaultTTL").value_or(0), 1);
  EXPECT_GE(proc::network_counter(::getpid(), "Tcp", "RetransSegs").value_or(-1), 0);
  EXPECT_GE(proc::network_counter(::getpid(), "TcpExt", "TCPOFOQueue").value_or(-1), 0);
  EXPECT_EQ(proc::network_counter(::getpid(), "Udp", "RetransSegs"), std::nullopt);
  EXPECT_EQ(proc::network_counter(::getpid(), "Tc", "RetransSegs"), std::nullopt);
  EXPECT_EQ(proc::network_counter(-1, "Tcp", "RetransSegs"), std::nullopt);
}

}  // namespace
}  // namespace assay
