#include "impl/process/large_memory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <new>
#include <numeric>
#include <vector>

namespace {

TEST(large_memory, holds_what_is_put_there) {
  for (const std::size_t size : {1U, 1000U, (1U << 20) - 1, 1U << 20, (2U << 20) + 1, 5U << 20}) {
    std::pmr::vector<char> bytes(size, 'x', &ref::large_memory());
    EXPECT_EQ(bytes.front(), 'x');
    EXPECT_EQ(bytes.back(), 'x');
  }
}

TEST(large_memory, begins_at_a_huge_page) {
  for (int i = 0; i < 4; ++i) {
    std::pmr::vector<char> bytes(3 << 20, 'x', &ref::large_memory());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data()) % (2 << 20), 0U);
  }
}

TEST(large_memory, grows_in_a_vector) {
  std::pmr::vector<int> numbers(&ref::large_memory());
  for (int i = 0; i < 2'000'000; ++i) numbers.push_back(i);
  EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0LL), 1'999'999'000'000LL);
}

TEST(large_memory, is_copied_on_write) {
  std::pmr::vector<char> bytes(4 << 20, 'x', &ref::large_memory());
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_inherited = bytes[3 << 20] == 'x';
    bytes[3 << 20] = 'y';
    ::_exit(is_inherited ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(bytes[3 << 20], 'x');
}

TEST(large_memory, refuses_what_cannot_be) {
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(static_cast<void>(ref::large_memory().allocate(most, 8)), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(ref::large_memory().allocate(4 << 20, 4 << 20)), std::bad_alloc);
}

}  // namespace
