// Waiting for another process: spin while that can help, then sleep on a futex.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "impl/base/deadline.h"

namespace ref::queue_detail {

/// Tells the processor that this is a loop of waiting, `times` times.
inline void relax(int times) {
  for (int i = 0; i < times; ++i) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
}

/// A futex word on which processes sleep until something has changed.
///
///   sleeper                                    waker
///   place.announce();                          change the state (sequentially consistent)
///   if (state is as wanted) …                  place.wake_one();
///   place.sleep(until);
///   place.announce();
///   use what is there
///   if (there is more) place.wake_one();
///
/// The word says that somebody may sleep. The waker takes that note away before it wakes one, and
/// who was woken puts it back, and wakes the next when there is enough for two. So one is on its
/// way at a time, and however fast changes follow, they make no system call until it has come.
/// Where either dies on the way, sleepers are left behind without their note: they look for
/// themselves every heartbeat.
class waiting_place {
 public:
  /// Of one who is about to sleep, or of one who has slept: there may be others.
  void announce() { word_.exchange(1, std::memory_order_seq_cst); }
  /// Returns at a wake-up, at the deadline, after a heartbeat, or for no reason.
  void sleep(deadline until);
  /// Wakes one sleeper if there may be one.
  void wake_one() {
    if (word_.load(std::memory_order_seq_cst) != 0) wake_one_slowly();
  }
  void wake_all();

 private:
  void wake_one_slowly();
  std::atomic<std::uint32_t> word_;
};

/// What one process has learned about spinning for one thing. Its threads share it.
struct patience {
  std::atomic<std::int64_t> nanoseconds{30'000};
  std::atomic<std::uint32_t> waits{0};
  std::atomic<std::int64_t> linger_nanoseconds{0};  // see linger()
};

/// Waits on, without a look at shared memory, while the other side is likely to be in the middle of
/// a row of operations. Following it step by step would move the same cache lines to and fro with
/// each item, which costs both sides ten times what an item does; a moment later there is a batch.
/// `found()` says how much there is now, from which the next moment's length is learned.
template <typename Found>
void linger(patience& learned, std::chrono::nanoseconds waited, Found found) {
  constexpr std::int64_t first = 200;
  constexpr std::int64_t most = 1'600;
  constexpr std::uint64_t batch = 8;
  const std::int64_t moment = learned.linger_nanoseconds.load(std::memory_order_relaxed);
  if (moment == 0) {
    // Whoever answers our own last message needs longer than this.
    if (waited.count() < first) learned.linger_nanoseconds.store(first, std::memory_order_relaxed);
    return;
  }
  const auto end = deadline::clock::now() + std::chrono::nanoseconds(moment);
  while (deadline::clock::now() < end) relax(1);
  const std::uint64_t there = found();
  const std::int64_t next = there >= batch ? std::min(moment * 2, most)
                            : there > 1    ? moment
                                           : moment / 2;
  learned.linger_nanoseconds.store(next < first ? 0 : next, std::memory_order_relaxed);
}

/// Spins until `done()`, and learns: patience grows where spinning pays off and shrinks where it
/// does not. It is left out where the other side last ran on this very processor, and so cannot be
/// running now. `other_cpu`: -1 where not known. Each look takes a cache line away from the other
/// side: `pauses` between two of them. False when patience ran out.
template <typename Done>
bool spin(patience& learned, int this_cpu, int other_cpu, int pauses, Done done) {
  // A wake-up across processors takes some 50 µs, so that a longer spin costs more than it saves.
  constexpr std::int64_t least = 2'000;
  constexpr std::int64_t most = 60'000;
  // Two processes that answer each other, both impatient, would go on putting each other to sleep.
  // One long wait in a while finds out whether spinning would pay.
  constexpr std::uint32_t waits_between_long_ones = 8;

  if (this_cpu == other_cpu) return false;
  const std::int64_t patient_for = learned.nanoseconds.load(std::memory_order_relaxed);
  const std::uint32_t wait = learned.waits.fetch_add(1, std::memory_order_relaxed);
  const bool is_long = wait % waits_between_long_ones == 0;
  const auto start = deadline::clock::now();
  const auto end = start + std::chrono::nanoseconds(is_long ? most : patient_for);
  do {
    if (done()) {
      if (is_long) learned.nanoseconds.store(most, std::memory_order_relaxed);
      return true;
    }
    relax(pauses);
  } while (deadline::clock::now() < end);
  if (patient_for > least) {
    learned.nanoseconds.store(std::max(patient_for / 2, least), std::memory_order_relaxed);
  }
  return false;
}

}  // namespace ref::queue_detail
