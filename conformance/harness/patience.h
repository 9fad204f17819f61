// How long to wait for a testee, fairly on a busy machine.
//
//   patience left(scaled(2s));
//   while (!done()) {
//     if (left.is_over()) return false;
//     wait_until(left.next_look());
//   }
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <unordered_map>

namespace assay {

/// A bound of time from above. For as long as a thread of this process or of its descendants, the
/// testees among them, is ready to run and others have the processors, it is not the testee that is
/// slow: the kernel counts such time (/proc/PID/task/TID/schedstat), and it comes on top of the
/// bound, up to eight times the bound in all. One that waits in vain, or uses the processor, gets
/// nothing.
///
/// What is quick costs nothing: the kernel is first asked after 20 ms.
class patience {
 public:
  using clock = std::chrono::steady_clock;

  explicit patience(std::chrono::nanoseconds bound);

  /// Whether the bound has passed.
  bool is_over();
  /// When is_over() should be asked again; not later than the bound passes.
  clock::time_point next_look() const { return next_look_; }
  /// From the beginning until now, whatever was waited for.
  std::chrono::nanoseconds waited() const { return clock::now() - start_; }
  /// Asks the kernel now, if 20 ms have passed: for how long processors were waited for.
  std::chrono::nanoseconds starved();

 private:
  void look();

  clock::time_point start_ = clock::now();
  std::chrono::nanoseconds bound_;
  std::chrono::nanoseconds starved_{};
  clock::time_point next_look_;
  std::unordered_map<pid_t, std::int64_t> delays_;  // by thread, at the last look
  bool has_looked_ = false;
};

}  // namespace assay
