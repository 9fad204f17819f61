#include "impl/pool/receiver.h"

#include <utility>

#include "impl/pool/message.h"

namespace ref::pool_detail {
namespace {

void call_back(const task_state& ended) {
  std::exception_ptr error;
  const std::string value = first_result(ended, error);
  if (error && ended.calls->on_error) ended.calls->on_error(error);
  if (!error && ended.calls->on_result) ended.calls->on_result(value);
}

}  // namespace

std::string first_result(const task_state& of, std::exception_ptr& error) {
  error = of.error;
  if (error) return {};
  return std::string(result_reader(of.encoded()).next(error));
}

bool receiver::expect(std::shared_ptr<task_state> state) {
  const bool has_callbacks = state && state->calls;
  {
    const std::lock_guard lock(book_mutex_);
    if (!takes_more_) return false;
    outstanding_.push_back(std::move(state));
    if (has_callbacks) ++callbacks_due_;
  }
  if (!has_callbacks) return true;
  const std::lock_guard lock(mutex_);
  if (!caller_.joinable()) caller_ = std::thread([this] { run_callbacks(); });
  if (!is_led_) callbacks_changed_.notify_one();
  return true;
}

void receiver::expect_no_more() {
  const std::lock_guard lock(book_mutex_);
  if (outstanding_.empty()) return;
  if (outstanding_.back() && outstanding_.back()->calls) --callbacks_due_;
  outstanding_.pop_back();
}

void receiver::wait_for_end() {
  wait(deadline::never(), [this] { return is_over_.load(); });
  if (caller_.joinable()) caller_.join();
}

// ---- the leader ---------------------------------------------------------------------------------

bool receiver::hear_one(deadline until) {
  // Buffers up to this size are used again; larger ones go to the result that they hold.
  constexpr std::size_t kept_bytes = 256;
  if (!results_.try_get_into(message_, until)) return false;
  const heading head = heading_of(message_);
  if (head.kind == message_kind::quit) {
    end();
    return true;
  }
  auto state = take(head.serial);
  if (!state) return true;  // finished before its worker ended
  if (head.kind == message_kind::lost) {
    state->error = std::make_exception_ptr(worker_died(std::string(reason_of_loss(message_))));
  } else if (message_.size() <= kept_bytes) {
    state->results.assign(message_, heading_bytes);
  } else {
    state->results.swap(message_);
    state->results_begin = heading_bytes;
  }
  finish(std::move(state));
  return true;
}

std::shared_ptr<task_state> receiver::take(std::uint64_t serial) {
  const std::lock_guard lock(book_mutex_);
  if (serial < first_ || serial - first_ >= outstanding_.size()) return nullptr;
  auto state = std::move(outstanding_[serial - first_]);
  while (!outstanding_.empty() && !outstanding_.front()) {
    outstanding_.pop_front();
    ++first_;
  }
  return state;
}

void receiver::finish(std::shared_ptr<task_state> state) {
  const auto stream = std::move(state->stream);
  if (stream) {
    const std::lock_guard lock(stream->mutex);
    stream->tasks.push_back(state);
  }
  state->is_ready.store(true, std::memory_order_seq_cst);
  const bool has_callbacks = state->calls != nullptr;
  if (!has_callbacks && !stream && follower_count_.load(std::memory_order_seq_cst) == 0) return;
  const std::lock_guard lock(mutex_);
  for (follower* each : followers_) each->changed.notify_one();
  if (!has_callbacks) return;
  to_call_.push_back(std::move(state));
  --callbacks_due_;
  callbacks_changed_.notify_one();
}

// What has no result by now gets none.
void receiver::end() {
  std::deque<std::shared_ptr<task_state>> rest;
  {
    const std::lock_guard lock(book_mutex_);
    takes_more_ = false;
    rest.swap(outstanding_);
  }
  const auto error = std::make_exception_ptr(pool_terminated());
  for (auto& each : rest) {
    if (!each) continue;
    each->error = error;
    finish(std::move(each));
  }
  const std::lock_guard lock(mutex_);
  is_over_ = true;
  for (follower* each : followers_) each->changed.notify_one();
  callbacks_changed_.notify_one();
}

// Nobody leads: somebody is to who waits.
void receiver::pass_on() {
  if (!followers_.empty()) {
    followers_.front()->changed.notify_one();
  } else if (callbacks_due_ > 0) {
    callbacks_changed_.notify_one();
  }
}

// ---- callbacks ----------------------------------------------------------------------------------

void receiver::run_callbacks() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!to_call_.empty()) {
      const auto state = std::move(to_call_.front());
      to_call_.pop_front();
      lock.unlock();
      call_back(*state);
      lock.lock();
    } else if (is_over_) {
      return;
    } else if (const std::size_t due = callbacks_due_; due > 0 && !is_led_) {
      lead(lock, deadline::never(), [&] { return callbacks_due_ != due; });
    } else {
      callbacks_changed_.wait(lock);
    }
  }
}

}  // namespace ref::pool_detail
