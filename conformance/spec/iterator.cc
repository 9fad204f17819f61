// Area iterator: what can be iterated, by what, and how an iteration ends.
#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

using ::testing::ElementsAre;

source glossary(std::string_view term) {
  return {"Python glossary, " + std::string(term),
          "https://docs.python.org/3/glossary.html#term-" + std::string(term)};
}
source iterator_types() {
  return {"Python library reference, Iterator Types",
          "https://docs.python.org/3/library/stdtypes.html#iterator-types"};
}

returned listed(const std::vector<json>& items) { return returned(json(items)); }

// An object of the testee under its name.
class object {
 public:
  explicit object(std::string name) : name_(std::move(name)) {}
  static object make(const std::string& kind, const json& items = json::array(),
                     const std::string& name = "o") {
    EXPECT_THAT(
        main_actor().call("iterator.make", {{"object", name}, {"kind", kind}, {"items", items}}),
        returned());
    return object(name);
  }

  outcome call(const std::string& op, json more = json::object()) {
    more["object"] = name_;
    return main_actor().call("iterator." + op, more);
  }
  outcome next() { return call("next"); }
  outcome next_or(const json& value) { return call("next", {{"default", json::array({value})}}); }
  outcome try_iter() { return call("iter", {{"as", name_ + "'"}}); }
  object iter(const std::string& as = "i") {
    EXPECT_THAT(call("iter", {{"as", as}}), returned());
    return object(as);
  }
  outcome visit() { return call("for"); }
  outcome collect(const std::string& into) { return call("collect", {{"into", into}}); }
  bool is(const char* what) { return call("kind").result().at(what); }
  outcome is_same(const object& other) { return call("is_same", {{"other", other.name_}}); }

 private:
  std::string name_;
};

// ---- what counts as what ------------------------------------------------------------------------

REQUIREMENT(iterator_kind, iter_makes_an_iterable, must,
            "an object whose class has iter counts as an iterable", covers("ITER-01", "ITER-02"),
            glossary("iterable"), notes("Iterable"),
            erratum("The notes import Iterable from collections; since Python 3.10 it is in "
                    "collections.abc alone.")) {
  EXPECT_TRUE(object::make("own", {1}).is("iterable"));
  EXPECT_TRUE(object::make("list", {1}).is("iterable"));
  EXPECT_FALSE(object::make("plain").is("iterable"));
}

REQUIREMENT(iterator_kind, a_stub_counts_too, should,
            "counting as an iterable takes no more than having iter, even where it is of no use",
            covers("ITER-01"), glossary("iterable"), notes("Iterable")) {
  auto stub = object::make("stub");
  EXPECT_TRUE(stub.is("iterable"));
  EXPECT_THAT(stub.try_iter(), raised("TypeError"));
}

REQUIREMENT(iterator_kind, iterator_needs_both, must,
            "an iterator has both iter and next; next alone does not make one", covers("ITER-05"),
            iterator_types(), notes("Iterator")) {
  EXPECT_TRUE(object::make("self", {1}).is("iterator"));
  EXPECT_FALSE(object::make("next_only", {1}).is("iterator"));
  EXPECT_FALSE(object::make("own", {1}).is("iterator"));
}

REQUIREMENT(iterator_kind, every_iterator_is_iterable, must, "every iterator is an iterable",
            covers("ITER-05"), iterator_types()) {
  EXPECT_TRUE(object::make("self", {1}).is("iterable"));
  EXPECT_TRUE(object::make("list", {1}).iter().is("iterable"));
}

REQUIREMENT(iterator_kind, others_cannot_be_iterated, must,
            "iterating an object that has nothing to iterate by raises TypeError",
            covers("ITER-03"), glossary("iterable"), notes("Iterable")) {
  auto plain = object::make("plain");
  EXPECT_THAT(plain.visit(), raised("TypeError"));
  EXPECT_THAT(plain.try_iter(), raised("TypeError"));
  EXPECT_THAT(plain.collect("list"), raised("TypeError"));
}

REQUIREMENT(iterator_kind, index_alone_iterates, should,
            "an object with nothing but access by index can be iterated, and counts as no iterable",
            covers("ITER-04"), glossary("iterable"),
            erratum("The notes take having __iter__ and being iterable for the same; Python also "
                    "iterates by __getitem__ from 0 up to IndexError.")) {
  auto indexed = object::make("indexed", {0, 10, 20});
  EXPECT_THAT(indexed.visit(), listed({0, 10, 20}));
  EXPECT_FALSE(indexed.is("iterable"));
}

