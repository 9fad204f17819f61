#include "impl/queue/waiting.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "impl/base/system_call.h"
#include "impl/queue/kill_point.h"
#include "impl/queue/queue.h"

namespace ref::queue_detail {
namespace {

std::uint32_t* address(std::atomic<std::uint32_t>& word) {
  static_assert(sizeof(word) == sizeof(std::uint32_t) &&
                std::atomic<std::uint32_t>::is_always_lock_free);
  return reinterpret_cast<std::uint32_t*>(&word);
}

long futex_wake(std::atomic<std::uint32_t>& word, int how_many) {
  return check(::syscall(SYS_futex, address(word), FUTEX_WAKE, how_many, nullptr, nullptr, 0),
               "futex wake");
}

}  // namespace

void waiting_place::sleep(deadline until) {
  const timespec when = std::min(until, deadline::in(queue::heartbeat)).as_timespec();
  // An absolute time on CLOCK_MONOTONIC. Any return is followed by a look at the state, so that a
  // changed word, a signal and the time need no telling apart.
  const long result = ::syscall(SYS_futex, address(word_), FUTEX_WAIT_BITSET, 1, &when, nullptr,
                                FUTEX_BITSET_MATCH_ANY);
  if (result == -1 && errno != EAGAIN && errno != EINTR && errno != ETIMEDOUT) {
    throw_system_error(errno, "futex wait");
  }
}

void waiting_place::wake_one_slowly() {
  if (word_.exchange(0, std::memory_order_seq_cst) == 0) return;
  REF_KILL_POINT(wake_claimed);
  futex_wake(word_, 1);
  REF_KILL_POINT(wake_done);
}

void waiting_place::wake_all() {
  word_.exchange(0, std::memory_order_seq_cst);
  futex_wake(word_, INT_MAX);
}

}  // namespace ref::queue_detail
