// What the sanitizers must be told when a thread changes its stack. Nothing in ordinary builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace ref::detail {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

struct sanitizer_fiber {
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t bytes = 0;
#endif
#if defined(__SANITIZE_THREAD__)
  void* thread_fiber = nullptr;
#endif
};

/// What stands on a suspended stack is in use: a program may end while greenlets still wait.
inline void create_fiber([[maybe_unused]] sanitizer_fiber& made,
                         [[maybe_unused]] const void* bottom, [[maybe_unused]] std::size_t bytes) {
#if defined(__SANITIZE_ADDRESS__)
  made.bottom = bottom;
  made.bytes = bytes;
  __lsan_register_root_region(bottom, bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  made.thread_fiber = __tsan_create_fiber(0);
#endif
}

inline void adopt_thread([[maybe_unused]] sanitizer_fiber& main) {
#if defined(__SANITIZE_THREAD__)
  main.thread_fiber = __tsan_get_current_fiber();
#endif
}

inline void destroy_fiber([[maybe_unused]] sanitizer_fiber& of) {
#if defined(__SANITIZE_ADDRESS__)
  if (of.bottom != nullptr) __lsan_unregister_root_region(of.bottom, of.bytes);
  of.bottom = nullptr;
#endif
#if defined(__SANITIZE_THREAD__)
  if (of.thread_fiber != nullptr) __tsan_destroy_fiber(of.thread_fiber);
  of.thread_fiber = nullptr;
#endif
}

/// Right before the jump; `ends`: nobody comes back to `from`. Always within its caller, as its own
/// call would begin on one stack and end on another.
[[gnu::always_inline]] inline void before_switch([[maybe_unused]] sanitizer_fiber& from,
                                                 [[maybe_unused]] const sanitizer_fiber& to,
                                                 [[maybe_unused]] bool ends) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(ends ? nullptr : &from.fake_stack, to.bottom, to.bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(to.thread_fiber, 0);
#endif
}

/// Right after it, on the new stack; tells where the stack that was left lies.
[[gnu::always_inline]] inline void after_switch([[maybe_unused]] sanitizer_fiber& from,
                                                [[maybe_unused]] sanitizer_fiber& here) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(here.fake_stack, &from.bottom, &from.bytes);
#endif
}

}  // namespace ref::detail
