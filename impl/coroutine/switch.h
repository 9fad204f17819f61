// The change of stacks under the greenlets, and what must be kept beside the registers.
//
//   void* other = ref::detail::new_stack(top, bytes, &begin);
//   void* mine = nullptr;
//   ref::detail::switch_stack(&mine, other);  // begin() runs there and never ends; comes back
//                                             // when somebody switches to what is in `mine` then
//
// On x86-64 this is written out: it is inlined into its caller, so that no return address is
// predicted wrongly, and the compiler saves those registers alone that it has something in. What
// remains are the frame pointer, the stack pointer and a jump. Elsewhere it is Boost.Context's.
//
// The ABI has a function keep the control words of the floating-point units as well. Reading MXCSR
// takes as long as the whole switch, reading the x87's control word next to nothing; <cfenv> always
// sets rounding and traps in both alike. So the x87's word is looked at, and where it differs both
// are set by it. Flush-to-zero, which is in MXCSR alone, is the thread's.
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__)
#include <boost/context/detail/fcontext.hpp>
#endif

namespace ref::detail {

#if defined(__x86_64__)

// Below the stack pointer lie up to 128 bytes that the caller may use without saying so.
[[gnu::always_inline]] inline void switch_stack(void** from, void* to) {
  asm volatile(
      "lea -128(%%rsp), %%rsp\n\t"
      "push %%rbp\n\t"
      "lea 1f(%%rip), %%rax\n\t"
      "push %%rax\n\t"
      "mov %%rsp, (%[from])\n\t"
      "mov %[to], %%rsp\n\t"
      "pop %%rax\n\t"
      "jmp *%%rax\n"
      "1:\n\t"
      "pop %%rbp\n\t"
      "lea 128(%%rsp), %%rsp"
      : [from] "+S"(from), [to] "+D"(to)
      :
      : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",
        "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
        "xmm12", "xmm13", "xmm14", "xmm15",
#if defined(__AVX512F__)
        "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5",
        "k6", "k7",
#endif
        "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)", "memory", "cc");
}

inline void* new_stack(void* top, std::size_t, void (*begin)()) {
  // As a call leaves it: 8 bytes behind a multiple of 16, and a return address that ends traces.
  auto* const words = static_cast<std::uint64_t*>(top);
  words[-1] = 0;
  words[-2] = reinterpret_cast<std::uint64_t>(begin);
  return words - 2;
}

using control_word = std::uint16_t;
inline control_word read_control_word() {
  control_word word;
  asm volatile("fnstcw %0" : "=m"(word));
  return word;
}
void write_control_word(control_word word);

#else

inline void switch_stack(void** from, void* to) {
  const auto arrived = boost::context::detail::jump_fcontext(to, from);
  *static_cast<void**>(arrived.data) = arrived.fctx;
}
void* new_stack(void* top, std::size_t bytes, void (*begin)());

using control_word = std::uint16_t;  // kept by the switch itself
inline control_word read_control_word() { return 0; }
inline void write_control_word(control_word) {}

#endif

}  // namespace ref::detail
