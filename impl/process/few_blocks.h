// A few pieces of memory that lie where their owner lies.
//
//   few_blocks<256, 8> room;  // beside what is written to anyway
//   auto it = std::allocate_shared<record>(block_allocator<record, decltype(room)>(room));
//
// Ownership: the room must outlive what lies in it. Threads may share it. So may a fork's child
// use its copy: which blocks are taken is one word, and never in the middle of a change.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <functional>
#include <new>

namespace ref {

template <std::size_t Bytes, int Count>
class few_blocks {
 public:
  /// Null if it is too much for a block, or all are taken.
  void* take(std::size_t bytes) {
    unsigned before = taken_.load(std::memory_order_relaxed);
    while (bytes <= Bytes) {
      const int free = std::countr_one(before);
      if (free >= Count) break;
      if (taken_.compare_exchange_weak(before, before | 1u << free, std::memory_order_acquire)) {
        return blocks_ + static_cast<std::size_t>(free) * Bytes;
      }
    }
    return nullptr;
  }
  /// False if it is none of these.
  bool give_back(const void* block) {
    const auto* const place = static_cast<const std::byte*>(block);
    if (std::less<>()(place, blocks_) || !std::less<>()(place, blocks_ + sizeof(blocks_))) {
      return false;
    }
    taken_.fetch_and(~(1u << (static_cast<std::size_t>(place - blocks_) / Bytes)),
                     std::memory_order_release);
    return true;
  }

 private:
  static_assert(Count < 32 && Bytes % alignof(std::max_align_t) == 0);
  std::atomic<unsigned> taken_ = 0;
  alignas(std::max_align_t) std::byte blocks_[Bytes * Count] = {};
};

/// Takes blocks, and ordinary memory where there are none.
template <typename T, typename Blocks>
class block_allocator {
 public:
  using value_type = T;

  explicit block_allocator(Blocks& from) : from_(&from) {}
  template <typename U>
  block_allocator(const block_allocator<U, Blocks>& other) : from_(other.from_) {}

  T* allocate(std::size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    void* const block = from_->take(count * sizeof(T));
    return static_cast<T*>(block != nullptr ? block : ::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t) {
    if (!from_->give_back(memory)) ::operator delete(memory);
  }
  friend bool operator==(const block_allocator&, const block_allocator&) = default;

 private:
  template <typename, typename>
  friend class block_allocator;
  Blocks* from_;
};

}  // namespace ref
