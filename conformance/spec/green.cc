// Area green: green threads, which a scheduler runs in turn, and their order.
#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/greenlet_steps.h"

namespace assay {
namespace {

using namespace steps;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

source docs(const std::string& page = "gevent.Greenlet") {
  return {page, "https://www.gevent.org/api/gevent.greenlet.html"};
}

// The notes' f: so many lines, a pause after each.
body counts(const std::string& name, int times, const json& pause) {
  body all;
  for (int i = 0; i < times; ++i) {
    all.push_back(log(name + std::to_string(i)));
    if (!pause.is_null()) all.push_back(pause);
  }
  all.push_back(log(name + " done"));
  return all;
}

REQUIREMENT(green_spawn, only_schedules, must,
            "spawn runs nothing; the function begins when its creator waits", covers("GEV-01"),
            docs(), notes("gevent")) {
  green::spawn("a", {log("a")});
  EXPECT_THAT(event_values(), IsEmpty());
  let_others_run();
  EXPECT_THAT(event_values(), ElementsAre("a"));
}

REQUIREMENT(green_spawn, delay_is_waited_for, should,
            "with a delay the function begins when it has passed, not before", covers("GEV-01"),
            docs()) {
  auto late = green::spawn("late", {log("late")}, 40ms);
  green::spawn("a", {log("a")});
  EXPECT_THAT(late.join(), returned().after(at_least(0ms)));
  EXPECT_THAT(event_values(), ElementsAre("a", "late"));
}

REQUIREMENT(green_order, one_after_the_other, must,
            "tasks that never wait run one after the other, in the order of their creation",
            covers("GEV-02"), docs(), notes("gevent")) {
  for (const char* name : {"a", "b", "c"}) green::spawn(name, counts(name, 2, nullptr));
  join_all({"a", "b", "c"});
  EXPECT_THAT(event_values(),
              ElementsAre("a0", "a1", "a done", "b0", "b1", "b done", "c0", "c1", "c done"));
}

REQUIREMENT(green_order, take_turns_when_they_sleep, must,
            "tasks that sleep by the scheduler's call run in turn", covers("GEV-03"), docs(),
            notes("gevent")) {
  for (const char* name : {"a", "b", "c"}) green::spawn(name, counts(name, 2, green_sleep(10ms)));
  join_all({"a", "b", "c"});
  EXPECT_THAT(event_values(),
              ElementsAre("a0", "b0", "c0", "a1", "b1", "c1", "a done", "b done", "c done"));
}

REQUIREMENT(green_order, take_turns_when_they_yield, should,
            "a sleep of zero lets each other task run once", covers("GEV-03"), docs()) {
  for (const char* name : {"a", "b"}) green::spawn(name, counts(name, 2, green_sleep()));
  join_all({"a", "b"});
  EXPECT_THAT(event_values(), ElementsAre("a0", "b0", "a1", "b1", "a done", "b done"));
}

REQUIREMENT(green_sleep, passes_for_all_at_once, must,
            "sleeps of several tasks pass at the same time: 200 ms for three of 200 ms",
            covers("GEV-04"), docs(), notes("gevent")) {
  for (const char* name : {"a", "b", "c"}) green::spawn(name, {green_sleep(200ms)});
  EXPECT_THAT(join_all({"a", "b", "c"}), returned().after({200ms, 390ms}));
}

REQUIREMENT(green_sleep, a_hundred, must, "a hundred tasks that sleep 200 ms end in about 200 ms",
            covers("GEV-15"), docs(), notes("gevent")) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) {
    names.push_back(std::to_string(i));
    green::spawn(names.back(), {green_sleep(200ms)});
  }
  EXPECT_THAT(join_all(names), returned(json(names)).after({0ms, 1200ms}));
}

REQUIREMENT(green_patch, sleep_lets_others_run, must,
            "after patching, the ordinary sleep lets other tasks run", covers("GEV-06"),
            docs("gevent.monkey"), notes("gevent")) {
  patch();
  for (const char* name : {"a", "b"}) green::spawn(name, counts(name, 2, sleep(10ms)));
  join_all({"a", "b"});
  EXPECT_THAT(event_values(), ElementsAre("a0", "b0", "a1", "b1", "a done", "b done"));
}

REQUIREMENT(green_patch, without_it_a_call_blocks_all, must,
            "an ordinary sleep that was not patched blocks every task", covers("GEV-16", "GEV-06"),
            docs("gevent.monkey"), notes("gevent")) {
  for (const char* name : {"a", "b"}) green::spawn(name, {log(name), sleep(40ms), log(name)});
  EXPECT_THAT(join_all({"a", "b"}), returned().after(at_least(80ms)));
  EXPECT_THAT(event_values(), ElementsAre("a", "a", "b", "b"));
}

