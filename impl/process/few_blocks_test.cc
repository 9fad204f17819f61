#include "impl/process/few_blocks.h"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <memory>
#include <set>

#include "impl/thread/thread.h"

namespace ref {
namespace {

using three_blocks = few_blocks<32, 3>;

TEST(few_blocks_test, each_is_another_until_all_are_taken) {
  three_blocks blocks;
  std::set<void*> taken;
  for (int i = 0; i < 3; ++i) taken.insert(blocks.take(32));
  EXPECT_THAT(taken, ::testing::AllOf(::testing::SizeIs(3), ::testing::Each(::testing::NotNull())));
  EXPECT_EQ(blocks.take(1), nullptr);
}

TEST(few_blocks_test, one_that_was_given_back_is_taken_again) {
  three_blocks blocks;
  blocks.take(32);
  void* const second = blocks.take(32);
  blocks.take(32);
  EXPECT_TRUE(blocks.give_back(second));
  EXPECT_EQ(blocks.take(32), second);
}

TEST(few_blocks_test, nothing_larger_than_a_block) {
  three_blocks blocks;
  EXPECT_EQ(blocks.take(33), nullptr);
  EXPECT_NE(blocks.take(32), nullptr);
}

TEST(few_blocks_test, the_memory_around_is_not_theirs) {
  std::array<three_blocks, 3> row;
  EXPECT_FALSE(row[1].give_back(row[0].take(32)));
  EXPECT_FALSE(row[1].give_back(row[2].take(32)));
}

TEST(few_blocks_test, the_allocator_goes_on_with_ordinary_memory) {
  few_blocks<64, 2> blocks;
  const block_allocator<int, decltype(blocks)> from(blocks);
  std::array<std::shared_ptr<int>, 4> numbers;
  for (int i = 0; i < 4; ++i)
    numbers[static_cast<std::size_t>(i)] = std::allocate_shared<int>(from, i);
  EXPECT_EQ(blocks.take(64), nullptr);
  EXPECT_THAT(numbers, ::testing::ElementsAre(::testing::Pointee(0), ::testing::Pointee(1),
                                              ::testing::Pointee(2), ::testing::Pointee(3)));
  numbers = {};
  EXPECT_NE(blocks.take(64), nullptr);
}

TEST(few_blocks_test, no_block_has_two_owners) {
  few_blocks<32, 2> blocks;
  std::atomic<int> wrong = 0;
  const auto use = [&](int mine) {
    for (int i = 0; i < 2000; ++i) {
      auto* const number = static_cast<volatile int*>(blocks.take(sizeof(int)));
      if (number == nullptr) continue;
      *number = mine;
      if (*number != mine) ++wrong;
      blocks.give_back(const_cast<int*>(number));
    }
  };
  {
    thread first([&] { use(1); }), second([&] { use(2); }), third([&] { use(3); });
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace ref
