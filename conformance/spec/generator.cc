// Area generator: functions that yield, what drives them, and how they end.
#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/generator_steps.h"

namespace assay {
namespace {

using namespace steps;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

source expressions(std::string_view section) {
  return {"Python language reference, " + std::string(section),
          "https://docs.python.org/3/reference/expressions.html#yield-expressions"};
}
source methods(std::string_view name) {
  return expressions("6.2.9.1 generator." + std::string(name));
}
source pep(int number, std::string_view title) {
  return {"PEP " + std::to_string(number) + ", " + std::string(title),
          "https://peps.python.org/pep-0" + std::to_string(number) + "/"};
}

const body counter = {log("begins"), yield(1), log("goes on"), yield(2), log("ends")};

// ---- calling ------------------------------------------------------------------------------------

REQUIREMENT(generator_call, runs_nothing, must,
            "calling a generator function runs none of its body", covers("GEN-01"),
            expressions("6.2.9 Yield expressions"), notes("Generators")) {
  auto it = generator::of(counter);
  EXPECT_THAT(event_values(), ElementsAre());
  EXPECT_THAT(it.next(), returned(1));
  EXPECT_THAT(event_values(), ElementsAre("begins"));
}

REQUIREMENT(generator_call, is_an_iterator, must,
            "what a generator function returns is an iterator, its own", covers("GEN-04"),
            expressions("6.2.9 Yield expressions"), notes("Generators")) {
  const json kind = generator::of(counter).kind();
  EXPECT_EQ(kind["iterator"], true);
  EXPECT_EQ(kind["is_its_own_iterator"], true);
}

REQUIREMENT(generator_call, function_stays_a_function, should,
            "a function that yields is still a function; what it returns is the generator",
            covers("GEN-02"), expressions("6.2.9 Yield expressions"),
            erratum("The notes say that a function with yield is no function any more. It is one, "
                    "marked as a generator function; only its result is a generator.")) {
  const json kind = generator::of(counter).kind();
  EXPECT_EQ(kind["function"], true);
  EXPECT_EQ(kind["generator_function"], true);
}

REQUIREMENT(generator_call, unreachable_yield_makes_one, should,
            "a yield that is never reached makes a generator function all the same",
            covers("GEN-03"), expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({log("runs"), repeat(0, {yield(1)})});
  EXPECT_THAT(event_values(), ElementsAre());
  EXPECT_THAT(it.next(), raised("StopIteration"));
  EXPECT_THAT(event_values(), ElementsAre("runs"));
}

REQUIREMENT(generator_call, arguments, must, "the body finds the arguments of the call",
            covers("GEN-07"), expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({argument(1), yield_last(), argument(0), yield_last()}, {"a", "b"});
  EXPECT_THAT(it.list(), returned(json({"b", "a"})));
}

REQUIREMENT(generator_call, textual_form, may, "its textual form says that it is a generator",
            covers("GEN-06"), expressions("6.2.9 Yield expressions"), notes("Generators")) {
  EXPECT_THAT(generator::expression(5).kind().at("text").get<std::string>(),
              HasSubstr("generator"));
}

// ---- next ---------------------------------------------------------------------------------------

REQUIREMENT(generator_next, returns_what_is_yielded, must,
            "next runs the body up to its next yield and returns what is yielded",
            covers("GEN-09", "GEN-10"), methods("__next__"), notes("Generators")) {
  auto it = generator::of(counter);
  EXPECT_THAT(it.next(), returned(1));
  EXPECT_THAT(it.next(), returned(2));
  EXPECT_THAT(event_values(), ElementsAre("begins", "goes on"));
}

REQUIREMENT(generator_next, locals_are_kept, must,
            "two generators of one function keep their own place and their own locals",
            covers("GEN-09"), expressions("6.2.9 Yield expressions"), notes("Generators")) {
  const body each_one = {argument(0), yield_last(), yield("second"), argument(0), yield_last()};
  auto one = generator::of(each_one, {"one"}, "one");
  auto two = generator::of(each_one, {"two"}, "two");
  EXPECT_THAT(one.next(), returned("one"));
  EXPECT_THAT(two.next(), returned("two"));
  EXPECT_THAT(two.next(), returned("second"));
  EXPECT_THAT(two.next(), returned("two"));
  EXPECT_THAT(one.next(), returned("second"));
  EXPECT_THAT(one.next(), returned("one"));
}

REQUIREMENT(generator_next, end_raises, must, "next past the last yield raises StopIteration",
            covers("GEN-08"), methods("__next__"), notes("Generators")) {
  auto it = generator::of({yield(1)});
  it.next();
  EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(generator_next, ended_for_good, must, "a generator that has ended keeps raising",
            covers("GEN-08"), expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({yield(1)});
  it.list();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(generator_next, yields_any_value, must, "any value can be yielded, null too",
            covers("GEN-10"), expressions("6.2.9 Yield expressions")) {
  const json values = {nullptr, 0, "", {{"a", {1, 2}}}, json::array()};
  body all;
  for (const json& each : values) all.push_back(yield(each));
  EXPECT_THAT(generator::of(all).list(), returned(values));
}

REQUIREMENT(generator_next, not_within_itself, should,
            "resuming a generator from within its own body raises ValueError", covers("GEN-13"),
            expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({step("generator.next", {{"generator", "g"}}), yield(1)});
  EXPECT_THAT(it.next(), raised("ValueError"));
}

// ---- ending -------------------------------------------------------------------------------------

REQUIREMENT(generator_return, value_in_stop_iteration, must,
            "what the body returns is the value of its StopIteration", covers("GEN-08"),
            expressions("6.2.9 Yield expressions"), notes("Generators"),
            erratum("In Python 2 a generator may return, but no value: a SyntaxError there.")) {
  auto it = generator::of({yield(1), return_value("done")});
  it.next();
  const auto end = it.next();
  EXPECT_THAT(end, raised("StopIteration"));
  EXPECT_EQ(end.error_data().value("value", json()), "done");
}

REQUIREMENT(generator_return, value_once, must, "the second StopIteration has no value",
            covers("GEN-08"), expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({return_value("done")});
  EXPECT_TRUE(it.next().error_data().contains("value"));
  EXPECT_FALSE(it.next().error_data().contains("value"));
}

REQUIREMENT(generator_return, loops_ignore_it, must,
            "a for loop ends at the return and drops its value", covers("GEN-08", "GEN-11"),
            python_docs("compound_stmts.for"), notes("Generators")) {
  EXPECT_THAT(generator::of({yield(1), return_value(7), yield(2)}).list(),
              returned(json::array({1})));
}

REQUIREMENT(generator_raise, leaves_and_ends, must,
            "an exception of the body leaves next, and the generator has ended", covers("GEN-15"),
            expressions("6.2.9 Yield expressions")) {
  auto it = generator::of({yield(1), raise("KeyError", "lost"), yield(2)});
  it.next();
  const auto lost = it.next();
  EXPECT_THAT(lost, raised("KeyError"));
  EXPECT_THAT(lost.error_message(), HasSubstr("lost"));
  EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(generator_raise, stop_iteration_becomes_runtime_error, should,
            "a StopIteration that leaves the body arrives as RuntimeError", covers("GEN-14"),
            pep(479, "Change StopIteration handling inside generators")) {
  auto it = generator::of({yield(1), raise("StopIteration", "")});
  it.next();
  EXPECT_THAT(it.next(), raised("RuntimeError"));
}

// ---- the notes' generators ----------------------------------------------------------------------

REQUIREMENT(generator_expression, yields_once, must,
            "(x * 2 for x in range(5)) yields 0 2 4 6 8, and nothing the second time",
            covers("GEN-05"), expressions("6.2.8 Generator expressions"), notes("Generators")) {
  auto it = generator::expression(5);
  EXPECT_THAT(it.list(), returned(json({0, 2, 4, 6, 8})));
  EXPECT_THAT(it.list(), returned(json::array()));
}

REQUIREMENT(generator_expression, lazy, should,
            "a generator expression over a huge range starts at once", covers("GEN-12"),
            expressions("6.2.8 Generator expressions")) {
  auto it = generator::expression(1'000'000'000'000'000'000);
  EXPECT_THAT(it.next(), returned(0).after(at_once()));
  EXPECT_THAT(it.next(), returned(2));
}

REQUIREMENT(generator_fib, first_numbers, must,
            "the notes' fib(n) yields the first n Fibonacci numbers, fib(0) none", covers("GEN-07"),
            notes("Generators")) {
  EXPECT_THAT(generator::fib(10).list(), returned(json({0, 1, 1, 2, 3, 5, 8, 13, 21, 34})));
  EXPECT_THAT(generator::fib(0).list(), returned(json::array()));
}

REQUIREMENT(generator_fib, lazy, should, "fib(10**18) yields its first number at once",
            covers("GEN-12"), expressions("6.2.9 Yield expressions"), notes("Generators")) {
  auto it = generator::fib(1'000'000'000'000'000'000);
  EXPECT_THAT(it.next(), returned(0).after(at_once()));
  EXPECT_THAT(it.list(5), returned(json({1, 1, 2, 3, 5})));
}

REQUIREMENT(generator_loop, endless_can_be_left, must,
            "a loop over an endless generator can be left, and the generator goes on later",
            covers("GEN-12"), expressions("6.2.9 Yield expressions")) {
  const body count = {step("data.add", {{"name", "n"}}), yield_last()};
  auto it = generator::of({repeat(nullptr, count)});
  EXPECT_THAT(it.list(3), returned(json({1, 2, 3})));
  EXPECT_THAT(it.next(), returned(4));
}

// ---- send ---------------------------------------------------------------------------------------

const body echo = {yield("ready"), yield_last(), yield_last()};

REQUIREMENT(generator_send, is_the_yields_value, may,
            "send resumes the body with a value for the yield that it waits in", covers("GEN-16"),
            methods("send")) {
  auto it = generator::of(echo);
  EXPECT_THAT(it.next(), returned("ready"));
  EXPECT_THAT(it.send("ping"), returned("ping"));
  EXPECT_THAT(it.send(2), returned(2));
  EXPECT_THAT(it.send(3), raised("StopIteration"));
}

REQUIREMENT(generator_send, next_sends_null, may, "after next the yield's value is null",
            covers("GEN-16"), methods("__next__")) {
  auto it = generator::of(echo);
  it.next();
  EXPECT_THAT(it.next(), returned(nullptr));
}

REQUIREMENT(generator_send, not_before_the_first_yield, may,
            "send of a value before the first next raises TypeError, and the body has not run",
            covers("GEN-16"), methods("send")) {
  auto it = generator::of(echo);
  EXPECT_THAT(it.send("early"), raised("TypeError"));
  EXPECT_THAT(it.next(), returned("ready"));
}

// ---- throw --------------------------------------------------------------------------------------

REQUIREMENT(generator_throw, raises_at_the_yield, may,
            "throw raises at the yield, where the body can catch it; its next yield is returned",
            covers("GEN-17"), methods("throw")) {
  auto it = generator::of(
      {try_steps({yield(1)}, {.type = "KeyError", .handler = {yield_last()}}), yield("after")});
  it.next();
  EXPECT_THAT(it.throw_in("KeyError", "inside"), returned("inside"));
  EXPECT_THAT(it.next(), returned("after"));
}

REQUIREMENT(generator_throw, uncaught_ends_it, may,
            "what the body does not catch comes back, and the generator has ended",
            covers("GEN-17"), methods("throw")) {
  auto it = generator::of({yield(1), yield(2)});
  it.next();
  EXPECT_THAT(it.throw_in("KeyError", "inside"), raised("KeyError"));
  EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(generator_throw, before_the_start_runs_nothing, may,
            "throw before the first next comes straight back, and the body never runs",
            covers("GEN-17"), methods("throw")) {
  auto it = generator::of({try_steps({log("runs"), yield(1)}, {.type = "KeyError"})});
  EXPECT_THAT(it.throw_in("KeyError", "early"), raised("KeyError"));
  EXPECT_THAT(it.next(), raised("StopIteration"));
  EXPECT_THAT(event_values(), ElementsAre());
}

// ---- close --------------------------------------------------------------------------------------

REQUIREMENT(generator_close, runs_final_steps, may,
            "close ends the body at its yield and runs its final steps", covers("GEN-17"),
            methods("close")) {
  auto it = generator::of(
      {try_steps({yield(1), log("not reached")}, {.finally = {log("final")}}), yield(2)});
  it.next();
  EXPECT_THAT(it.close(), returned());
  EXPECT_THAT(event_values(), ElementsAre("final"));
  EXPECT_THAT(it.next(), raised("StopIteration"));
}

REQUIREMENT(generator_close, before_the_start, may,
            "close before the first next runs nothing; close of an ended one does nothing",
            covers("GEN-17"), methods("close")) {
  auto it = generator::of(counter);
  EXPECT_THAT(it.close(), returned());
  EXPECT_THAT(it.next(), raised("StopIteration"));
  EXPECT_THAT(it.close(), returned());
  EXPECT_THAT(event_values(), ElementsAre());
}

REQUIREMENT(generator_close, yielding_is_an_error, may,
            "a body that yields while it is closed makes close raise RuntimeError",
            covers("GEN-17"), methods("close")) {
  auto it = generator::of({try_steps({yield(1)}, {.finally = {yield(2)}})});
  it.next();
  EXPECT_THAT(it.close(), raised("RuntimeError"));
}

// ---- delegation ---------------------------------------------------------------------------------

REQUIREMENT(generator_delegate, passes_values_through, may,
            "delegation yields what the other yields, and its value is what that one returns",
            covers("GEN-18"), pep(380, "Syntax for Delegating to a Subgenerator")) {
  auto inner = generator::of({yield(0), yield(1), return_value("done")}, {}, "inner");
  auto it = generator::of({delegate("inner"), yield_last()});
  EXPECT_THAT(it.list(), returned(json({0, 1, "done"})));
}

REQUIREMENT(generator_delegate, passes_send_and_throw, may,
            "what is sent and thrown arrives in the generator that was delegated to",
            covers("GEN-18"), pep(380, "Syntax for Delegating to a Subgenerator")) {
  auto inner = generator::of(
      {yield("ready"), yield_last(),
       try_steps({yield("guarded")}, {.type = "KeyError", .handler = {yield_last()}})},
      {}, "inner");
  auto it = generator::of({delegate("inner")});
  it.next();
  EXPECT_THAT(it.send("down"), returned("down"));
  EXPECT_THAT(it.next(), returned("guarded"));
  EXPECT_THAT(it.throw_in("KeyError", "further down"), returned("further down"));
}

REQUIREMENT(generator_delegate, exceptions_come_out, may,
            "an exception of the other is raised where the delegation stands", covers("GEN-18"),
            pep(380, "Syntax for Delegating to a Subgenerator")) {
  auto inner = generator::of({yield(1), raise("KeyError", "deep")}, {}, "inner");
  auto it = generator::of(
      {try_steps({delegate("inner")}, {.type = "KeyError", .handler = {yield_last()}})});
  it.next();
  EXPECT_THAT(it.next(), returned("deep"));
}

REQUIREMENT(generator_delegate, close_reaches_the_other, may,
            "closing the outer generator closes the other first", covers("GEN-18"),
            pep(380, "Syntax for Delegating to a Subgenerator")) {
  auto inner = generator::of({try_steps({yield(1)}, {.finally = {log("inner")}})}, {}, "inner");
  auto it = generator::of({try_steps({delegate("inner")}, {.finally = {log("outer")}})});
  it.next();
  EXPECT_THAT(it.close(), returned());
  EXPECT_THAT(event_values(), ElementsAre("inner", "outer"));
  EXPECT_THAT(inner.next(), raised("StopIteration"));
}

}  // namespace
}  // namespace assay
