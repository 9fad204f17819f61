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

namespace ref {

class stack {
 public:
  static constexpr std::size_t bytes = 256 * 1024;
  static constexpr std::size_t guard_bytes = 4096;
  static constexpr std::size_t pooled = 1024;

  /// Throws std::bad_alloc where the system gives no more memory.
  static stack take();

  stack() = default;
  stack(stack&& other) noexcept : bottom_(std::exchange(other.bottom_, nullptr)) {}
  stack& operator=(stack&& other) noexcept {
    std::swap(bottom_, other.bottom_);
    return *this;
  }
  ~stack();  ///< back into the pool of the calling thread

  explicit operator bool() const { return bottom_ != nullptr; }
  std::byte* bottom() const { return bottom_; }
  /// Not the same place within a page for all, or the first lines of all stacks would compete for
  /// the same few places in the processor's cache.
  std::byte* top() const {
    const auto page = reinterpret_cast<std::uintptr_t>(bottom_) / guard_bytes;
    return bottom_ + bytes - page % colours * colour_bytes;
  }

 private:
  static constexpr std::size_t colours = 32;
  static constexpr std::size_t colour_bytes = 64;
  explicit stack(std::byte* bottom) : bottom_(bottom) {}
  std::byte* bottom_ = nullptr;
};

}  // namespace ref
