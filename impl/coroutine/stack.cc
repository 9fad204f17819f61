#include "impl/coroutine/stack.h"

#include <sys/mman.h>

#include <new>
#include <vector>

namespace ref {
namespace {

void unmap(std::byte* bottom) {
  ::munmap(bottom - stack::guard_bytes, stack::bytes + stack::guard_bytes);
}

struct pool {
  std::vector<std::byte*> bottoms;
  ~pool() {
    for (std::byte* each : bottoms) unmap(each);
  }
};

// False once the thread's pool is gone: what ends later in the thread's life is unmapped at once.
thread_local bool has_pool = true;
thread_local struct pool_owner : pool {
  ~pool_owner() { has_pool = false; }
} unused;

}  // namespace

stack stack::take() {
  if (has_pool && !unused.bottoms.empty()) {
    std::byte* bottom = unused.bottoms.back();
    unused.bottoms.pop_back();
    return stack(bottom);
  }
  void* memory = ::mmap(nullptr, bytes + guard_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (::mprotect(memory, guard_bytes, PROT_NONE) != 0) {
    ::munmap(memory, bytes + guard_bytes);
    throw std::bad_alloc();
  }
  return stack(static_cast<std::byte*>(memory) + guard_bytes);
}

stack::~stack() {
  if (bottom_ == nullptr) return;
  if (has_pool && unused.bottoms.size() < pooled) {
    unused.bottoms.push_back(bottom_);
  } else {
    unmap(bottom_);
  }
}

}  // namespace ref
