// The scheduler of a thread's green threads; for green.cc alone.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "impl/base/file_descriptor.h"
#include "impl/coroutine/green.h"
#include "impl/coroutine/green_watch.h"

namespace ref::detail {

using green_clock = std::chrono::steady_clock;

struct green_group;

/// One greenlet that waits for one wake-up. Lives on its stack: its destruction, by an exception
/// too, takes it out of all that could still wake it.
struct green_waiter {
  explicit green_waiter(hub& of);
  ~green_waiter();
  green_waiter(const green_waiter&) = delete;
  green_waiter& operator=(const green_waiter&) = delete;

  hub& owner;
  greenlet* const who;
  bool is_woken = false;   // its turn will come, or has come
  bool is_queued = false;  // among the hub's callbacks
  bool is_timed_out = false;
  green_group* timer = nullptr;
};

/// Sleeps of one length that began in one pass, or one green thread whose delay has not passed.
struct green_group {
  std::pair<green_clock::time_point, std::uint64_t> key;  // when due, and which came first
  std::deque<green_waiter*> waiters;
  std::shared_ptr<green> begins;
};

/// What is to be done, first come, first served: a ring that grows.
class green_callbacks {
 public:
  struct callback {
    enum class kind : std::uint8_t { nothing, resume, start, notify, kill } what;
    void* object;
  };
  bool empty() const { return head_ == tail_; }
  const callback& front() const { return ring_[head_ & mask_]; }
  callback pop() { return ring_[head_++ & mask_]; }
  void push(callback next) {
    if (tail_ - head_ > mask_) grow();
    ring_[tail_++ & mask_] = next;
  }
  /// Who waits with this object is not to be called any more.
  void forget(const void* object);

 private:
  void grow();
  std::size_t mask_ = 63;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
  std::vector<callback> ring_ = std::vector<callback>(mask_ + 1);
};

class hub {
 public:
  static hub& of_thread() {
    hub* const mine = this_threads_;
    return mine != nullptr ? *mine : begin_thread();
  }
  hub();
  ~hub();

  void add(const std::shared_ptr<green>& made, green::duration delay);
  void kill(green& which);
  /// What runs on a green thread's own stack.
  std::any run(green& self);

  /// Schedules the waiter's turn; once.
  void wake(green_waiter& waiter);
  /// Lets all others take their turn that are to have one by now.
  void yield();
  /// Suspends the caller until woken; false when the timeout came first.
  bool wait(green_waiter& waiter, green::timeout timeout);
  bool wait_for(int descriptor, short events, green::timeout timeout);

  /// Has the kernel tell of everything that happens to the descriptor, and the watch remember it.
  void enroll(green_watch& watch, int descriptor);
  void strike_off(int descriptor);

  const greenlet* loop() const { return loop_.get(); }

 private:
  friend struct green_waiter;
  friend class ref::green_watch;
  using callback = green_callbacks::callback;
  using timer_key = std::pair<green_clock::time_point, std::uint64_t>;
  struct descriptor_wait {
    green_waiter* waiter;
    short events;
  };

  static hub& begin_thread();
  void run_passes();
  void suspend();
  void start_timer(green_waiter& waiter, green::duration time);
  void run_callbacks();
  void perform(callback next);
  void start(green& which);
  void notify(green& which);
  void run_timers();
  void poll();
  void watch(int descriptor);
  void notice(green_watch& watch, std::uint32_t events);
  int epoll();
  void stop_timer(green_waiter& waiter);
  void end(green& which);

  static inline constinit thread_local hub* this_threads_ = nullptr;

  greenlet_thread* const greenlets_;
  greenlet::pointer loop_;
  green_callbacks callbacks_;
  int budget_ = 0;          // how many callbacks this pass may still run
  bool is_direct_ = false;  // one who waits may go on with the next callback itself
  std::map<timer_key, green_group> timers_;
  std::map<green::duration, timer_key> begun_;  // this pass's groups, by their length
  std::uint64_t serial_ = 0;
  std::unordered_map<int, std::vector<descriptor_wait>> descriptors_;
  int watchers_ = 0;  // who wait for a green_watch
  file_descriptor epoll_;
  green* all_ = nullptr;
};

inline green_waiter::green_waiter(hub& of) : owner(of), who(of.greenlets_->current) {}

inline green_waiter::~green_waiter() {
  if (timer != nullptr) [[unlikely]]
    owner.stop_timer(*this);
  if (is_queued) [[unlikely]]
    owner.callbacks_.forget(this);
}

}  // namespace ref::detail
