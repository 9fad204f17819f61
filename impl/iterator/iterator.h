// Iteration as Python has it, for C++ classes: iterables hand out iterators, iterators hand out
// items until they raise stop_iteration, and one loop serves them all.
//
//   struct my_list {                                    // an iterable: iter() makes a new iterator
//     std::vector<int> items;
//     my_iterator iter() { return {this}; }
//   };
//   struct my_iterator {                                // an iterator: next(), and iter() is
//   itself
//     my_list* list; std::size_t at = 0;
//     int next() { if (at == list->items.size()) throw ref::stop_iteration(); return
//     list->items[at++]; } my_iterator& iter() { return *this; }
//   };
//   for (int each : ref::each(list)) …                  // iter() once, then next() until the end
//   std::vector<int> all = ref::collect(ref::iter(list));
//
// An erased `ref::iterator<int>` holds any of them, the standard library's ranges and classes that
// have nothing but access by index (Python's old sequence protocol) too. Once it has ended it stays
// at its end, whatever the class does.
//
// Ownership: an erased iterator shares what it was made of and copies are the same iterator, as
// names are in Python; the container must outlive it. Threads: one at a time.
// Source: Python's library reference, "Iterator Types", and the glossary's iterable and iterator.
#pragma once

#include <concepts>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impl/iterator/stop_iteration.h"

namespace ref {

/// Has next(): all that a loop needs of what iter() gave it.
template <typename Type>
concept has_next = requires(Type& object) {
  object.next();
};

/// Counts as an iterable: it has iter(), whatever that gives.
template <typename Type>
concept iterable = requires(Type& object) {
  object.iter();
};

/// Counts as an iterator: next(), and iter(), which is to be the iterator itself.
template <typename Type>
concept iterator_class = has_next<Type> && iterable<Type>;

/// Has nothing but access by index; std::out_of_range says where it ends. It can be iterated, and
/// yet does not count as an iterable.
template <typename Type>
concept indexed =
    !iterable<Type> && !std::ranges::range<Type> && requires(Type & object, std::size_t index) {
  object.at(index);
};

namespace detail {
template <typename Item>
struct iterator_model {
  virtual ~iterator_model() = default;
  virtual std::optional<Item> step() = 0;
};
}  // namespace detail

/// Any iterator over items of one type.
template <typename Item>
class iterator {
 public:
  using value_type = Item;

  /// From a function that gives the next item, or nullopt at the end.
  template <typename Step>
  requires std::convertible_to<std::invoke_result_t<Step&>, std::optional<Item>>
  static iterator from_steps(Step step) {
    struct model : detail::iterator_model<Item> {
      explicit model(Step&& with) : take(std::move(with)) {}
      std::optional<Item> step() override { return take(); }
      Step take;
    };
    iterator made;
    made.model_ = std::make_shared<model>(std::move(step));
    return made;
  }

  /// The next item; throws stop_iteration at the end, and from then on.
  Item next() {
    if (auto item = try_next()) return *std::move(item);
    throw stop_iteration();
  }
  /// The next item, or what stands for it at the end.
  Item next_or(Item otherwise) {
    auto item = try_next();
    return item ? *std::move(item) : std::move(otherwise);
  }
  /// The next item, or nullopt at the end.
  std::optional<Item> try_next() {
    if (!model_) return std::nullopt;
    const auto keep = model_;  // a step may be the last to use this iterator
    auto item = keep->step();
    if (!item) model_.reset();
    return item;
  }
  iterator& iter() { return *this; }

 private:
  std::shared_ptr<detail::iterator_model<Item>> model_;
};

namespace detail {

// Class iterators end by throwing. What iter() returned by reference is used where it is.
template <typename Item, typename Class>
iterator<Item> from_class(Class&& object) {
  using kept = std::conditional_t<std::is_lvalue_reference_v<Class>,
                                  std::reference_wrapper<std::remove_reference_t<Class>>, Class>;
  return iterator<Item>::from_steps(
      [object = kept(std::forward<Class>(object))]() mutable -> std::optional<Item> {
        try {
          return static_cast<std::remove_reference_t<Class>&>(object).next();
        } catch (const stop_iteration&) {
          return std::nullopt;
        }
      });
}

}  // namespace detail

/// The iterator of an object, by whatever of iter(), begin() and end(), or at() it has.
template <iterable Class>
requires has_next<decltype(std::declval<Class&>().iter())>
auto iter(Class& object) {
  using item = std::decay_t<decltype(object.iter().next())>;
  if constexpr (std::same_as<Class, iterator<item>>) {
    return object;
  } else {
    return detail::from_class<item>(object.iter());
  }
}

template <std::ranges::range Range>
requires(!iterable<Range>) auto iter(Range& range) {
  using item = std::ranges::range_value_t<Range>;
  return iterator<item>::from_steps(
      [&range, at = std::ranges::begin(range)]() mutable -> std::optional<item> {
        if (at == std::ranges::end(range)) return std::nullopt;
        return *at++;
      });
}

template <indexed Sequence>
auto iter(Sequence& sequence) {
  using item = std::decay_t<decltype(sequence.at(0))>;
  return iterator<item>::from_steps(
      [&sequence, at = std::size_t{0}]() mutable -> std::optional<item> {
        try {
          return sequence.at(at++);
        } catch (const std::out_of_range&) {
          return std::nullopt;
        }
      });
}

/// A for loop over anything that `iter` takes: `for (auto& item : ref::each(object))`.
template <typename Item>
class each_of {
 public:
  explicit each_of(iterator<Item> over) : over_(std::move(over)) {}
  class cursor {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    explicit cursor(each_of* loop) : loop_(loop) { ++*this; }
    Item& operator*() const { return *loop_->current_; }
    cursor& operator++() {
      loop_->current_ = loop_->over_.try_next();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return !loop_->current_; }

   private:
    each_of* loop_;
  };
  cursor begin() { return cursor(this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  iterator<Item> over_;
  std::optional<Item> current_;
};

template <typename Object>
auto each(Object&& object) {
  auto over = iter(object);
  return each_of<typename decltype(over)::value_type>(std::move(over));
}

/// All items that are left.
template <typename Item>
std::vector<Item> collect(iterator<Item> from) {
  std::vector<Item> all;
  while (auto item = from.try_next()) all.push_back(*std::move(item));
  return all;
}

}  // namespace ref
