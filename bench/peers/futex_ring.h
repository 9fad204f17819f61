// The floor of the queue benchmarks: a ring of 64-byte slots in shared memory, 200 spins, then a
// futex. It knows nothing of items of other sizes, of death, of timeouts: a measure of what the
// hardware allows, and no queue to use.
#pragma once

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <cstring>
#include <new>

namespace assay::bench {

/// `Single`: one producer and one consumer, which saves the compare-and-swap.
template <bool Single>
class futex_ring {
 public:
  static constexpr std::size_t message_bytes = 64;

  explicit futex_ring(std::size_t bound) {
    void* memory =
        ::mmap(nullptr, sizeof(state), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || bound != slots) throw std::bad_alloc();
    state_ = new (memory) state();
    for (std::size_t i = 0; i < slots; ++i) state_->ring[i].turn = i;
  }
  ~futex_ring() { ::munmap(state_, sizeof(state)); }
  futex_ring(const futex_ring&) = delete;
  futex_ring& operator=(const futex_ring&) = delete;

  void put(const char* message) {
    const std::uint64_t place = claim(state_->tail);
    slot& at = state_->ring[place % slots];
    await(at, place, state_->waiting_producers);
    std::memcpy(at.message, message, message_bytes);
    at.turn.store(place + 1, std::memory_order_seq_cst);
    wake(state_->waiting_consumers);
  }

  void get(char* message) {
    const std::uint64_t place = claim(state_->head);
    slot& at = state_->ring[place % slots];
    await(at, place + 1, state_->waiting_consumers);
    std::memcpy(message, at.message, message_bytes);
    at.turn.store(place + slots, std::memory_order_seq_cst);
    wake(state_->waiting_producers);
  }

 private:
  static constexpr std::size_t slots = 1024;

  struct slot {
    std::atomic<std::uint64_t> turn;
    char message[message_bytes];
  };
  struct state {
    alignas(128) std::atomic<std::uint64_t> tail;
    alignas(128) std::atomic<std::uint64_t> head;
    alignas(128) std::atomic<std::uint32_t> waiting_producers;
    alignas(128) std::atomic<std::uint32_t> waiting_consumers;
    alignas(128) slot ring[slots];
  };

  static std::uint64_t claim(std::atomic<std::uint64_t>& end) {
    if constexpr (!Single) return end.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t place = end.load(std::memory_order_relaxed);
    end.store(place + 1, std::memory_order_relaxed);
    return place;
  }

  static void await(slot& at, std::uint64_t turn, std::atomic<std::uint32_t>& waiting) {
    for (int spin = 0; spin < 200; ++spin) {
      if (at.turn.load(std::memory_order_acquire) == turn) return;
      __builtin_ia32_pause();
    }
    for (;;) {
      waiting.exchange(1);
      if (at.turn.load() == turn) return;
      // Another sleeper may set the note again between our look and our sleep, after our own waker
      // has come and gone. A queue must not have that; for a floor an end to the sleep will do.
      const timespec at_most{.tv_sec = 0, .tv_nsec = 1'000'000};
      ::syscall(SYS_futex, &waiting, FUTEX_WAIT, 1, &at_most, nullptr, 0);
    }
  }

  static void wake(std::atomic<std::uint32_t>& waiting) {
    if (waiting.load() == 0 || waiting.exchange(0) == 0) return;
    ::syscall(SYS_futex, &waiting, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  }

  state* state_;
};

}  // namespace assay::bench
