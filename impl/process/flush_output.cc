#include "impl/process/flush_output.h"

#include <cstdio>

#ifdef REF_CAN_SEE_STREAMS
#include <dlfcn.h>

#include "impl/base/one_thread.h"
#endif

namespace ref {
namespace {

#ifdef REF_CAN_SEE_STREAMS

// Looked up, not declared: a program that is linked to a variable may get a copy of its own, and
// the C library goes on with the one that it has. Null until it was looked up, and where there is
// none.
const auto* const first_stream =
    static_cast<const std::FILE* const*>(::dlsym(RTLD_DEFAULT, "_IO_list_all"));

// More than fflush looks for: wide streams, whose buffers are hidden, are taken to have something,
// and so is what was read ahead, which POSIX would have given back.
bool may_be_pending(const std::FILE& stream) {
  return stream._IO_write_ptr > stream._IO_write_base || stream._mode > 0 ||
         stream._IO_read_ptr != stream._IO_read_end || stream._IO_save_base != nullptr;
}

bool is_anything_pending() {
  if (first_stream == nullptr || !has_one_thread()) return true;
  for (const auto* each = *first_stream; each != nullptr; each = each->_chain) {
    if (may_be_pending(*each)) return true;
  }
  return false;
}

#else

bool is_anything_pending() { return true; }

#endif

}  // namespace

void flush_output() {
  if (is_anything_pending()) std::fflush(nullptr);
}

}  // namespace ref
