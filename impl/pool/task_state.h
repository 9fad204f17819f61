// What a task came to, shared by those who wait for it and whoever learns of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "impl/base/deadline.h"
#include "impl/pool/pool.h"

namespace ref::pool_detail {

class receiver;
struct stream_state;

inline deadline deadline_of(pool_timeout limit) {
  if (!limit) return deadline::never();
  return deadline::in(std::max(*limit, std::chrono::nanoseconds::zero()));
}

/// What the user wants to be called.
struct callbacks {
  pool::callback on_result;
  pool::error_callback on_error;
};

struct task_state {
  explicit task_state(std::shared_ptr<receiver> where) : from(std::move(where)) {}

  std::atomic<bool> is_ready{false};  // and nothing of the following changes from then on
  std::string results;                // what result_reader reads, unless there is an error
  std::size_t results_begin = 0;      // where in them
  std::exception_ptr error;           // of all: the worker died, or the pool was terminated
  const std::shared_ptr<receiver> from;
  std::unique_ptr<callbacks> calls;      // or null
  std::shared_ptr<stream_state> stream;  // that is to get it once it is ready; or null

  std::string_view encoded() const { return std::string_view(results).substr(results_begin); }
};

/// Results as they come, or tasks whose results are asked for in order.
struct stream_state {
  stream_state(std::shared_ptr<receiver> where, std::size_t count)
      : from(std::move(where)), left(count) {}

  const std::shared_ptr<receiver> from;
  std::mutex mutex;
  std::deque<std::shared_ptr<task_state>> tasks;  // in order: all that are left; else: ended ones
  std::size_t left;
};

}  // namespace ref::pool_detail
