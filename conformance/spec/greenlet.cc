// Area greenlet: functions on stacks of their own that hand control to one another by name.
#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/greenlet_steps.h"

namespace assay {
namespace {

using namespace steps;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

source docs() { return {"greenlet, API reference", "https://greenlet.readthedocs.io/en/latest/"}; }

REQUIREMENT(greenlet_switch, alternates, must,
            "two greenlets that switch to each other in a loop run in turn, the one that was "
            "switched to first first",
            covers("GRN-01"), docs(), notes("greenlet"),
            erratum("The notes' print statements are a SyntaxError in Python 3.")) {
  auto a = greenlet::of("a", {repeat(3, {log("A"), switch_to("b")})});
  greenlet::of("b", {repeat(3, {log("B"), switch_to("a")})});
  a.switch_to();
  EXPECT_THAT(event_values(), ElementsAre("A", "B", "A", "B", "A", "B"));
}

REQUIREMENT(greenlet_create, runs_nothing, must,
            "creating a greenlet runs nothing; the first switch enters its function",
            covers("GRN-02"), docs(), notes("greenlet")) {
  auto a = greenlet::of("a", {log("in")});
  EXPECT_THAT(event_values(), IsEmpty());
  a.switch_to();
  EXPECT_THAT(event_values(), ElementsAre("in"));
}

REQUIREMENT(greenlet_create, state_tells_its_life, should,
            "it is not started, then started, then dead", covers("GRN-02", "GRN-04"), docs()) {
  auto a = greenlet::of("a", {switch_to("main")});
  EXPECT_EQ(a.state(), json({{"dead", false}, {"started", false}, {"parent", "main"}}));
  a.switch_to();
  EXPECT_EQ(a.state(), json({{"dead", false}, {"started", true}, {"parent", "main"}}));
  a.switch_to();
  EXPECT_TRUE(a.is_dead());
}

REQUIREMENT(greenlet_switch, resumes_after_its_last, must,
            "a suspended greenlet goes on right after its own last switch", covers("GRN-03"),
            docs(), notes("greenlet")) {
  auto a = greenlet::of("a", {log("a1"), switch_to("b"), log("a2")});
  greenlet::of("b", {log("b1"), switch_to("a"), log("b2")});
  a.switch_to();
  EXPECT_THAT(event_values(), ElementsAre("a1", "b1", "a2"));
}

REQUIREMENT(greenlet_switch, current_is_the_target, should,
            "the current greenlet is the one switched to, and main outside of any",
            covers("GRN-03"), docs()) {
  auto a = greenlet::of("a", {step("greenlet.current")});
  EXPECT_THAT(a.switch_to(), returned("a"));
  EXPECT_THAT(main_actor().call("greenlet.current"), returned("main"));
}

REQUIREMENT(greenlet_end, gives_its_value_to_the_parent, must,
            "a function that ends gives control and its value to its parent, and is dead",
            covers("GRN-04"), docs(), notes("greenlet")) {
  auto a = greenlet::of("a", {return_value(5)});
  EXPECT_THAT(a.switch_to(), returned(5));
  EXPECT_TRUE(a.is_dead());
}

REQUIREMENT(greenlet_end, goes_to_the_parent_not_the_last, must,
            "its end goes to its parent, whoever switched to it", covers("GRN-04"), docs()) {
  greenlet::of("b", {return_value("b's end")});
  auto a = greenlet::of("a", {switch_to("b"), log("a goes on")});
  EXPECT_THAT(a.switch_to(), returned("b's end"));
  EXPECT_THAT(event_values(), IsEmpty());
}

REQUIREMENT(greenlet_end, goes_to_a_parent_that_was_given, should,
            "a parent other than the creator gets the end as well", covers("GRN-04"), docs()) {
  auto p = greenlet::of("p", {switch_to("main"), log_last(), return_value("p's end")});
  auto a = greenlet::of("a", {return_value("a's end")}, "p");
  p.switch_to();
  EXPECT_THAT(a.switch_to(), returned("p's end"));
  EXPECT_THAT(event_values(), ElementsAre("a's end"));
}

REQUIREMENT(greenlet_values, become_arguments_at_first, may,
            "what the first switch gives are the function's arguments", covers("GRN-05"), docs()) {
  auto a = greenlet::of("a", {argument(1)});
  EXPECT_THAT(a.switch_to({1, 2}), returned(2));
}

REQUIREMENT(greenlet_values, become_the_result_of_switch, may,
            "what a later switch gives is the result of the target's pending switch",
            covers("GRN-05"), docs()) {
  auto a = greenlet::of("a", {switch_to("main", {"out"}), log_last(), return_value(nullptr)});
  EXPECT_THAT(a.switch_to(), returned("out"));
  EXPECT_THAT(a.switch_to({"in"}), returned(nullptr));
  EXPECT_THAT(event_values(), ElementsAre("in"));
}

REQUIREMENT(greenlet_values, several_become_a_list, may, "several values arrive together",
            covers("GRN-05"), docs()) {
  auto a = greenlet::of("a", {switch_to("main", {1, 2})});
  EXPECT_THAT(a.switch_to(), returned(json{1, 2}));
}

REQUIREMENT(greenlet_exceptions, go_to_the_parent, should,
            "an exception that leaves the function is raised in the parent, and the greenlet dead",
            covers("GRN-06"), docs()) {
  auto a = greenlet::of("a", {raise("KeyError", "k")});
  EXPECT_THAT(a.switch_to(), raised("KeyError"));
  EXPECT_TRUE(a.is_dead());
}

REQUIREMENT(greenlet_exceptions, climb_the_parents, should,
            "what a parent does not catch goes on to its own parent", covers("GRN-06"), docs()) {
  auto p = greenlet::of("p", {switch_to("main")});
  auto a = greenlet::of("a", {raise("KeyError", "k")}, "p");
  p.switch_to();
  EXPECT_THAT(a.switch_to(), raised("KeyError"));
  EXPECT_TRUE(p.is_dead());
}

REQUIREMENT(greenlet_exceptions, switching_while_handling, should,
            "a switch within a handler and back leaves both greenlets' exceptions to them",
            covers("GRN-06"), docs()) {
  const attempt handled{"KeyError", {switch_to("main"), log("handled")}, {}};
  auto a = greenlet::of("a", {try_steps({raise("KeyError", "a")}, handled)});
  auto b = greenlet::of("b", {try_steps({raise("KeyError", "b")}, handled), raise("ValueError")});
  a.switch_to();
  b.switch_to();
  EXPECT_THAT(a.switch_to(), returned());
  EXPECT_THAT(b.switch_to(), raised("ValueError"));
  EXPECT_THAT(event_values(), ElementsAre("handled", "handled"));
}

REQUIREMENT(greenlet_end, dead_passes_to_the_parent, should,
            "a switch to a dead greenlet arrives at its parent with its value", covers("GRN-07"),
            docs()) {
  auto a = greenlet::of("a", {return_value(1)});
  a.switch_to();
  EXPECT_THAT(a.switch_to({"zz"}), returned("zz"));
}

REQUIREMENT(greenlet_thread, another_threads_is_an_error, should,
            "a switch to another thread's greenlet is an error, and leaves it as it was",
            covers("GRN-08"), docs(), notes("Processes, threads, coroutines")) {
  auto a = greenlet::of("a", {return_value(1)});
  auto& other = main_actor().start_thread("other");
  EXPECT_THAT(other.call("greenlet.switch", {{"greenlet", "a"}}), raised("GreenletError"));
  EXPECT_THAT(a.switch_to(), returned(1));
}

REQUIREMENT(greenlet_sleep, does_not_switch, must,
            "a greenlet that sleeps by the ordinary call keeps the thread: nothing switches by "
            "itself",
            covers("GRN-09"), docs(), notes("greenlet"),
            erratum("The notes' heading gives greenlet the automatic switching that is gevent's. "
                    "Of two sleeping greenlets the first ran to its end, then the other.")) {
  auto a = greenlet::of("a", {repeat(2, {log("a"), sleep(5ms)})});
  auto b = greenlet::of("b", {repeat(2, {log("b"), sleep(5ms)})});
  a.switch_to();
  b.switch_to();
  EXPECT_THAT(event_values(), ElementsAre("a", "a", "b", "b"));
}

REQUIREMENT(greenlet_throw, exit_ends_it_quietly, may,
            "GreenletExit ends it without an error; the parent gets the exit object",
            covers("GRN-10"), docs()) {
  auto a = greenlet::of("a", {try_steps({switch_to("main")}, {nullptr, {}, {log("unwound")}})});
  a.switch_to();
  EXPECT_THAT(a.throw_in("GreenletExit", "bye"), returned(json{{"exit", "bye"}}));
  EXPECT_TRUE(a.is_dead());
  EXPECT_THAT(event_values(), ElementsAre("unwound"));
}

REQUIREMENT(greenlet_throw, raises_where_it_waits, may,
            "what is thrown in is raised by its pending switch, where it can be caught",
            covers("GRN-10"), docs()) {
  auto a = greenlet::of("a", {try_steps({switch_to("main")},
                                        {"KeyError", {log_last(), return_value("caught")}, {}})});
  a.switch_to();
  EXPECT_THAT(a.throw_in("KeyError", "k"), returned("caught"));
  EXPECT_THAT(event_values(), ElementsAre("k"));
}

REQUIREMENT(greenlet_throw, before_its_start_runs_nothing, may,
            "thrown into before its first switch, it is dead and has run nothing", covers("GRN-10"),
            docs()) {
  auto a = greenlet::of("a", {log("ran")});
  EXPECT_THAT(a.throw_in("KeyError", "k"), raised("KeyError"));
  EXPECT_TRUE(a.is_dead());
  EXPECT_THAT(event_values(), IsEmpty());
}

REQUIREMENT(greenlet_parent, itself_is_refused, may, "a greenlet cannot be its own parent",
            covers("GRN-11"), docs()) {
  auto a = greenlet::of("a", {return_value(1)});
  EXPECT_THAT(a.set_parent("a"), raised("ValueError"));
}

REQUIREMENT(greenlet_parent, cycles_are_refused, may,
            "a parent that has this greenlet above it is refused", covers("GRN-11"), docs()) {
  auto a = greenlet::of("a", {return_value(1)});
  greenlet::of("b", {return_value(2)}, "a");
  greenlet::of("c", {return_value(3)}, "b");
  EXPECT_THAT(a.set_parent("c"), raised("ValueError"));
  EXPECT_EQ(a.state().at("parent"), "main");
}

REQUIREMENT(greenlet_parent, can_be_changed, may, "another parent gets its end from then on",
            covers("GRN-11"), docs()) {
  auto p = greenlet::of("p", {switch_to("main"), log("p"), return_value("p's end")});
  auto a = greenlet::of("a", {return_value("a's end")});
  p.switch_to();
  EXPECT_THAT(a.set_parent("p"), returned());
  EXPECT_THAT(a.switch_to(), returned("p's end"));
  EXPECT_THAT(event_values(), ElementsAre("p"));
}

}  // namespace
}  // namespace assay
