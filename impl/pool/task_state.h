// What a task came to, shared by those who wait for it and the thread that learns of it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "impl/base/deadline.h"
#include "impl/pool/pool.h"

namespace ref::pool_detail {

inline deadline deadline_of(pool_timeout limit) {
  if (!limit) return deadline::never();
  return deadline::in(std::max(*limit, std::chrono::nanoseconds::zero()));
}

/// Waits on a condition variable until the condition holds or the deadline has passed.
template <typename Condition>
bool wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                deadline until, Condition condition) {
  if (until.is_never()) {
    changed.wait(lock, condition);
    return true;
  }
  return changed.wait_until(lock, until.when(), condition);
}

/// Of one argument.
struct item_result {
  std::string value;
  std::exception_ptr error;
};

struct task_state {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_ready = false;
  std::vector<item_result> items;  // as many as arguments, once it is ready
  pool::callback on_result;
  pool::error_callback on_error;
  std::function<void()> on_end;  // for those that collect several results
  std::size_t arguments = 0;
};

/// Results as they come, or tasks whose results are asked for in order.
struct stream_state {
  std::mutex mutex;
  std::condition_variable changed;
  bool in_order = true;
  std::deque<std::shared_ptr<task_state>> tasks;  // in order: all that are left; else: ended ones
  std::size_t left = 0;
};

}  // namespace ref::pool_detail