REQUIREMENT(green_patch, receive_lets_others_run, should,
            "while one task waits for input by an ordinary call, others run", covers("GEV-17"),
            docs("gevent.monkey"), notes("gevent"),
            erratum("Only calls that are cooperative or patched let others run: there is no such "
                    "thing as always some task running.")) {
  patch();
  main_actor().call("green.pair_open", {{"left", "l"}, {"right", "r"}});
  green::spawn("reader", {step("green.pair_receive", {{"end", "l"}}), log_last()});
  green::spawn("writer", {log("writes"), step("green.pair_send", {{"end", "r"}, {"data", "hi"}})});
  join_all({"reader", "writer"});
  EXPECT_THAT(event_values(), ElementsAre("writes", "hi"));
}

REQUIREMENT(green_join, all_waits_for_every_one, must, "join_all waits for every task",
            covers("GEV-07"), docs("gevent.joinall"), notes("gevent")) {
  green::spawn("a", counts("a", 3, green_sleep(5ms)));
  green::spawn("b", counts("b", 1, green_sleep(5ms)));
  EXPECT_THAT(join_all({"a", "b"}), returned(json{"a", "b"}));
  EXPECT_THAT(event_values(), SizeIs(6));
}

REQUIREMENT(green_order, the_process_example, must,
            "the notes' three tasks and main's joins come in exactly the order that they print",
            covers("GEV-08", "GEV-10", "GEV-11"), docs(), notes("gevent"),
            erratum("That main goes on only after the whole round depends on equal sleeps.")) {
  patch();
  const auto pause = sleep(20ms);
  auto g1 = green::spawn("g1", counts("1:", 1, pause));
  auto g2 = green::spawn("g2", counts("2:", 3, pause));
  auto g3 = green::spawn("g3", counts("3:", 5, pause));
  const auto join = [](const char* name) { return step("green.join", {{"green", name}}); };
  main_actor().call(
      "script.call",
      {{"steps", {join("g1"), log("g1"), join("g2"), log("g2"), join("g3"), log("g3")}}});
  EXPECT_THAT(event_values(), ElementsAre("1:0", "2:0", "3:0", "1: done", "2:1", "3:1", "g1", "2:2",
                                          "3:2", "2: done", "3:3", "g2", "3:4", "3: done", "g3"));
}

REQUIREMENT(green_join, of_a_finished_one_returns_at_once, must,
            "join of a task that has ended returns at once, again and again", covers("GEV-09"),
            docs("gevent.Greenlet.join"), notes("gevent")) {
  auto a = green::spawn("a", {log("a")});
  a.join();
  EXPECT_THAT(a.join(), returned().after(at_once()));
}

REQUIREMENT(green_exceptions, are_printed_and_stop_no_other, should,
            "a task's exception is printed, and the other tasks go on", covers("GEV-12"), docs()) {
  green::spawn("fails", {raise("KeyError", "the wrong key")});
  green::spawn("b", {log("b")});
  join_all({"fails", "b"});
  EXPECT_THAT(event_values(), ElementsAre("b"));
  EXPECT_TRUE(await([] { return standard_error().find("the wrong key") != std::string::npos; }));
}

REQUIREMENT(green_exceptions, join_does_not_raise, should,
            "join of a task that an exception ended raises nothing", covers("GEV-12"),
            docs("gevent.Greenlet.join")) {
  EXPECT_THAT(green::spawn("fails", {raise("KeyError", "k")}).join(), returned());
}

REQUIREMENT(green_exceptions, get_raises, should,
            "get raises what ended the task, and it was not successful", covers("GEV-12"),
            docs("gevent.Greenlet.get")) {
  auto fails = green::spawn("fails", {raise("KeyError", "k")});
  EXPECT_THAT(fails.get(), raised("KeyError"));
  EXPECT_EQ(fails.state().at("successful"), false);
}

REQUIREMENT(green_get, returns_the_value, should, "get waits and returns the function's value",
            covers("GEV-12"), docs("gevent.Greenlet.get")) {
  auto a = green::spawn("a", {green_sleep(5ms), return_value(7)});
  EXPECT_THAT(a.get(), returned(7));
  EXPECT_EQ(a.state(), json({{"ready", true}, {"successful", true}, {"started", false}}));
}

