// The floor of the queue benchmarks: a ring of slots of one size in shared memory, 200 spins,
// then a futex. It knows nothing of items of other sizes, of death, of timeouts: a measure of what
// the hardware allows, and no queue to use.
#pragma once

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <climits>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

namespace assay::bench {

/// `Single`: one producer and one consumer, which saves the compare-and-swap.
template <bool Single>
class futex_ring {
 public:
  /// The bound is a power of two.
  futex_ring(std::size_t bound, std::size_t bytes)
      : slots_(bound),
        bytes_(bytes),
        stride_(sizeof(slot) + (bytes + 7) / 8 * 8),
        message_(bytes, '\0') {
    void* memory =
        ::mmap(nullptr, mapped(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || !std::has_single_bit(bound)) throw std::bad_alloc();
    state_ = new (memory) state();
    for (std::size_t i = 0; i < slots_; ++i) (new (&at(i)) slot())->turn = i;
  }
  ~futex_ring() { ::munmap(state_, mapped()); }
  futex_ring(const futex_ring&) = delete;
  futex_ring& operator=(const futex_ring&) = delete;

  void put(std::string_view message) {
    const std::uint64_t place = claim(state_->tail);
    slot& here = at(place);
    await(here, place, state_->waiting_producers);
    std::memcpy(here.message(), message.data(), bytes_);
    here.turn.store(place + 1, std::memory_order_seq_cst);
    wake(state_->waiting_consumers);
  }

  std::string_view get() {
    const std::uint64_t place = claim(state_->head);
    slot& here = at(place);
    await(here, place + 1, state_->waiting_consumers);
    std::memcpy(message_.data(), here.message(), bytes_);
    here.turn.store(place + slots_, std::memory_order_seq_cst);
    wake(state_->waiting_producers);
    return message_;
  }

 private:
  struct slot {
    std::atomic<std::uint64_t> turn;
    char* message() { return reinterpret_cast<char*>(this + 1); }
  };
  struct state {
    alignas(128) std::atomic<std::uint64_t> tail;
    alignas(128) std::atomic<std::uint64_t> head;
    alignas(128) std::atomic<std::uint32_t> waiting_producers;
    alignas(128) std::atomic<std::uint32_t> waiting_consumers;
    alignas(128) char ring[128];  // and what is mapped behind
  };

  std::size_t mapped() const { return sizeof(state) + slots_ * stride_; }
  slot& at(std::uint64_t place) {
    return *reinterpret_cast<slot*>(state_->ring + (place & (slots_ - 1)) * stride_);
  }

  static std::uint64_t claim(std::atomic<std::uint64_t>& end) {
    if constexpr (!Single) return end.fetch_add(1, std::memory_order_relaxed);
    const std::uint64_t place = end.load(std::memory_order_relaxed);
    end.store(place + 1, std::memory_order_relaxed);
    return place;
  }

  static void await(slot& here, std::uint64_t turn, std::atomic<std::uint32_t>& waiting) {
    for (int spin = 0; spin < 200; ++spin) {
      if (here.turn.load(std::memory_order_acquire) == turn) return;
      __builtin_ia32_pause();
    }
    for (;;) {
      waiting.exchange(1);
      if (here.turn.load() == turn) return;
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

  std::size_t slots_;
  std::size_t bytes_;
  std::size_t stride_;
  std::string message_;
  state* state_;
};

}  // namespace assay::bench
