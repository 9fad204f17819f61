#include "impl/queue/robust_lock.h"

#include <gmock/gmock.h>
#include <pthread.h>
#include <sys/syscall.h>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "impl/queue/test_processes.h"

namespace ref::queue_detail {
namespace {

using queue_testing::child;
using queue_testing::shared_value;

struct two_locks {
  alignas(128) robust_lock first;
  alignas(128) robust_lock second;
  std::uint64_t count;  // guarded by the first
};

void expect_free(two_locks& locks) {
  EXPECT_TRUE(locks.first.try_lock());
  locks.first.unlock();
  EXPECT_TRUE(locks.second.try_lock());
  locks.second.unlock();
}

TEST(robust_lock, excludes_the_threads_of_all_processes) {
  constexpr int each = 20'000;
  shared_value<two_locks> locks;
  const auto add = [&] {
    for (int i = 0; i < each; ++i) {
      const std::lock_guard guard(locks->first);
      ++locks->count;
    }
  };
  std::vector<child> children;
  for (int i = 0; i < 3; ++i) {
    children.emplace_back([&] {
      std::thread other(add);
      add();
      other.join();
    });
  }
  for (auto& one : children) EXPECT_TRUE(one.ended_well());
  EXPECT_EQ(locks->count, 6u * each);
}

TEST(robust_lock, is_refused_while_it_is_held) {
  shared_value<two_locks> locks;
  const std::lock_guard guard(locks->first);
  child other([&] {
    if (locks->first.try_lock()) throw std::runtime_error("it was free");
  });
  EXPECT_TRUE(other.ended_well());
}

TEST(robust_lock, is_free_after_its_owner_was_killed) {
  shared_value<two_locks> locks;
  child([&] {
    locks->first.lock();
    ::raise(SIGKILL);
  }).reap();
  expect_free(*locks);
}

TEST(robust_lock, is_free_after_its_owner_has_ended) {
  shared_value<two_locks> locks;
  child([&] { locks->first.lock(); }).reap();
  std::thread([&] { locks->second.lock(); }).join();
  expect_free(*locks);
}

TEST(robust_lock, goes_to_each_of_those_who_wait_after_a_death) {
  shared_value<two_locks> locks;
  shared_value<std::atomic<bool>> is_held;
  child owner([&] {
    locks->first.lock();
    *is_held = true;
    ::pause();
  });
  while (!*is_held) ::sched_yield();
  std::vector<child> waiting;
  for (int i = 0; i < 3; ++i) waiting.emplace_back([&] { const std::lock_guard g(locks->first); });
  for (auto& one : waiting) one.wait_until_asleep();
  owner.kill();
  for (auto& one : waiting) EXPECT_TRUE(one.ended_well());
  expect_free(*locks);
}

// One is woken for the lock, and it never comes.
TEST(robust_lock, goes_to_others_when_one_who_waits_is_killed) {
  shared_value<two_locks> locks;
  for (int round = 0; round < 20; ++round) {
    locks->first.lock();
    child first([&] { const std::lock_guard guard(locks->first); });
    first.wait_until_asleep();
    child second([&] { const std::lock_guard guard(locks->first); });
    second.wait_until_asleep();
    ::kill(first.pid(), SIGKILL);
    locks->first.unlock();
    EXPECT_TRUE(second.ended_well());
  }
}

TEST(robust_lock, death_with_a_second_one_frees_both) {
  shared_value<two_locks> locks;
  child([&] {
    const std::lock_guard guard(locks->first);
    const second_lock both(locks->first, locks->second);
    ::raise(SIGKILL);
  }).reap();
  expect_free(*locks);
}

TEST(robust_lock, death_behind_a_second_one_frees_the_first) {
  shared_value<two_locks> locks;
  child([&] {
    locks->first.lock();
    { const second_lock both(locks->first, locks->second); }
    ::raise(SIGKILL);
  }).reap();
  expect_free(*locks);
}

// The list of a thread's locks is the C library's: what it has there must still be there.
TEST(robust_lock, leaves_the_mutexes_of_its_thread_alone) {
  shared_value<two_locks> locks;
  pthread_mutexattr_t robust;
  ::pthread_mutexattr_init(&robust);
  ::pthread_mutexattr_setrobust(&robust, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_t before;
  pthread_mutex_t behind;
  for (auto* each : {&before, &behind}) ::pthread_mutex_init(each, &robust);
  std::thread([&] {
    ::pthread_mutex_lock(&before);
    {
      const std::lock_guard guard(locks->first);
      const second_lock both(locks->first, locks->second);
    }
    ::pthread_mutex_lock(&behind);
    locks->first.lock();
  }).join();
  expect_free(*locks);
  EXPECT_EQ(::pthread_mutex_lock(&before), EOWNERDEAD);
  EXPECT_EQ(::pthread_mutex_lock(&behind), EOWNERDEAD);
}

// A child that took its thread for its parent's would leave a lock behind that nobody owns.
TEST(robust_lock, knows_children_that_were_forked_in_any_way) {
  shared_value<two_locks> locks;
  expect_free(*locks);  // so that this thread has been found out
  const std::vector<pid_t (*)()> ways = {
      [] { return ::fork(); }, [] { return ::_Fork(); },
      [] {
        return static_cast<pid_t>(
            ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
      }};
  for (auto* fork : ways) {
    const pid_t pid = fork();
    if (pid == 0) {
      locks->first.lock();
      const second_lock both(locks->first, locks->second);
      ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFSIGNALED(status));
    expect_free(*locks);
  }
}

}  // namespace
}  // namespace ref::queue_detail
