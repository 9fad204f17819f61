#include "impl/coroutine/spares.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <thread>

namespace ref::detail {
namespace {

// Pieces that say how many of them were released.
template <int Test>
struct words {
  static constexpr std::size_t most = 2;
  static inline int released = 0;
  static void release(void*) { ++released; }
};

TEST(spares, hands_out_what_came_last) {
  using kind = words<0>;
  std::array<void*, 2> pieces{};
  EXPECT_EQ(spares<kind>::take(), nullptr);
  spares<kind>::put(&pieces[0]);
  spares<kind>::put(&pieces[1]);
  EXPECT_EQ(spares<kind>::take(), &pieces[1]);
  EXPECT_EQ(spares<kind>::take(), &pieces[0]);
  EXPECT_EQ(spares<kind>::take(), nullptr);
  EXPECT_EQ(kind::released, 0);
}

TEST(spares, releases_what_is_too_many) {
  using kind = words<1>;
  std::array<void*, 3> pieces{};
  for (void*& each : pieces) spares<kind>::put(&each);
  EXPECT_EQ(kind::released, 1);
  EXPECT_EQ(spares<kind>::take(), &pieces[1]);
  spares<kind>::put(&pieces[2]);
  EXPECT_EQ(kind::released, 1);
  while (spares<kind>::take() != nullptr) continue;
}

TEST(spares, releases_all_at_the_end_of_a_thread) {
  using kind = words<2>;
  std::array<void*, 2> pieces{};
  std::thread([&] {
    for (void*& each : pieces) spares<kind>::put(&each);
    EXPECT_EQ(kind::released, 0);
  }).join();
  EXPECT_EQ(kind::released, 2);
  EXPECT_EQ(spares<kind>::take(), nullptr);
}

TEST(spares, an_object_gets_the_memory_of_the_last_one) {
  if (is_sanitized) GTEST_SKIP() << "objects have memory of their own under sanitizers";
  auto first = std::allocate_shared<long>(recycled<long>(), 1);
  const void* const where = first.get();
  first.reset();
  const auto second = std::allocate_shared<long>(recycled<long>(), 2);
  EXPECT_EQ(second.get(), where);
  EXPECT_EQ(*second, 2);
}

}  // namespace
}  // namespace ref::detail
