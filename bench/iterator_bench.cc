// What iteration costs: an item of a list, also through an iterator whose class is not known any
// more, and a whole loop over an object of a class of one's own.
//
// Shows: integers in the cache, one thread, bodies that add. Does not show: what an iterator does
// to find its items. The floor is the loop that a compiler sees through, kept from doing all
// additions at once. The sums are checked.
#include <boost/range/any_range.hpp>
#include <numeric>
#include <vector>

#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/iterator/iterator.h"

namespace assay::bench {
namespace {

using number = std::int64_t;

constexpr const char* shows_item = "one item of a list of a thousand";
constexpr const char* shows_loop = "a loop over a new iterator of ten items, with its end";
constexpr number in_list = 1000;
constexpr number in_loop = 10;

number sum_below(number count) { return count * (count - 1) / 2; }

std::vector<number> list_of(number count) {
  std::vector<number> list(static_cast<std::size_t>(count));
  std::iota(list.begin(), list.end(), 0);
  return list;
}

/// A class that counts; it says what Python's says by StopIteration, by an exception or by nothing.
template <bool by_exception>
struct counting {
  struct cursor {
    number at = 0;
    number until;
    number next() requires by_exception {
      if (at == until) throw ref::stop_iteration();
      return at++;
    }
    std::optional<number> try_next() requires(!by_exception) {
      if (at == until) return std::nullopt;
      return at++;
    }
    cursor& iter() { return *this; }
  };
  number until;
  cursor iter() const { return {0, until}; }
};

template <typename Loop>
timing loops(std::int64_t count, number items, const Loop& loop) {
  number sum = 0;
  const timing took = repeated(count, [&] { sum += loop(); });
  require(sum == count * sum_below(items));
  return took;
}

template <typename Range>
number sum_of(Range&& range) {
  number sum = 0;
  for (const number each : range) {
    sum += each;
    benchmark::DoNotOptimize(sum);
  }
  return sum;
}

void add_items() {
  const auto add = [](const char* who, number (*loop)(std::vector<number>&)) {
    add_row(std::string("iterator/an item of a list/") + who, shows_item, benchmark::kNanosecond,
            [=] {
              std::vector<number> list = list_of(in_list);
              timing took = loops(scaled(40'000), in_list, [&] { return loop(list); });
              took.units *= in_list;
              return took;
            });
  };
  using any_range = boost::any_range<number, boost::single_pass_traversal_tag, number&>;
  add("floor loop", [](std::vector<number>& list) { return sum_of(list); });
  add("reference", [](std::vector<number>& list) { return sum_of(ref::each(list)); });
  add("reference, erased",
      [](std::vector<number>& list) { return sum_of(ref::each(ref::iter(list))); });
  add("Boost any_range", [](std::vector<number>& list) { return sum_of(any_range(list)); });
  if (!has_python()) return;
  add_row("iterator/an item of a list/CPython", shows_item, benchmark::kNanosecond,
          [] { return python("iterator_cpython.py", {"list"}); });
}

void add_loops() {
  const auto add = [](const char* who, number (*loop)()) {
    add_row(std::string("iterator/a loop over a class/") + who, shows_loop, benchmark::kNanosecond,
            [=] { return loops(scaled(200'000), in_loop, loop); });
  };
  add("floor loop", [] {
    number sum = 0;
    auto cursor = counting<false>{in_loop}.iter();
    while (const auto each = cursor.try_next()) {
      sum += *each;
      benchmark::DoNotOptimize(sum);
    }
    return sum;
  });
  add("reference", [] { return sum_of(ref::each(counting<false>{in_loop})); });
  add("reference, ended by an exception",
      [] { return sum_of(ref::each(counting<true>{in_loop})); });
  if (!has_python()) return;
  add_row("iterator/a loop over a class/CPython", shows_loop, benchmark::kNanosecond,
          [] { return python("iterator_cpython.py", {"class"}); });
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_items();
    add_loops();
    add_testees("iterator");
  });
}
