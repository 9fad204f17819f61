#include "impl/pool/pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

#include "impl/pool/engine.h"
#include "impl/pool/message.h"
#include "impl/pool/task_state.h"

namespace ref {

using pool_detail::deadline_of;
using pool_detail::result_reader;
using pool_detail::stream_state;
using pool_detail::task_state;

namespace {

std::string value_of(const task_state& of) {
  std::exception_ptr error;
  std::string value = pool_detail::first_result(of, error);
  if (error) std::rethrow_exception(error);
  return value;
}

bool wait_for(const task_state& of, pool_timeout limit) {
  const auto is_ready = [&] { return of.is_ready.load(); };
  return is_ready() || of.from->wait(deadline_of(limit), is_ready);
}

constexpr std::chrono::nanoseconds no_time{0};

// Of a map whose caller leaves it to us. Longer ones save nothing, but go through more memory, and
// results begin to come later.
constexpr std::size_t longest_chunk = 4096;

// Where the list of results is long, most of a map would be its pages' faults.
void use_huge_pages(void* begin, std::size_t bytes) {
  constexpr std::uintptr_t huge_page = 2 << 20;
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::uintptr_t first = (address + huge_page - 1) / huge_page * huge_page;
  const std::uintptr_t last = (address + bytes) / huge_page * huge_page;
  if (first >= last) return;
  // Only advice: where it is not taken, all is as it was.
  static_cast<void>(::madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE));
}

}  // namespace

// ---- results ------------------------------------------------------------------------------------

async_result::async_result(std::shared_ptr<task_state> state) : state_(std::move(state)) {}

bool async_result::ready() const { return wait_for(*state_, no_time); }

bool async_result::successful() const {
  if (!ready()) throw std::logic_error("the result is not ready");
  std::exception_ptr error;
  pool_detail::first_result(*state_, error);
  return !error;
}

bool async_result::wait(pool_timeout limit) const { return wait_for(*state_, limit); }

std::string async_result::get(pool_timeout limit) const {
  if (!wait(limit)) throw result_timeout();
  return value_of(*state_);
}

result_stream::result_stream(std::shared_ptr<stream_state> state) : state_(std::move(state)) {}

std::optional<std::string> result_stream::next(pool_timeout limit) {
  const deadline until = deadline_of(limit);
  const auto is_there = [this] {
    const std::lock_guard lock(state_->mutex);
    if (state_->left == 0) return true;
    return !state_->tasks.empty() && state_->tasks.front()->is_ready;
  };
  if (!state_->from->wait(until, is_there)) throw result_timeout();
  std::unique_lock lock(state_->mutex);
  if (state_->left == 0) return std::nullopt;
  const auto task = std::move(state_->tasks.front());
  state_->tasks.pop_front();
  --state_->left;
  lock.unlock();
  return value_of(*task);
}

// ---- the pool -----------------------------------------------------------------------------------

pool::pool(pool_options options)
    : engine_(std::make_unique<pool_detail::engine>(std::move(options))) {}

pool::~pool() = default;

int pool::size() const { return engine_->size(); }

async_result pool::apply_async(task_function task, std::string_view argument, callback done,
                               error_callback failed) {
  auto state = std::make_shared<task_state>(engine_->results());
  if (done || failed) {
    state->calls = std::make_unique<pool_detail::callbacks>();
    state->calls->on_result = std::move(done);
    state->calls->on_error = std::move(failed);
  }
  engine_->submit(state, task, argument);
  return async_result(std::move(state));
}

std::string pool::apply(task_function task, std::string_view argument) {
  return apply_async(task, argument).get();
}

std::vector<std::string> pool::map(task_function task, const std::vector<std::string>& arguments,
                                   std::size_t chunk) {
  const std::size_t shares = 4 * static_cast<std::size_t>(size());
  if (chunk == 0) {
    chunk = std::clamp<std::size_t>((arguments.size() + shares - 1) / shares, 1, longest_chunk);
  }
  std::vector<std::string> results;
  results.reserve(arguments.size());
  use_huge_pages(results.data(), arguments.size() * sizeof(std::string));
  std::vector<std::shared_ptr<task_state>> chunks;
  std::size_t next = 0;
  std::exception_ptr error;
  const auto take_next = [&] {
    const auto ready = std::move(chunks[next++]);
    if (!error) error = ready->error;
    if (error) return;  // all are waited for
    result_reader items(ready->encoded());
    const std::size_t end = std::min(arguments.size(), results.size() + chunk);
    while (results.size() < end && !error) results.emplace_back(items.next(error));
  };
  for (std::size_t i = 0; i < arguments.size(); i += chunk) {
    chunks.push_back(std::make_shared<task_state>(engine_->results()));
    engine_->submit(chunks.back(), task, &arguments[i], std::min(arguments.size() - i, chunk));
    while (next < chunks.size() && wait_for(*chunks[next], no_time)) take_next();
  }
  while (next < chunks.size()) {
    wait_for(*chunks[next], std::nullopt);
    take_next();
  }
  if (error) std::rethrow_exception(error);
  return results;
}

result_stream pool::imap(task_function task, const std::vector<std::string>& arguments) {
  return stream(task, arguments, true);
}

result_stream pool::imap_unordered(task_function task, const std::vector<std::string>& arguments) {
  return stream(task, arguments, false);
}

result_stream pool::stream(task_function task, const std::vector<std::string>& arguments,
                           bool in_order) {
  auto made = std::make_shared<stream_state>(engine_->results(), arguments.size());
  for (const std::string& each : arguments) {
    auto state = std::make_shared<task_state>(engine_->results());
    if (in_order) {
      made->tasks.push_back(state);
    } else {
      state->stream = made;
    }
    engine_->submit(std::move(state), task, each);
  }
  return result_stream(std::move(made));
}

void pool::close() { engine_->close(); }
void pool::terminate() { engine_->terminate(); }
void pool::join() { engine_->join(); }

}  // namespace ref
