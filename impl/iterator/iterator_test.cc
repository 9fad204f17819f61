#include "impl/iterator/iterator.h"

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <string>

namespace {

struct my_list;

struct my_iterator {
  my_list* list;
  std::size_t at = 0;
  int next();
  my_iterator& iter() { return *this; }
};

struct my_list {
  std::vector<int> items;
  my_iterator iter() { return {this}; }
};

int my_iterator::next() {
  if (at == list->items.size()) throw ref::stop_iteration();
  return list->items[at++];
}

struct by_index {
  int at(std::size_t index) const {
    if (index >= 3) throw std::out_of_range("by_index");
    return static_cast<int>(10 * index);
  }
};

struct only_next {
  int next() { throw ref::stop_iteration(); }
};

struct plain {};

static_assert(ref::iterable<my_list> && !ref::iterator_class<my_list>);
static_assert(ref::iterator_class<my_iterator>);
static_assert(!ref::iterable<by_index> && ref::indexed<by_index>);
static_assert(ref::has_next<only_next> && !ref::iterator_class<only_next>);
static_assert(!ref::iterable<plain> && !ref::indexed<plain>);
template <typename Type>
concept can_be_iterated = requires(Type& object) {
  ref::iter(object);
};
static_assert(can_be_iterated<std::vector<int>> && can_be_iterated<by_index>);
static_assert(!can_be_iterated<int> && !can_be_iterated<plain> && !can_be_iterated<only_next>);

TEST(iterator, runs_through_classes_ranges_and_sequences) {
  my_list list{{1, 22, 333}};
  EXPECT_EQ(ref::collect(ref::iter(list)), (std::vector{1, 22, 333}));
  std::list<std::string> strings{"a", "b"};
  EXPECT_EQ(ref::collect(ref::iter(strings)), (std::vector<std::string>{"a", "b"}));
  by_index sequence;
  EXPECT_EQ(ref::collect(ref::iter(sequence)), (std::vector{0, 10, 20}));
  std::map<int, int> none;
  EXPECT_TRUE(ref::collect(ref::iter(none)).empty());
}

struct countdown {
  int left;
  std::optional<int> try_next() { return left > 0 ? std::optional(left--) : std::nullopt; }
  countdown& iter() { return *this; }
};
static_assert(ref::iterator_class<countdown>);

TEST(iterator, may_end_without_an_exception) {
  countdown from{3};
  EXPECT_EQ(ref::collect(ref::iter(from)), (std::vector{3, 2, 1}));
  EXPECT_EQ(from.left, 0);
}

TEST(iterator, is_kept_where_it_is_given_away) {
  int sum = 0;
  for (const int each : ref::each(countdown{4})) sum += each;
  EXPECT_EQ(sum, 10);
}

TEST(iterator, ends_for_good) {
  my_list list{{1}};
  auto it = ref::iter(list);
  EXPECT_EQ(it.next(), 1);
  EXPECT_THROW(it.next(), ref::stop_iteration);
  list.items.push_back(2);  // the class itself would go on
  EXPECT_THROW(it.next(), ref::stop_iteration);
  EXPECT_EQ(it.next_or(7), 7);
}

TEST(iterator, loops_are_independent_and_nest) {
  my_list list{{1, 2}};
  std::vector<std::pair<int, int>> pairs;
  for (int outer : ref::each(list)) {
    for (int inner : ref::each(list)) pairs.emplace_back(outer, inner);
  }
  EXPECT_EQ(pairs, (std::vector<std::pair<int, int>>{{1, 1}, {1, 2}, {2, 1}, {2, 2}}));
}

TEST(iterator, an_iterator_is_its_own) {
  my_list list{{1, 2, 3}};
  auto it = ref::iter(list);
  EXPECT_EQ(it.next(), 1);
  auto again = ref::iter(it);
  EXPECT_EQ(again.next(), 2);
  EXPECT_EQ(it.next(), 3);
}

TEST(iterator, a_loop_sees_items_added_meanwhile) {
  my_list list{{1, 2}};
  std::vector<int> seen;
  for (int each : ref::each(list)) {
    seen.push_back(each);
    if (list.items.size() < 4) list.items.push_back(each + 2);
  }
  EXPECT_EQ(seen, (std::vector{1, 2, 3, 4}));
}

TEST(iterator, other_exceptions_leave_the_loop) {
  struct failing {
    int left = 2;
    int next() {
      if (left-- == 0) throw std::runtime_error("broken");
      return left;
    }
    failing& iter() { return *this; }
  } object;
  int passes = 0;
  EXPECT_THROW(
      {
        for (int each : ref::each(object)) passes += each >= 0;
      },
      std::runtime_error);
  EXPECT_EQ(passes, 2);
}

}  // namespace
