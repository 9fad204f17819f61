// Pieces of memory that a thread has no use for now and may need again: a list that goes through
// the pieces' own first words, so that neither a look-up nor the heap is asked.
//
//   struct pages {                                   // the kind of memory
//     static constexpr std::size_t most = 1024;      // how many wait at most
//     static void release(void* piece) { … }         // for the others, and at the thread's end
//   };
//   void* piece = spares<pages>::take();             // null: there are none
//   if (piece == nullptr) piece = …
//   spares<pages>::put(piece);
//
// Threads: each has a list of its own for each kind; a piece may be put into another thread's list
// than it was taken from. Forks: the child has a copy.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "impl/coroutine/sanitizers.h"

namespace ref::detail {

template <typename Kind>
class spares {
 public:
  static void* take() {
    list& mine = mine_;
    if (mine.first == nullptr) return nullptr;
    --mine.count;
    return std::exchange(mine.first, *static_cast<void**>(mine.first));
  }
  static void put(void* piece) {
    list& mine = mine_;
    if (mine.count >= mine.room) [[unlikely]] {
      if (!make_room()) return Kind::release(piece);
    }
    ++mine.count;
    *static_cast<void**>(piece) = std::exchange(mine.first, piece);
  }

 private:
  // Without a constructor, so that it is read without the guard that others need.
  struct list {
    void* first = nullptr;
    std::size_t count = 0;
    std::size_t room = 0;  // none before the first piece, and at the end of the thread's life
  };

  // False when the list is full, and at the end of the thread's life.
  [[gnu::noinline]] static bool make_room() {
    thread_local const struct owner {
      owner() { mine_.room = Kind::most; }
      ~owner() {
        mine_.room = 0;
        while (void* piece = take()) Kind::release(piece);
      }
    } made;
    return mine_.count < mine_.room;
  }

  static inline constinit thread_local list mine_;
};

/// An allocator whose memory the next object of the type gets; for std::allocate_shared.
template <typename Type>
struct recycled {
  using value_type = Type;
  recycled() = default;
  template <typename Other>
  recycled(const recycled<Other>&) {}
  bool operator==(const recycled&) const = default;

  Type* allocate(std::size_t count) {
    if (count == 1) {
      if (void* const piece = spares<memory>::take()) return static_cast<Type*>(piece);
    }
    return std::allocator<Type>().allocate(count);
  }
  void deallocate(Type* piece, std::size_t count) {
    if (count == 1) return spares<memory>::put(piece);
    std::allocator<Type>().deallocate(piece, count);
  }

 private:
  struct memory {
    // None where a sanitizer is to see that an object is used after its end.
    static constexpr std::size_t most = is_sanitized ? 0 : 1024;
    static void release(void* piece) {
      std::allocator<Type>().deallocate(static_cast<Type*>(piece), 1);
    }
  };
};

}  // namespace ref::detail
