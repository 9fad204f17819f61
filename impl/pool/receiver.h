// Where the results of a pool arrive, and who takes them from there.
//
// There is no thread for that: a thread of the user that waits for a result leads, which is to say
// that it takes results out of the queue, whosever they are, until its own is there. So a result
// wakes the very thread that waits for it. Others that wait meanwhile follow: they are told when
// theirs has come, or that it is their turn to lead. While nobody waits, results stay in the queue.
//
// Callbacks run on one thread, which is begun with the first of them. It leads while callbacks are
// due and nobody else does.
//
// One leads at a time, so that results are heard in the order in which they were sent: that of a
// worker before its death. Shared by the pool and all results, which may outlive it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "impl/pool/task_state.h"
#include "impl/queue/queue.h"

namespace ref::pool_detail {

/// Of a task that is ready: the value of its first argument, or what it threw.
std::string first_result(const task_state& of, std::exception_ptr& error);

class receiver {
 public:
  receiver() = default;
  receiver(const receiver&) = delete;
  receiver& operator=(const receiver&) = delete;
  /// Workers put theirs here, and the watcher the deaths and the end.
  queue& results() { return results_; }

  /// Announces the next item of the queue of tasks: serials count up from one. Null: no task. False
  /// once the pool is over.
  bool expect(std::shared_ptr<task_state> state);
  /// Takes the last announcement back: it could not be sent.
  void expect_no_more();

  /// Waits until it is done, or the deadline; whether it is done.
  template <typename Condition>
  bool wait(deadline until, const Condition& is_done) {
    if (is_done()) return true;
    std::unique_lock lock(mutex_);
    while (!is_done() && !is_over_) {
      const bool is_in_time = is_led_ ? follow(lock, until, is_done) : lead(lock, until, is_done);
      if (!is_in_time) break;
    }
    if (!is_led_) pass_on();
    return is_done();
  }

  /// Hears everything up to the end of the pool, and of its callbacks.
  void wait_for_end();

 private:
  // Those who have a result to be told of. Counted before they look whether it is there; whoever
  // makes it so looks for them afterwards.
  class follower {
   public:
    explicit follower(receiver& of) : of_(of) {
      of_.followers_.push_back(this);
      of_.follower_count_.fetch_add(1, std::memory_order_seq_cst);
    }
    ~follower() {
      std::erase(of_.followers_, this);
      of_.follower_count_.fetch_sub(1, std::memory_order_relaxed);
    }
    follower(const follower&) = delete;
    follower& operator=(const follower&) = delete;
    std::condition_variable changed;

   private:
    receiver& of_;
  };
  // Without the lock, as the only one.
  class leadership {
   public:
    leadership(receiver& of, std::unique_lock<std::mutex>& lock) : of_(of), lock_(lock) {
      of_.is_led_ = true;
      lock_.unlock();
    }
    ~leadership() {
      lock_.lock();
      of_.is_led_ = false;
      of_.pass_on();
    }
    leadership(const leadership&) = delete;
    leadership& operator=(const leadership&) = delete;

   private:
    receiver& of_;
    std::unique_lock<std::mutex>& lock_;
  };

  // False: the deadline has passed.
  template <typename Condition>
  bool follow(std::unique_lock<std::mutex>& lock, deadline until, const Condition& is_done) {
    follower me(*this);
    if (is_done()) return true;
    if (until.is_never()) {
      me.changed.wait(lock);
      return true;
    }
    return me.changed.wait_until(lock, until.when()) == std::cv_status::no_timeout;
  }
  template <typename Condition>
  bool lead(std::unique_lock<std::mutex>& lock, deadline until, const Condition& is_done) {
    const leadership mine(*this, lock);
    // What has arrived by now is heard even if there is no time.
    for (std::size_t there = results_.qsize(); !is_done() && !is_over_;) {
      if (!until.is_never() && until.passed() && there-- == 0) return false;
      if (!hear_one(until)) return false;
    }
    return true;
  }
  bool hear_one(deadline until);
  std::shared_ptr<task_state> take(std::uint64_t serial);
  void finish(std::shared_ptr<task_state> state);
  void end();
  void pass_on();
  void run_callbacks();

  queue results_;
  std::string message_;  // the leader's

  std::mutex book_mutex_;  // of these three
  std::deque<std::shared_ptr<task_state>> outstanding_;
  std::uint64_t first_ = 1;  // serial of the first of them
  bool takes_more_ = true;

  std::atomic<std::size_t> callbacks_due_{0};

  std::mutex mutex_;  // of all below

  bool is_led_ = false;
  std::atomic<bool> is_over_{false};
  std::vector<follower*> followers_;
  std::atomic<std::size_t> follower_count_{0};
  std::deque<std::shared_ptr<task_state>> to_call_;
  std::condition_variable callbacks_changed_;
  std::thread caller_;
};

}  // namespace ref::pool_detail
