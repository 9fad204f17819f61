// A point in time until which something may take, on CLOCK_MONOTONIC.
//
//   auto until = ref::deadline::in(50ms);
//   while (!ready() && !until.passed()) wait(until.as_timespec());
//
// An absolute time, so that an interrupted wait starts again without growing longer. The clock is
// shared by all processes of the machine. A value: copy it freely between threads.
#pragma once

#include <time.h>

#include <chrono>

namespace ref {

class deadline {
 public:
  using clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC on Linux

  /// Never passes.
  static deadline never() { return deadline(clock::time_point::max()); }
  /// Passes `span` from now; zero and less: has passed already. A span that leads beyond the
  /// clock's range never passes.
  static deadline in(std::chrono::nanoseconds span);
  static deadline at(clock::time_point when) { return deadline(when); }

  bool is_never() const { return when_ == clock::time_point::max(); }
  bool passed() const { return !is_never() && clock::now() >= when_; }
  clock::time_point when() const { return when_; }
  /// What is left, never less than zero; nanoseconds::max() for `never`.
  std::chrono::nanoseconds remaining() const;
  /// What is left in whole milliseconds, rounded up, for poll and epoll_wait; -1 for `never`.
  int poll_timeout_ms() const;
  /// The absolute time for futex, clock_nanosleep and the like. Not for `never`.
  timespec as_timespec() const;

  friend bool operator==(const deadline&, const deadline&) = default;
  friend auto operator<=>(const deadline&, const deadline&) = default;

 private:
  explicit deadline(clock::time_point when) : when_(when) {}
  clock::time_point when_;
};

}  // namespace ref