// ---- next ---------------------------------------------------------------------------------------

REQUIREMENT(iterator_next, one_step_forward, must,
            "next returns the next item and moves on by one; items come in order, each once",
            covers("ITER-06"), iterator_types(), notes("Iterator")) {
  auto it = object::make("own", {"a", "b", "c"}).iter();
  EXPECT_THAT(it.next(), returned("a"));
  EXPECT_THAT(it.next(), returned("b"));
  EXPECT_THAT(it.next(), returned("c"));
}

REQUIREMENT(iterator_next, end_raises, must, "next past the last item raises StopIteration",
            covers("ITER-07"), iterator_types(), notes("Iterator")) {
  auto it = object::make("own", {"a"}).iter();
  it.next();
  EXPECT_THAT(it.next(), raised("StopIteration"));
  EXPECT_THAT(object::make("list").iter().next(), raised("StopIteration"));
}

REQUIREMENT(iterator_next, ended_for_good, must, "an iterator that has ended keeps raising",
            covers("ITER-11"), iterator_types()) {
  auto it = object::make("list", {1}).iter();
  it.next();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(iterator_next, ended_even_when_items_are_added, should,
            "an iterator that has ended stays so even when its collection grows", covers("ITER-11"),
            iterator_types(),
            erratum("The notes' MyIterator goes on after add(); Python's reference calls such an "
                    "iterator broken.")) {
  auto own = object::make("own", {1});
  auto it = own.iter();
  it.next();
  EXPECT_THAT(it.next(), raised("StopIteration"));
  own.call("add", {{"item", 2}});
  EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(iterator_next, default_at_the_end, should,
            "next with a default returns that at the end, and items before it", covers("ITER-11"),
            python_docs("functions.next")) {
  auto it = object::make("own", {1}).iter();
  EXPECT_THAT(it.next_or("none"), returned(1));
  EXPECT_THAT(it.next_or("none"), returned("none"));
}

REQUIREMENT(iterator_next, iterables_have_none, should,
            "next of an iterable that is no iterator raises TypeError", covers("ITER-15"),
            python_docs("functions.next"), notes("Iterator")) {
  EXPECT_THAT(object::make("list", {1}).next(), raised("TypeError"));
  EXPECT_THAT(object::make("own", {1}).next(), raised("TypeError"));
}

// ---- iter ---------------------------------------------------------------------------------------

REQUIREMENT(iterator_iter, of_an_iterator_is_itself, must, "iter of an iterator is that iterator",
            covers("ITER-10"), iterator_types()) {
  auto it = object::make("own", {1, 2}).iter();
  EXPECT_THAT(it.iter("again").is_same(it), returned(true));
  auto self = object::make("self", {1, 2}, "s");
  EXPECT_THAT(self.iter("own").is_same(self), returned(true));
}

REQUIREMENT(iterator_iter, of_an_iterable_is_new, must,
            "each iter of an iterable is a new iterator that starts at the first item",
            covers("ITER-10"), glossary("iterable"), notes("Iterator")) {
  auto own = object::make("own", {1, 2});
  auto first = own.iter("first");
  first.next();
  auto second = own.iter("second");
  EXPECT_THAT(second.next(), returned(1));
  EXPECT_THAT(first.next(), returned(2));
  EXPECT_THAT(first.is_same(second), returned(false));
}

// ---- loops --------------------------------------------------------------------------------------

REQUIREMENT(iterator_for, visits_all, must,
            "a for loop visits the items of an iterable in order: the notes' 1, 22, 333, 444",
            covers("ITER-09"), python_docs("compound_stmts.for"), notes("Iterator")) {
  EXPECT_THAT(object::make("own", {1, 22, 333, 444}).visit(), listed({1, 22, 333, 444}));
}

REQUIREMENT(iterator_for, iter_once_then_next_until_the_end, must,
            "a for loop calls iter once, then next until it raises StopIteration",
            covers("ITER-07"), python_docs("compound_stmts.for"), notes("for")) {
  EXPECT_THAT(object::make("traced", {1, 2}).visit(), listed({1, 2}));
  EXPECT_THAT(event_values(), ElementsAre("iter", "next", "next", "next"));
}

REQUIREMENT(iterator_for, other_exceptions_leave, must,
            "an exception other than StopIteration leaves the loop", covers("ITER-08"),
            python_docs("compound_stmts.for")) {
  EXPECT_THAT(object::make("failing", {1, 2}).visit(), raised("ValueError"));
}

REQUIREMENT(iterator_for, starts_anew, must, "a second loop over an iterable visits all again",
            covers("ITER-10"), glossary("iterable"), notes("Iterator")) {
  auto own = object::make("own", {1, 2});
  own.visit();
  EXPECT_THAT(own.visit(), listed({1, 2}));
}

REQUIREMENT(iterator_for, iterators_are_used_up, must,
            "a loop over an iterator uses it up: a second one visits nothing", covers("ITER-10"),
            glossary("iterator")) {
  auto it = object::make("self", {1, 2});
  EXPECT_THAT(it.visit(), listed({1, 2}));
  EXPECT_THAT(it.visit(), listed({}));
}

REQUIREMENT(iterator_for, goes_on_where_it_stood, must,
            "a loop that is left and begun again over an iterator goes on after the last item",
            covers("ITER-06"), glossary("iterator"), notes("Iterator")) {
  auto it = object::make("self", {1, 2, 3});
  EXPECT_THAT(it.call("for", {{"limit", 1}}), listed({1}));
  EXPECT_THAT(it.visit(), listed({2, 3}));
}

REQUIREMENT(iterator_for, nested_loops_are_independent, must,
            "a loop over an iterable within a loop over it visits all pairs", covers("ITER-10"),
            glossary("iterable"), notes("Iterator")) {
  EXPECT_THAT(object::make("own", {1, 2}).call("for_pairs"),
              listed({{1, 1}, {1, 2}, {2, 1}, {2, 2}}));
}

REQUIREMENT(iterator_for, sees_items_added_meanwhile, should,
            "a loop over the notes' list visits items that are added while it runs",
            covers("ITER-12"), notes("Iterator")) {
  EXPECT_THAT(object::make("own", {1, 2}).call("for", {{"add", {3, 4}}}), listed({1, 2, 3, 4}));
}

REQUIREMENT(iterator_for, nothing_to_visit, must, "a loop over nothing runs no pass",
            covers("ITER-07"), python_docs("compound_stmts.for")) {
  EXPECT_THAT(object::make("own").visit(), listed({}));
}

// ---- whatever takes an iterable -----------------------------------------------------------------

REQUIREMENT(iterator_collect, list_and_tuple, must,
            "list and tuple take any iterator: the notes' fifteen Fibonacci numbers, and six",
            covers("ITER-13", "ITER-14"), python_docs("functions.tuple"), notes("list and tuple"),
            erratum("The notes use a FibIterator that they never define: as printed, NameError.")) {
  EXPECT_THAT(object::make("fib", {15}).collect("list"),
              listed({0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377}));
  EXPECT_THAT(object::make("fib", {6}).collect("tuple"), listed({0, 1, 1, 2, 3, 5}));
}

REQUIREMENT(iterator_collect, set_and_sum, should, "so do set and sum", covers("ITER-13"),
            python_docs("functions.sum")) {
  EXPECT_THAT(object::make("fib", {7}).collect("set"), listed({0, 1, 2, 3, 5, 8}));
  EXPECT_THAT(object::make("fib", {7}).collect("sum"), returned(20));
}

REQUIREMENT(iterator_collect, unpacking, should,
            "so does unpacking, which raises ValueError when the number of items differs",
            covers("ITER-13"), python_docs("simple_stmts.assignment")) {
  EXPECT_THAT(object::make("self", {1, 2}).collect("two"), listed({1, 2}));
  EXPECT_THAT(object::make("self", {1}).collect("two"), raised("ValueError"));
  EXPECT_THAT(object::make("self", {1, 2, 3}).collect("two"), raised("ValueError"));
}

REQUIREMENT(iterator_collect, membership, should,
            "looking for a value uses up an iterator as far as the value", covers("ITER-13"),
            python_docs("expressions.membership")) {
  auto it = object::make("self", {1, 2, 3});
  EXPECT_THAT(it.call("contains", {{"value", 2}}), returned(true));
  EXPECT_THAT(it.visit(), listed({3}));
  EXPECT_THAT(object::make("own", {1, 2}).call("contains", {{"value", 7}}), returned(false));
}

}  // namespace
}  // namespace assay
