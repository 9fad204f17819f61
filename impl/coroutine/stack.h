// Stacks for greenlets: mapped memory with a page below it that no one may touch.
//
//   ref::stack stack = ref::stack::take();   // from this thread's pool, else from mmap(2)
//   void* top = stack.top();                 // stacks grow downwards from here
//
// A stack is `stack::bytes` of address space; memory is used for those pages alone that were
// touched, one at least. An overflow meets the guard page and ends the process by SIGSEGV. A stack
// that is no longer needed waits in a pool of its thread, which holds `stack::pooled` at most, and
// costs no system call when it is taken again. mmap(2), mprotect(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "impl/coroutine/spares.h"

namespace ref {

namespace detail {

/// What waits in a thread's pool is a stack's last word. No frame has ever been there: the
/// outermost one's return address is no deeper.
struct unused_stacks {
  static constexpr std::size_t most = 1024;
  static void release(void* last_word);
};

}  // namespace detail

class stack {
 public:
  static constexpr std::size_t bytes = 256 * 1024;
  static constexpr std::size_t guard_bytes = 4096;
  static constexpr std::size_t pooled = detail::unused_stacks::most;

  /// Throws std::bad_alloc where the system gives no more memory.
  static stack take() {
    if (void* const last_word = detail::spares<detail::unused_stacks>::take()) [[likely]]
      return stack(static_cast<std::byte*>(last_word) - last_word_offset);
    return map();
  }

  stack() = default;
  stack(stack&& other) noexcept : bottom_(std::exchange(other.bottom_, nullptr)) {}
  stack& operator=(stack&& other) noexcept {
    std::swap(bottom_, other.bottom_);
    return *this;
  }
  /// Back into the pool of the calling thread.
  ~stack() {
    if (bottom_ == nullptr) return;
    detail::spares<detail::unused_stacks>::put(bottom_ + last_word_offset);
  }

  explicit operator bool() const { return bottom_ != nullptr; }
  std::byte* bottom() const { return bottom_; }
  /// Not the same place within a page for all, or the first lines of all stacks would compete for
  /// the same few places in the processor's cache.
  std::byte* top() const {
    const auto page = reinterpret_cast<std::uintptr_t>(bottom_) / guard_bytes;
    return bottom_ + bytes - page % colours * colour_bytes;
  }

 private:
  static constexpr std::size_t last_word_offset = bytes - sizeof(void*);
  static constexpr std::size_t colours = 32;
  static constexpr std::size_t colour_bytes = 64;
  explicit stack(std::byte* bottom) : bottom_(bottom) {}
  static stack map();
  friend detail::unused_stacks;
  std::byte* bottom_ = nullptr;
};

}  // namespace ref
