#include "impl/thread/thread.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impl/base/deadline.h"
#include "impl/base/system_call.h"

namespace ref {
namespace {

struct registry;

std::string next_name() {
  static std::atomic<int> count{0};
  return "Thread-" + std::to_string(++count);
}

}  // namespace

struct thread::state {
  state(registry& its_home, std::function<void()> what, options how)
      : home(its_home),
        target(std::move(what)),
        has_given_name(!how.name.empty()),
        name(has_given_name ? std::move(how.name) : next_name()),
        daemon(how.daemon) {}

  registry& home;  // of the process that it was made in
  std::function<void()> target;
  const bool has_given_name;
  const std::string name;
  const bool daemon;
  // What the thread itself holds. Not a copy in memory of its own, which the new thread would have
  // to free: its first call of malloc or free sets up what the allocator keeps for each thread.
  std::shared_ptr<state> itself;
  std::optional<std::size_t> place;  // among those that run; the registry's lock guards it

  std::mutex lock;  // of all below
  std::condition_variable ended;
  bool is_over = false;
  bool is_settled = false;  // joined, or let go: nothing of the thread is left to wait for
  std::exception_ptr failure;
  pthread_t handle{};
  bool has_handle = false;  // which somebody must join or detach

  bool is_of_this_process() const;
  bool join(timeout limit);
  void detach() {
    if (std::exchange(has_handle, false)) ::pthread_detach(handle);
    is_settled = true;
    ended.notify_all();
  }

