// Green threads: greenlets that a scheduler, the hub, runs in turn within one thread. One runs
// until it waits: for time, for another, for a queue, for a descriptor. Then the next one does.
//
//   auto a = ref::green::spawn([](){ ref::green::sleep(500ms); return std::any(1); });
//   auto b = ref::green::spawn([](){ ref::green::sleep(500ms); return std::any(2); });
//   std::any_cast<int>(a->get());     // after 0.5 s; b is done then as well
//
// Order, as gevent has it: what spawn and wake-ups schedule runs first come, first served. Sleeps
// of one length that begin in one pass of the hub end together, in their order, once the last is
// due. The end of a green thread is told to those that join it after whatever else is due in the
// same pass. A sleep never ends early.
//
// Ownership: a shared pointer; the hub keeps each until it has ended. Threads: each has a hub of
// its own, made on first use; a green thread belongs to the thread that spawned it. When a thread
// ends, those that have not are unwound; when the program ends, they are left. Either way, one that
// has not begun never runs. Forks: the child may not
// use the hub that its parent used. Errors: what leaves the function is written to standard error
// and raised by get. Cost: two switches to begin and end, one to yield; no system call for either.
// Timeouts: nullopt waits for ever, zero or less does not wait.
#pragma once

#include <poll.h>

#include <any>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "impl/coroutine/greenlet.h"

namespace ref {

/// The timeout passed before the end that was waited for.
class green_timeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Nothing can ever wake the caller: no green thread is left that could.
class green_stuck : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {
class hub;
struct green_waiter;
}  // namespace detail

class green {
 public:
  using duration = std::chrono::nanoseconds;
  using timeout = std::optional<duration>;
  using body = std::function<std::any()>;

  /// Schedules a function; it begins when the caller waits, after the delay at the earliest.
  static std::shared_ptr<green> spawn(body run, duration delay = duration(0));
  green(const green&) = delete;
  green& operator=(const green&) = delete;

  /// Whether it has ended in time. Returns at once when it has ended before.
  bool join(timeout wait = std::nullopt);
  /// Its value; a greenlet_exit when it was killed. Throws what ended it, or green_timeout.
  std::any get(timeout wait = std::nullopt);
  /// Throws greenlet_exit where it waits and waits for its end. One not begun never runs.
  void kill();

  bool is_ready() const { return state_ == state::ended; }
  bool is_successful() const { return is_ready() && !error_; }
  bool is_started() const { return !is_ready(); }  ///< scheduled or begun, and not ended

  /// Waits for all of them; whether all ended in time.
  static bool join_all(const std::vector<std::shared_ptr<green>>& all, timeout wait = std::nullopt);
  /// Lets others run for so long; with zero or less once, up to the caller's next turn.
  static void sleep(duration time);
  static void yield() { sleep(duration(0)); }
  /// Waits until poll(2) would tell one of these events of a descriptor; false after the timeout.
  static bool wait_for(int descriptor, short events, timeout wait = std::nullopt);
  /// Whether the caller is within a green thread.
  static bool is_current();

  /// From now on, in programs that link this library, nanosleep, usleep, sleep, clock_nanosleep,
  /// recv, send, read, write, connect, accept and poll let other green threads run where they
  /// would block, if a green thread calls them. Cannot be undone. patch.cc.
  static void patch_all();

 private:
  friend class detail::hub;
  enum class state : std::uint8_t { scheduled, running, ended };
  struct key {};

 public:
  green(key, body&& run) : run_(std::move(run)) {}  ///< for spawn

 private:
  body run_;
  greenlet::pointer greenlet_;
  detail::hub* hub_ = nullptr;
  state state_ = state::scheduled;
  std::any value_;
  std::exception_ptr error_;
  std::vector<detail::green_waiter*> joiners_;
  std::shared_ptr<green> self_;  // while the hub needs it
  green* next_ = nullptr;        // all that have not ended
  green* previous_ = nullptr;
};

/// A queue between green threads of one thread: who finds it empty, or full, lets others run.
class green_queue {
 public:
  /// Holds so many items; nullopt: any number.
  explicit green_queue(std::optional<std::size_t> most = std::nullopt) : most_(most) {}
  bool put(std::any item, green::timeout wait = std::nullopt);  ///< false: still full
  std::optional<std::any> get(green::timeout wait = std::nullopt);

 private:
  bool is_full() const { return most_ && items_.size() >= *most_; }
  std::optional<std::size_t> most_;
  std::deque<std::any> items_;
  std::deque<detail::green_waiter*> getters_;
  std::deque<detail::green_waiter*> putters_;
};

}  // namespace ref
