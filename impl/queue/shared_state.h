// What the processes share: the layout of a queue's memory, and the rule that makes death harmless.
//
// The rule: **a change of the queue is one store of one word.** Everything that a change needs is
// written beforehand into places that nobody reads yet. So whoever dies, dies before the change or
// after it, and the next owner of the lock finds nothing half done.
//
// Two locks: producers exclude each other, consumers exclude each other, and the two sides meet
// only in `count`. The byte position that belongs to a count is kept in one of two places, chosen
// by the count's lowest bit: the next position is written beside the current one, then the count
// makes it the current one.
//
//   put:  copy the record behind tail() · note the next tail · count + 1
//   get:  copy the record out of head() · note the next head · count + 1
//
// Positions are bytes since the queue was made and only grow; `geometry` says where in the storage
// a position lies. It changes under both locks (the producers' first), in the same manner: the new
// one is written beside the current one, then `geometry_version` chooses it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "impl/queue/robust_lock.h"
#include "impl/queue/waiting.h"

namespace ref::queue_detail {

// Two cache lines, because processors fetch neighbouring lines together.
inline constexpr std::size_t line_bytes = 128;

/// One end of the queue: how many items have passed it and where the next record lies.
struct alignas(line_bytes) queue_end {
  std::atomic<std::uint64_t> count;
  std::atomic<std::uint64_t> position_of[2];  // [count & 1] is the current one
  std::atomic<int> cpu;                       // where the last one to use this end ran

  /// The current position. Only for the owner of this end's lock.
  std::uint64_t position() const {
    return position_of[count.load(std::memory_order_relaxed) & 1].load(std::memory_order_relaxed);
  }
  /// Writes the position that will be the current one with the next count.
  void note_next(std::uint64_t position) {
    const std::uint64_t next = count.load(std::memory_order_relaxed) + 1;
    position_of[next & 1].store(position, std::memory_order_relaxed);
  }
  /// The change.
  void publish() {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  /// The current position, read without this end's lock: tried again while the end moves on.
  std::uint64_t position_from_outside() const {
    for (;;) {
      const std::uint64_t before = count.load(std::memory_order_acquire);
      const std::uint64_t position = position_of[before & 1].load(std::memory_order_acquire);
      if (count.load(std::memory_order_relaxed) == before) return position;
    }
  }
};

/// The storage is a ring of `size` bytes in which `base` lies at offset 0. A small one is a power
/// of two, which saves the division.
struct geometry {
  std::uint64_t base;
  std::uint64_t size;
  std::uint64_t offset(std::uint64_t position) const {
    const std::uint64_t distance = position - base;
    return (size & (size - 1)) == 0 ? distance & (size - 1) : distance % size;
  }
};

struct shared_state {
  // Set once.
  std::int64_t maxsize;         // 0: no bound
  std::uint64_t mapped_bytes;   // of the whole mapping, this header included
  std::uint64_t storage_bytes;  // reserved address range of the storage, a power of two

  alignas(line_bytes) std::atomic<std::uint64_t> geometry_version;
  geometry geometries[2];                // [geometry_version & 1] is the current one
  std::atomic<std::uint64_t> size_hint;  // its size, for those who hold no lock; may lag
  std::uint64_t touched_bytes;  // no memory is in use at this offset of the storage or behind it
  // Whether memory given back was needed again: see storage.cc. Written under both locks, and only
  // hints, so that it does not matter when a process dies between two of them.
  std::atomic<std::uint64_t> kept_until;  // the tail from which on it may be made small
  std::uint64_t reluctance;               // for so many times its size it was kept last
  std::uint64_t trimmed_at;               // the tail when it was last made small,
  std::uint64_t trimmed_from;             // and how large it had been; 0: it has grown again

  alignas(line_bytes) robust_lock put_lock;
  // Guarded by put_lock. What producers know of the other end; it may lag, which is safe.
  std::uint64_t known_get_count;
  std::uint64_t write_limit;    // records may reach up to this position
  std::uint64_t present_bytes;  // of the storage, from its start, are known to have memory

  alignas(line_bytes) robust_lock get_lock;
  // Guarded by get_lock.
  std::uint64_t known_put_count;
  std::uint32_t gets_since_look;  // since somebody looked whether the storage is too large

  queue_end tail;  // moved by producers
  queue_end head;  // moved by consumers
  alignas(line_bytes) waiting_place producers;
  alignas(line_bytes) waiting_place consumers;

  const geometry& current_geometry() const {
    return geometries[geometry_version.load(std::memory_order_acquire) & 1];
  }
  char* storage() { return reinterpret_cast<char*>(this) + header_bytes; }
  static constexpr std::size_t header_bytes = 4096;
};
static_assert(sizeof(shared_state) <= shared_state::header_bytes);

}  // namespace ref::queue_detail
