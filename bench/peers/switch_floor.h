// The floor of the switches: the stack pointer, the frame pointer and a jump, inlined. It keeps
// neither the control words of the floating-point units, as the ABI asks for, nor exceptions in
// flight, and carries no value. For x86-64.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <new>
#include <vector>

namespace assay::bench {

/// Leaves in `from` where to come back, and goes on at `to`.
[[gnu::always_inline]] inline void bare_switch(void** from, void* to) {
  asm volatile(
      "sub $128, %%rsp\n\t"  // what a leaf function may use below its stack pointer
      "push %%rbp\n\t"
      "lea 0f(%%rip), %%rcx\n\t"
      "push %%rcx\n\t"
      "mov %%rsp, (%[from])\n\t"
      "mov %[to], %%rsp\n\t"
      "pop %%rcx\n\t"
      "jmp *%%rcx\n"
      "0:\n\t"
      "pop %%rbp\n\t"
      "add $128, %%rsp"
      : [from] "+D"(from), [to] "+S"(to)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
        "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
        "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
}

/// Memory for a stack.
class bare_memory {
 public:
  explicit bare_memory(std::size_t bytes)
      : bytes_(bytes),
        memory_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~bare_memory() { ::munmap(memory_, bytes_); }
  bare_memory(const bare_memory&) = delete;
  bare_memory& operator=(const bare_memory&) = delete;

  /// A stack that begins so many bytes below the memory's end, and `run` on it.
  void* begin(void (*run)(), std::size_t below = 0) const {
    auto* const top =
        reinterpret_cast<std::uint64_t*>(static_cast<char*>(memory_) + bytes_ - below);
    top[-2] = reinterpret_cast<std::uint64_t>(run);  // the word above is where it would return to
    return top - 2;
  }

 private:
  std::size_t bytes_;
  void* memory_;
};

/// A function on a stack of its own, and the way there and back.
class bare_stack {
 public:
  using body = void (*)();
  explicit bare_stack(body run) { restart(run); }

  /// What enters next begins at the function's start.
  void restart(body run) { inside_ = memory_.begin(run); }
  [[gnu::always_inline]] void enter() { bare_switch(&outside_, inside_); }
  [[gnu::always_inline]] void leave() { bare_switch(&inside_, outside_); }

 private:
  bare_memory memory_{64 * 1024};
  void* inside_ = nullptr;
  void* outside_ = nullptr;
};

/// Stacks that hand control round, each to the next. Who is next is known from their order alone,
/// so that a turn touches one line of its stack and one word beside it. The stacks begin at
/// different places of a page, or those lines would compete for the same few places of the cache,
/// and the ones whose turn comes soon are fetched.
class bare_ring {
 public:
  bare_ring(std::size_t count, std::size_t bytes, void (*run)()) : places_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      memory_.emplace_back(bytes);
      places_[i] = memory_.back().begin(run, i % colours * line);
    }
    for (std::size_t i = 0; i < ahead; ++i) soon_ = after(soon_);
  }

  /// Lets them take so many turns in all.
  void enter(std::uint64_t turns) {
    left_ = turns;
    bare_switch(&outside_, places_[now_]);
  }
  /// What ends a turn.
  [[gnu::always_inline]] void leave() {
    void** const mine = &places_[now_];
    now_ = after(now_);
    soon_ = after(soon_);
    __builtin_prefetch(places_[soon_]);
    bare_switch(mine, --left_ == 0 ? outside_ : places_[now_]);
  }

 private:
  static constexpr std::size_t colours = 32;
  static constexpr std::size_t line = 64;
  static constexpr std::size_t ahead = 8;

  std::size_t after(std::size_t place) const { return place + 1 == places_.size() ? 0 : place + 1; }

  std::deque<bare_memory> memory_;
  std::vector<void*> places_;  // where each is suspended
  std::size_t now_ = 0;
  std::size_t soon_ = 0;
  std::uint64_t left_ = 0;
  void* outside_ = nullptr;
};

}  // namespace assay::bench
