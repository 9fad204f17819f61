// Iteration as Python has it, for C++ classes: iterables hand out iterators, iterators hand out
// items until they raise stop_iteration, and one loop serves them all.
//
//   struct my_list {       // an iterable: iter() makes a new iterator
//     std::vector<int> items;
//     my_iterator iter() { return {this}; }
//   };
//   struct my_iterator {   // an iterator: next(), and iter() is itself
//     my_list* list;
//     std::size_t at = 0;
//     int next() {
//       if (at == list->items.size()) throw ref::stop_iteration();
//       return list->items[at++];
//     }
//     my_iterator& iter() { return *this; }
//   };
//   for (int each : ref::each(list)) …                  // iter() once, then next() until the end
//   std::vector<int> all = ref::collect(ref::iter(list));
//
// An exception costs a microsecond. A class that has try_next() instead, which gives an optional,
// ends with nullopt.
//
// An erased `ref::iterator<int>` holds any of them, the standard library's ranges and classes that
// have nothing but access by index (Python's old sequence protocol) too. Once it has ended it stays
// at its end, whatever the class does.
//
// Ownership: an erased iterator shares what it was made of and copies are the same iterator, as
// names are in Python; the container must outlive it. Threads: one at a time.
// Source: Python's library reference, "Iterator Types", and the glossary's iterable and iterator.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <concepts>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impl/iterator/stop_iteration.h"

namespace ref {

/// Has try_next(), an optional that is empty at the end.
template <typename Type>
concept has_try_next = requires(Type& object) {
  { object.try_next().has_value() } -> std::same_as<bool>;
};

/// Has next() or try_next(): all that a loop needs of what iter() gave it.
template <typename Type>
concept has_next = has_try_next<Type> || requires(Type& object) {
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
// Counted without atomics, as copies are one iterator, which serves one thread at a time.
template <typename Item>
struct iterator_model
    : boost::intrusive_ref_counter<iterator_model<Item>, boost::thread_unsafe_counter> {
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
    made.model_ = new model(std::move(step));
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
  boost::intrusive_ptr<detail::iterator_model<Item>> model_;
};

namespace detail {

template <has_next Class>
auto next_item(Class& object) {
  if constexpr (has_try_next<Class>) {
    return object.try_next();
  } else {
    using item = std::decay_t<decltype(object.next())>;
    try {
      return std::optional<item>(object.next());
    } catch (const stop_iteration&) {
      return std::optional<item>();
    }
  }
}

// What iter() returned by reference is used where it is.
template <typename Class>
auto steps_of_class(Class&& object) {
  using kept = std::conditional_t<std::is_lvalue_reference_v<Class>,
                                  std::reference_wrapper<std::remove_reference_t<Class>>, Class>;
  return [object = kept(std::forward<Class>(object))]() mutable {
    return next_item(static_cast<std::remove_reference_t<Class>&>(object));
  };
}

// A function that gives an object's next item, or nullopt at the end, by whatever of iter(),
// begin() and end(), or at() it has.
template <iterable Class>
requires has_next<decltype(std::declval<Class&>().iter())>
auto steps_of(Class& object) { return steps_of_class(object.iter()); }

template <typename Item>
auto steps_of(iterator<Item>& object) {
  return [over = object]() mutable { return over.try_next(); };
}

template <std::ranges::range Range>
requires(!iterable<Range>) auto steps_of(Range& range) {
  using item = std::ranges::range_value_t<Range>;
  return [&range, at = std::ranges::begin(range)]() mutable -> std::optional<item> {
    if (at == std::ranges::end(range)) return std::nullopt;
    return *at++;
  };
}

template <indexed Sequence>
auto steps_of(Sequence& sequence) {
  using item = std::decay_t<decltype(sequence.at(0))>;
  return [&sequence, at = std::size_t{0}]() mutable -> std::optional<item> {
    try {
      return sequence.at(at++);
    } catch (const std::out_of_range&) {
      return std::nullopt;
    }
  };
}

template <typename Step>
using item_of = typename std::invoke_result_t<Step&>::value_type;

}  // namespace detail

/// The iterator of an object, by whatever of iter(), begin() and end(), or at() it has.
template <typename Object>
requires requires(Object& object) { detail::steps_of(object); }
auto iter(Object& object) {
  using step = decltype(detail::steps_of(object));
  using erased = iterator<detail::item_of<step>>;
  if constexpr (std::same_as<Object, erased>) {
    return object;
  } else {
    return erased::from_steps(detail::steps_of(object));
  }
}

/// A for loop by a function that gives the next item, or nullopt at the end.
template <typename Step>
class each_of {
 public:
  explicit each_of(Step step) : step_(std::move(step)) {}
  class cursor {
   public:
    using value_type = detail::item_of<Step>;
    using difference_type = std::ptrdiff_t;
    explicit cursor(each_of* loop) : loop_(loop) { ++*this; }
    value_type& operator*() const { return *loop_->current_; }
    cursor& operator++() {
      // Flag and value apart: copied as one, they would be read before they are written.
      if (auto item = loop_->step_()) {
        loop_->current_.emplace(*std::move(item));
      } else {
        loop_->current_.reset();
      }
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
  Step step_;
  std::optional<detail::item_of<Step>> current_;
};

/// A for loop over anything that `iter` takes: `for (auto& item : ref::each(object))`. Its class is
/// known here, so that nothing is erased. An iterator that is given away is kept:
/// `ref::each(my_iterator{&list})`.
template <typename Object>
auto each(Object&& object) {
  if constexpr (iterator_class<Object> && !std::is_lvalue_reference_v<Object>) {
    return each_of(detail::steps_of_class(std::move(object)));
  } else {
    return each_of(detail::steps_of(object));
  }
}

/// All items that are left.
template <typename Item>
std::vector<Item> collect(iterator<Item> from) {
  std::vector<Item> all;
  while (auto item = from.try_next()) all.push_back(*std::move(item));
  return all;
}

}  // namespace ref
