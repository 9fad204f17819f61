#include "impl/queue/robust_lock.h"

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "impl/base/system_call.h"
#include "impl/queue/kill_point.h"
#include "impl/queue/waiting.h"

namespace ref::queue_detail {

void robust_lock::initialize() {
  pthread_mutexattr_t attributes;
  check_number(::pthread_mutexattr_init(&attributes), "pthread_mutexattr_init");
  check_number(::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED),
               "pthread_mutexattr_setpshared");
  check_number(::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST),
               "pthread_mutexattr_setrobust");
  check_number(::pthread_mutex_init(&mutex_, &attributes), "pthread_mutex_init");
  ::pthread_mutexattr_destroy(&attributes);
}

bool robust_lock::accept(int error_number) {
  if (error_number == 0) return true;
  if (error_number == EBUSY) return false;
  if (error_number != EOWNERDEAD) throw_system_error(error_number, "pthread_mutex_lock");
  // Dying here is fine as well: the next owner is told the same.
  REF_KILL_POINT(owner_death_noticed);
  check_number(::pthread_mutex_consistent(&mutex_), "pthread_mutex_consistent");
  return true;
}

void robust_lock::lock_slowly() {
  // A wake-up from the kernel costs a thousand times what the owner needs to finish, so try again
  // for about that long. But each try takes the lock's cache line away from the owner, which would
  // otherwise do a row of operations as fast as if it were alone: hence few tries, far apart.
  constexpr int shortest = 16;
  constexpr int longest = 128;
  constexpr int attempts = 12;
  for (int attempt = 0, pauses = shortest; attempt < attempts; ++attempt) {
    relax(pauses);
    if (try_lock()) return;
    pauses = std::min(pauses * 2, longest);
  }
  accept(::pthread_mutex_lock(&mutex_));
}

void robust_lock::unlock_with_fence() {
  unlock();
#if defined(__x86_64__) || defined(__i386__)
  // Here every unlocking that has to notice waiters is a locked instruction, which is such a fence
  // already; a second one would cost as much as the rest of a put. The compiler is held back.
  std::atomic_signal_fence(std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace ref::queue_detail
