// A lock in shared memory that survives the death of its owner.
//
// A pthread mutex, process-shared and robust: when the owner dies the kernel passes the lock on.
// What it guards must be whole after every single store, since the next owner repairs nothing: see
// shared_state.h. Not recursive. Threads and processes share it; initialise it once, before.
#pragma once

#include <pthread.h>

#include "impl/base/system_call.h"

namespace ref::queue_detail {

class robust_lock {
 public:
  void initialize();
  /// Spins for a moment, since the lock is held for a copy at most, then sleeps in the kernel.
  void lock() {
    if (!try_lock()) lock_slowly();
  }
  bool try_lock() {
    const int error_number = ::pthread_mutex_trylock(&mutex_);
    return error_number == 0 || accept(error_number);
  }
  void unlock() { check_number(::pthread_mutex_unlock(&mutex_), "pthread_mutex_unlock"); }
  /// Unlocks; and whatever the caller reads afterwards is read after its writes so far have become
  /// visible to all (what a sequentially consistent fence does).
  void unlock_with_fence();

 private:
  void lock_slowly();
  bool accept(int error_number);
  pthread_mutex_t mutex_;
};

}  // namespace ref::queue_detail
