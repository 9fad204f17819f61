#include "impl/pool/pool.h"

#include <algorithm>

#include "impl/pool/engine.h"
#include "impl/pool/task_state.h"

namespace ref {

using pool_detail::deadline_of;
using pool_detail::stream_state;
using pool_detail::task_state;
using pool_detail::wait_until;

namespace {

std::string value_of(const pool_detail::item_result& item) {
  if (item.error) std::rethrow_exception(item.error);
  return item.value;
}

}  // namespace

// ---- results ------------------------------------------------------------------------------------

async_result::async_result(std::shared_ptr<task_state> state) : state_(std::move(state)) {}

bool async_result::ready() const {
  const std::lock_guard lock(state_->mutex);
  return state_->is_ready;
}

bool async_result::successful() const {
  const std::lock_guard lock(state_->mutex);
  if (!state_->is_ready) throw std::logic_error("the result is not ready");
  return !state_->items.front().error;
}

bool async_result::wait(pool_timeout limit) const {
  std::unique_lock lock(state_->mutex);
  return wait_until(state_->changed, lock, deadline_of(limit), [&] { return state_->is_ready; });
}

std::string async_result::get(pool_timeout limit) const {
  if (!wait(limit)) throw result_timeout();
  return value_of(state_->items.front());
}

result_stream::result_stream(std::shared_ptr<stream_state> state) : state_(std::move(state)) {}

std::optional<std::string> result_stream::next(pool_timeout limit) {
  const deadline until = deadline_of(limit);
  std::unique_lock lock(state_->mutex);
  if (state_->left == 0) return std::nullopt;
  const auto is_there = [&] {
    if (state_->tasks.empty()) return false;
    if (!state_->in_order) return true;
    const std::lock_guard of_task(state_->tasks.front()->mutex);
    return state_->tasks.front()->is_ready;
  };
  if (!wait_until(state_->changed, lock, until, is_there)) throw result_timeout();
  const auto task = std::move(state_->tasks.front());
  state_->tasks.pop_front();
  --state_->left;
  return value_of(task->items.front());
}

// ---- the pool -----------------------------------------------------------------------------------

pool::pool(pool_options options)
    : engine_(std::make_unique<pool_detail::engine>(std::move(options))) {}

pool::~pool() = default;

int pool::size() const { return engine_->size(); }

async_result pool::apply_async(task_function task, std::string_view argument, callback done,
                               error_callback failed) {
  auto state = std::make_shared<task_state>();
  state->on_result = std::move(done);
  state->on_error = std::move(failed);
  engine_->submit(state, task, {argument});
  return async_result(std::move(state));
}

std::string pool::apply(task_function task, std::string_view argument) {
  return apply_async(task, argument).get();
}

std::vector<std::string> pool::map(task_function task, const std::vector<std::string>& arguments,
                                   std::size_t chunk) {
  const std::size_t shares = 4 * static_cast<std::size_t>(size());
  if (chunk == 0) chunk = std::max<std::size_t>(1, (arguments.size() + shares - 1) / shares);
  std::vector<std::shared_ptr<task_state>> chunks;
  for (std::size_t i = 0; i < arguments.size(); i += chunk) {
    const std::size_t end = std::min(arguments.size(), i + chunk);
    chunks.push_back(std::make_shared<task_state>());
    engine_->submit(chunks.back(), task,
                    {arguments.begin() + static_cast<std::ptrdiff_t>(i),
                     arguments.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  for (const auto& each : chunks) async_result(each).wait();
  std::vector<std::string> results;
  results.reserve(arguments.size());
  for (const auto& each : chunks) {
    for (const auto& item : each->items) results.push_back(value_of(item));
  }
  return results;
}

result_stream pool::imap(task_function task, const std::vector<std::string>& arguments) {
  auto stream = std::make_shared<stream_state>();
  stream->left = arguments.size();
  for (const std::string& each : arguments) {
    auto state = std::make_shared<task_state>();
    state->on_end = [stream] {
      const std::lock_guard lock(stream->mutex);
      stream->changed.notify_all();
    };
    {
      const std::lock_guard lock(stream->mutex);
      stream->tasks.push_back(state);
    }
    engine_->submit(std::move(state), task, {each});
  }
  return result_stream(std::move(stream));
}

result_stream pool::imap_unordered(task_function task, const std::vector<std::string>& arguments) {
  auto stream = std::make_shared<stream_state>();
  stream->in_order = false;
  stream->left = arguments.size();
  for (const std::string& each : arguments) {
    auto state = std::make_shared<task_state>();
    state->on_end = [stream, ended = std::weak_ptr<task_state>(state)] {
      const std::lock_guard lock(stream->mutex);
      stream->tasks.push_back(ended.lock());
      stream->changed.notify_all();
    };
    engine_->submit(std::move(state), task, {each});
  }
  return result_stream(std::move(stream));
}

void pool::close() { engine_->close(); }
void pool::terminate() { engine_->terminate(); }
void pool::join() { engine_->join(); }

}  // namespace ref
