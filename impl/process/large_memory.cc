#include "impl/process/large_memory.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>

namespace ref {
namespace {

constexpr std::size_t huge_page = 2 << 20;
constexpr std::size_t smallest = huge_page / 2;

constexpr std::size_t rounded(std::size_t bytes) {
  return (bytes + huge_page - 1) / huge_page * huge_page;
}

// A mapping begins at any page: a larger one is cut down to the huge pages within it.
std::byte* map(std::size_t bytes) {
  void* const memory = ::mmap(nullptr, bytes + huge_page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(memory);
  const std::size_t before =
      rounded(reinterpret_cast<std::uintptr_t>(begin)) - reinterpret_cast<std::uintptr_t>(begin);
  if (before > 0) ::munmap(begin, before);
  if (before < huge_page) ::munmap(begin + before + bytes, huge_page - before);
  // An error means ordinary pages.
  static_cast<void>(::madvise(begin + before, bytes, MADV_HUGEPAGE));
  return begin + before;
}

class resource : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes < smallest) return heap().allocate(bytes, alignment);
    if (bytes > SIZE_MAX - 2 * huge_page || alignment > huge_page) throw std::bad_alloc();
    return map(rounded(bytes));
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    if (bytes < smallest) return heap().deallocate(memory, bytes, alignment);
    ::munmap(memory, rounded(bytes));
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  static std::pmr::memory_resource& heap() { return *std::pmr::new_delete_resource(); }
};

}  // namespace

std::pmr::memory_resource& large_memory() {
  static auto* const only = new resource;
  return *only;
}

}  // namespace ref
