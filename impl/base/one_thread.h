// Whether there is anybody to wait for, or to lock out.
#pragma once

#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
#endif

namespace ref {

/// Never wrong when it says yes; no is also said by a process whose other threads have ended, by a
/// child of one that had several, and where the C library does not tell. Reads one byte.
///
/// Source: __libc_single_threaded, "Single-Threaded Optimization" in the manual of glibc.
inline bool has_one_thread() {
#if __has_include(<sys/single_threaded.h>)
  return __libc_single_threaded != 0;
#else
  return false;
#endif
}

}  // namespace ref