 private:
  template <typename Condition>
  bool wait(std::unique_lock<std::mutex>& hold, deadline until, const Condition& is_met) {
    if (!until.is_never()) return ended.wait_until(hold, until.when(), is_met);
    ended.wait(hold, is_met);
    return true;
  }
};

namespace {

// The threads that the end of the program waits for.
struct registry {
  registry* parents = nullptr;  // in a forked child: what nobody may touch, and nobody frees
  std::mutex lock;
  std::vector<std::shared_ptr<thread::state>> running;
  std::vector<std::weak_ptr<thread::state>> daemons;
  std::vector<std::shared_ptr<thread::state>> inherited;  // of the parent's threads
};

std::atomic<registry*> current_registry{nullptr};

// What a fork finds may be locked by a thread that the child lacks: the child begins anew, once it
// has threads, and leaves what its parent has alone.
std::atomic<registry*> registry_of_parent{nullptr};
void leave_to_parent() {
  registry* const found = current_registry.exchange(nullptr, std::memory_order_acq_rel);
  if (found != nullptr) registry_of_parent.store(found, std::memory_order_release);
}

// Null in threads that others made.
thread_local const thread::state* this_thread = nullptr;

void end_all();

registry& threads_of_process() {
  static const bool is_prepared = [] {
    ::pthread_atfork(nullptr, nullptr, leave_to_parent);
    std::atexit(end_all);
    return true;
  }();
  static_cast<void>(is_prepared);
  registry* found = current_registry.load(std::memory_order_acquire);
  if (found != nullptr) return *found;
  auto made = std::make_unique<registry>();
  made->parents = registry_of_parent.load(std::memory_order_acquire);
  // Another thread may have been faster.
  if (current_registry.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *found;
}

void remember(const std::shared_ptr<thread::state>& started) {
  registry& threads = started->home;
  const std::lock_guard lock(threads.lock);
  if (started->daemon) {
    std::erase_if(threads.daemons, [](const auto& each) { return each.expired(); });
    threads.daemons.push_back(started);
  } else {
    started->place = threads.running.size();
    threads.running.push_back(started);
  }
}

// The last one takes its place.
void forget(thread::state& ended) {
  registry& threads = ended.home;
  const std::lock_guard lock(threads.lock);
  if (!ended.place) return;
  threads.running.back()->place = ended.place;
  std::swap(threads.running[*ended.place], threads.running.back());
  ended.place.reset();
  threads.running.pop_back();
}

// At the end of the program: waits for threads, and lets go of daemons that run.
void end_all() {
  thread::wait_for_all();
  std::vector<std::weak_ptr<thread::state>> daemons;
  {
    registry& threads = threads_of_process();
    const std::lock_guard lock(threads.lock);
    daemons.swap(threads.daemons);
  }
  for (const auto& each : daemons) {
    const auto daemon = each.lock();
    if (!daemon) continue;
    const std::lock_guard hold(daemon->lock);
    daemon->detach();
  }
}

void* run(void* argument) {
  const auto of = std::move(static_cast<thread::state*>(argument)->itself);
  this_thread = of.get();
  if (of->has_given_name) {
    // The kernel's names hold 15 bytes.
    ::pthread_setname_np(::pthread_self(), of->name.substr(0, 15).c_str());
  }
  std::exception_ptr failure;
  try {
    of->target();
  } catch (...) {
    failure = std::current_exception();
    static_cast<void>(std::fprintf(stderr, "Thread %s: uncaught exception: %s\n", of->name.c_str(),
                                   message_of(failure).c_str()));
  }
  of->target = nullptr;
  const std::lock_guard lock(of->lock);
  of->failure = failure;
  of->is_over = true;
  of->ended.notify_all();
  return nullptr;
}

}  // namespace

// A forked child has neither the thread nor anybody who would unlock the lock. It has left the
// registry to its parent.
bool thread::state::is_of_this_process() const {
  return current_registry.load(std::memory_order_acquire) == &home;
}

bool thread::state::join(timeout limit) {
  if (!is_of_this_process()) return true;
  const auto until = limit ? deadline::in(*limit) : deadline::never();
  std::unique_lock hold(lock);
  if (this_thread == this) {
    throw std::logic_error("thread " + name + " cannot join itself");
  }
  if (until.is_never() && std::exchange(has_handle, false)) {
    // Sleeps once, until the kernel says that the thread is gone. Others wait for this one.
    hold.unlock();
    ::pthread_join(handle, nullptr);
    hold.lock();
  } else {
    const auto is_past_its_last_lock = [this] { return is_over; };
    if (!wait(hold, until, is_past_its_last_lock)) return false;
    if (std::exchange(has_handle, false)) {
      ::pthread_join(handle, nullptr);
    } else if (!wait(hold, until, [this] { return is_settled; })) {
      return false;
    }
  }
  is_settled = true;
  ended.notify_all();
  hold.unlock();
  forget(*this);
  return true;
}

thread::thread(std::function<void()> target, options how)
    : state_(std::make_shared<state>(threads_of_process(), std::move(target), std::move(how))) {
  state_->itself = state_;
  const int error = ::pthread_create(&state_->handle, nullptr, run, state_.get());
  if (error != 0) state_->itself.reset();
  check_number(error, "pthread_create", state_->name);
  state_->has_handle = true;
  remember(state_);
}

thread& thread::operator=(thread&& other) noexcept {
  if (this != &other) {
    let_go();
    state_ = std::move(other.state_);
  }
  return *this;
}

thread::~thread() { let_go(); }

void thread::let_go() noexcept {
  if (!state_) return;
  if (!state_->is_of_this_process()) {
    // A condition that others wait for, in the parent, cannot be destroyed: the child keeps it.
    registry& threads = threads_of_process();
    const std::lock_guard lock(threads.lock);
    threads.inherited.push_back(std::move(state_));
    return;
  }
  if (state_->daemon) {
    const std::lock_guard lock(state_->lock);
    state_->detach();
  } else if (state_.get() != this_thread) {
    state_->join(std::nullopt);
  }
  state_.reset();
}

bool thread::join(timeout limit) { return state_->join(limit); }

bool thread::is_alive() const {
  if (!state_->is_of_this_process()) return false;
  const std::lock_guard lock(state_->lock);
  return !state_->is_over;
}

const std::string& thread::name() const { return state_->name; }
bool thread::is_daemon() const { return state_->daemon; }

std::exception_ptr thread::exception() const {
  if (!state_->is_of_this_process()) return nullptr;
  const std::lock_guard lock(state_->lock);
  return state_->failure;
}

void thread::wait_for_all() {
  if (current_registry.load(std::memory_order_acquire) == nullptr) return;  // there never was one
  for (;;) {
    std::shared_ptr<state> next;
    {
      registry& threads = threads_of_process();
      const std::lock_guard lock(threads.lock);
      const auto other = std::find_if(threads.running.begin(), threads.running.end(),
                                      [](const auto& each) { return each.get() != this_thread; });
      if (other == threads.running.end()) return;
      next = *other;
    }
    next->join(std::nullopt);
  }
}

std::string message_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "unknown exception";
  }
}

}  // namespace ref
