// A lock in shared memory that survives the death of its owner.
//
// A futex as pthread's robust mutex is one, and by the same service of the kernel: each thread has
// registered a list of the locks that it owns, and when the thread dies the kernel marks them
// and wakes one who waits. What it guards must be whole after every single store, since the next
// owner repairs nothing: see shared_state.h. Not recursive. Threads and processes share it; memory
// of nought is a free lock.
//
// Why not the mutex itself: it keeps its owner's list doubly linked, for locks that are released in
// any order. Here a thread owns one lock nearly always, and that is said by one word of the list's
// head: the "pending" one, which means a lock that is being taken or released, or is owned. Mutexes
// had been a third of the time of a put and a get of 64 bytes.
//
// Within a locked section there must be no other robust lock, pthread's included, but one that is
// taken by second_lock.
//
// Source: Linux, Documentation/locking/robust-futex-ABI.rst; get_robust_list(2); futex(2).
#pragma once

#include <linux/futex.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ref::queue_detail {

/// What a thread knows of itself.
struct lock_owner {
  std::uint64_t process = 1;    // in which it was found out: a forked child is another. 1: none
  std::uint32_t id = 0;         // by which the kernel knows the thread
  std::ptrdiff_t distance = 0;  // from a lock's word to its place in the list
  robust_list_head* list = nullptr;

  /// Tells the kernel which lock this thread may own; null: none. Orders nothing but its own code:
  /// the kernel looks when the thread has come to its end.
  void note(std::atomic<std::uint32_t>* word) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(list->list_op_pending)
        .store(word == nullptr ? nullptr : place_of(*word), std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  robust_list* place_of(std::atomic<std::uint32_t>& word) const {
    return reinterpret_cast<robust_list*>(reinterpret_cast<char*>(&word) + distance);
  }
};

extern constinit thread_local lock_owner this_owner;
/// Where it says which process this is. The kernel makes it 0 in a forked child.
extern constinit std::atomic<std::atomic<std::uint64_t>*> this_process;
void find_this_owner();

inline lock_owner& current_owner() {
  const auto* process = this_process.load(std::memory_order_acquire);
  if (process->load(std::memory_order_relaxed) != this_owner.process) find_this_owner();
  return this_owner;
}

class robust_lock {
 public:
  /// Spins for a moment, since the lock is held for a copy at most, then sleeps in the kernel.
  void lock() {
    lock_owner& me = current_owner();
    me.note(&word_);
    if (!take_free(me)) lock_slowly(me);
  }
  bool try_lock();
  /// Also a sequentially consistent fence: whatever the caller reads afterwards is read after its
  /// writes so far have become visible to all.
  void unlock() {
    const std::uint32_t before = word_.exchange(0, std::memory_order_seq_cst);
    fence_behind_exchange();
    if ((before & FUTEX_WAITERS) != 0) wake_one();
    this_owner.note(nullptr);
  }

 private:
  friend class second_lock;

  bool take_free(const lock_owner& me) {
    std::uint32_t free = 0;
    return word_.compare_exchange_strong(free, me.id, std::memory_order_acquire,
                                         std::memory_order_relaxed);
  }
  static void fence_behind_exchange() {
#if defined(__x86_64__) || defined(__i386__)
    // Here the exchange is such a fence, and a second one would cost as much again.
    std::atomic_signal_fence(std::memory_order_seq_cst);
#else
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
  bool try_take(const lock_owner& me, std::uint32_t waiters);
  void lock_slowly(const lock_owner& me);
  void sleep(std::uint32_t seen);
  void wake_one();

  std::atomic<std::uint32_t> word_;  // as the kernel wants it: owner's id, FUTEX_WAITERS, …_DIED
  // The lock's place in its owner's list is where the C library has it: so far behind the word.
  static constexpr std::ptrdiff_t least_distance = 8;
  static constexpr std::ptrdiff_t most_distance = 32;
  char room_for_place_[most_distance + sizeof(robust_list) - sizeof(std::uint32_t)];

  friend void find_this_owner();
};

/// Takes another lock while one is held, and releases it.
class second_lock {
 public:
  second_lock(robust_lock& held, robust_lock& wanted);
  ~second_lock();
  second_lock(const second_lock&) = delete;
  second_lock& operator=(const second_lock&) = delete;

 private:
  robust_lock& held_;
  robust_lock& second_;
};

}  // namespace ref::queue_detail
