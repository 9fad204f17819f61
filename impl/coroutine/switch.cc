#include "impl/coroutine/switch.h"

namespace ref::detail {

#if defined(__x86_64__)

void write_control_word(control_word word) {
  // Masks of traps and the rounding are in the same order in both, at different places.
  constexpr std::uint32_t masks = 0x003f;
  constexpr std::uint32_t rounding = 0x0c00;
  constexpr int masks_to_mxcsr = 7;
  constexpr int rounding_to_mxcsr = 3;
  std::uint32_t mxcsr;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  mxcsr &= ~(masks << masks_to_mxcsr | rounding << rounding_to_mxcsr);
  mxcsr |= (word & masks) << masks_to_mxcsr | (word & rounding) << rounding_to_mxcsr;
  asm volatile("fldcw %0\n\tldmxcsr %1" : : "m"(word), "m"(mxcsr));
}

#else

namespace {
thread_local void (*begins)() = nullptr;
}

void* new_stack(void* top, std::size_t bytes, void (*begin)()) {
  begins = begin;  // the same for all of a thread
  return boost::context::detail::make_fcontext(top, bytes, [](auto arrived) {
    *static_cast<void**>(arrived.data) = arrived.fctx;
    begins();
  });
}

#endif

}  // namespace ref::detail
