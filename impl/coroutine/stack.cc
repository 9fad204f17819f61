#include "impl/coroutine/stack.h"

#include <sys/mman.h>

#include <new>

namespace ref {

void detail::unused_stacks::release(void* last_word) {
  std::byte* const bottom = static_cast<std::byte*>(last_word) - stack::last_word_offset;
  ::munmap(bottom - stack::guard_bytes, stack::bytes + stack::guard_bytes);
}

stack stack::map() {
  void* memory = ::mmap(nullptr, bytes + guard_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (::mprotect(memory, guard_bytes, PROT_NONE) != 0) {
    ::munmap(memory, bytes + guard_bytes);
    throw std::bad_alloc();
  }
  return stack(static_cast<std::byte*>(memory) + guard_bytes);
}

}  // namespace ref