REQUIREMENT(green_spawn, never_waited_for_never_runs, should,
            "tasks that nobody waits for do not run when the program ends", covers("GEV-13"),
            docs(), notes("gevent")) {
  green::spawn("a", {log("a")});
  main_actor().call("actor.exit");
  EXPECT_TRUE(main_actor().await_death());
  EXPECT_THAT(event_values(), IsEmpty());
}

REQUIREMENT(green_join, timeout, should,
            "join with a timeout returns after it while the task goes on", covers("GEV-14"),
            docs("gevent.Greenlet.join"), notes("gevent")) {
  auto a = green::spawn("a", {green_sleep(10s)});
  for (int i = 0; i < trials_of_early; ++i) {
    EXPECT_THAT(a.join(0.05), returned().after(at_least(50ms)));
  }
  EXPECT_EQ(a.state().at("ready"), false);
}

REQUIREMENT(green_get, timeout_raises, should,
            "get with a timeout raises TimedOut once it has passed, never before", covers("GEV-14"),
            docs("gevent.Greenlet.get")) {
  auto a = green::spawn("a", {green_sleep(10s)});
  for (int i = 0; i < trials_of_early; ++i) {
    EXPECT_THAT(a.get(0.05), raised("TimedOut").after(at_least(50ms)));
  }
}

REQUIREMENT(green_kill, ends_it_where_it_waits, should,
            "kill ends a task where it waits, unwinding it, and returns when it has ended",
            covers("GEV-12"), docs("gevent.Greenlet.kill")) {
  auto a = green::spawn("a", {try_steps({green_sleep(10s)}, {nullptr, {}, {log("unwound")}})});
  let_others_run();
  EXPECT_THAT(a.kill(), returned().after(at_once()));
  EXPECT_THAT(event_values(), ElementsAre("unwound"));
  EXPECT_THAT(a.get(), returned(json{{"exit", ""}}));
}

REQUIREMENT(green_kill, before_its_start_never_runs, should,
            "a task that is killed before it began never runs", covers("GEV-01"),
            docs("gevent.Greenlet.kill")) {
  auto a = green::spawn("a", {log("a")});
  a.kill();
  let_others_run();
  EXPECT_THAT(event_values(), IsEmpty());
  EXPECT_EQ(a.state().at("ready"), true);
}

REQUIREMENT(green_queue, waits_for_an_item, should,
            "who takes from an empty queue lets others run until an item is there",
            covers("GEV-17"), docs("gevent.queue")) {
  main_actor().call("green.queue_open", {{"queue", "q"}});
  green::spawn("c", {log("asks"), step("green.queue_get", {{"queue", "q"}}), log_last()});
  green::spawn("p", {log("puts"), step("green.queue_put", {{"queue", "q"}, {"item", 7}})});
  join_all({"c", "p"});
  EXPECT_THAT(event_values(), ElementsAre("asks", "puts", 7));
}

REQUIREMENT(green_queue, waits_for_room, should,
            "who puts into a full queue lets others run until there is room", covers("GEV-17"),
            docs("gevent.queue")) {
  main_actor().call("green.queue_open", {{"queue", "q"}, {"maxsize", 1}});
  const auto put = [](int item) {
    return step("green.queue_put", {{"queue", "q"}, {"item", item}});
  };
  const auto take = step("green.queue_get", {{"queue", "q"}});
  green::spawn("p", {put(1), put(2), log("put both")});
  green::spawn("c", {log("takes"), take, log_last(), take, log_last()});
  join_all({"c", "p"});
  const auto seen = event_values();
  ASSERT_THAT(seen, SizeIs(4));
  EXPECT_EQ(seen[0], "takes");
}

REQUIREMENT(green_queue, timeout_raises_empty, should,
            "with a timeout, taking from an empty queue raises Empty once it has passed",
            covers("GEV-14"), docs("gevent.queue")) {
  main_actor().call("green.queue_open", {{"queue", "q"}});
  for (int i = 0; i < trials_of_early; ++i) {
    EXPECT_THAT(main_actor().call("green.queue_get", {{"queue", "q"}, {"timeout", 0.05}}),
                raised("Empty").after(at_least(50ms)));
  }
}

REQUIREMENT(green_sleep, needs_no_thread, should, "fifty tasks add no thread to the process",
            covers("GEV-15"), docs(), notes("Processes, threads, coroutines")) {
  const auto before = proc::threads(main_actor().pid()).size();
  std::vector<std::string> names;
  for (int i = 0; i < 50; ++i) {
    names.push_back(std::to_string(i));
    green::spawn(names.back(), {green_sleep(10ms)});
  }
  join_all(names);
  EXPECT_EQ(proc::threads(main_actor().pid()).size(), before);
}

}  // namespace
}  // namespace assay
