// The floor of the switches: the stack pointer, the frame pointer and a jump, inlined. It keeps
// neither the control words of the floating-point units, as the ABI asks for, nor exceptions in
// flight, and carries no value. For x86-64.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace assay::bench {

/// A function on a stack of its own, and the way there and back.
class bare_stack {
 public:
  using body = void (*)();
  explicit bare_stack(body run) {
    memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    restart(run);
  }
  ~bare_stack() { ::munmap(memory_, bytes); }
  bare_stack(const bare_stack&) = delete;
  bare_stack& operator=(const bare_stack&) = delete;

  /// What enters next begins at the function's start.
  void restart(body run) {
    auto* const top = reinterpret_cast<std::uint64_t*>(static_cast<char*>(memory_) + bytes);
    top[-2] = reinterpret_cast<std::uint64_t>(run);  // the word above is where it would return to
    inside_ = top - 2;
  }
  [[gnu::always_inline]] void enter() { swap(&outside_, inside_); }
  [[gnu::always_inline]] void leave() { swap(&inside_, outside_); }

 private:
  static constexpr std::size_t bytes = 64 * 1024;

  [[gnu::always_inline]] static void swap(void** from, void* to) {
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

  void* memory_ = nullptr;
  void* inside_ = nullptr;
  void* outside_ = nullptr;
};

}  // namespace assay::bench
