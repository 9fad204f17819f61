// Area coroutine: generators that take turns, the simplest coroutines.
#include <algorithm>
#include <set>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/generator_steps.h"

namespace assay {
namespace {

using namespace steps;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Lt;
using ::testing::SizeIs;

source simple_coroutines() {
  return {"PEP 342, Coroutines via Enhanced Generators", "https://peps.python.org/pep-0342/"};
}

// The notes' worker: for ever, print, pause, yield.
body worker(const std::string& name, std::chrono::milliseconds pause = 0ms) {
  return {repeat(nullptr, {log(name), sleep(pause), yield(nullptr)})};
}

outcome run(const std::vector<body>& bodies, int rounds) {
  return main_actor().call("coroutine.run", {{"bodies", bodies}, {"rounds", rounds}});
}

REQUIREMENT(coroutine_turns, alternate, must,
            "two generators that are resumed in turn run one step each, in turn: the notes' "
            "work1, work2, work1, work2",
            covers("CORO-01"), simple_coroutines(), notes("Coroutines with yield")) {
  EXPECT_THAT(run({worker("work1"), worker("work2")}, 3), returned());
  EXPECT_THAT(event_values(), ElementsAre("work1", "work2", "work1", "work2", "work1", "work2"));
}

REQUIREMENT(coroutine_turns, ended_ones_are_passed_over, should,
            "one that has ended no longer takes its turn, and the others go on", covers("CORO-01"),
            simple_coroutines()) {
  EXPECT_THAT(run({{log("a"), yield(nullptr)}, worker("b")}, 3), returned());
  EXPECT_THAT(event_values(), ElementsAre("a", "b", "b", "b"));
}

REQUIREMENT(coroutine_turns, many, should, "a hundred take turns as two do", covers("CORO-01"),
            simple_coroutines()) {
  std::vector<body> bodies;
  std::vector<json> expected;
  for (int i = 0; i < 100; ++i) bodies.push_back({repeat(nullptr, {log(i), yield(nullptr)})});
  for (int i = 0; i < 300; ++i) expected.push_back(i % 100);
  EXPECT_THAT(run(bodies, 3), returned());
  EXPECT_EQ(event_values(), expected);
}

REQUIREMENT(coroutine_turns, exceptions_come_out, should,
            "an exception of one leaves the loop that resumes them", covers("CORO-01"),
            simple_coroutines()) {
  EXPECT_THAT(run({worker("a"), {yield(nullptr), raise("KeyError", "b")}}, 5), raised("KeyError"));
}

REQUIREMENT(coroutine_pause, comes_after_the_line, should,
            "a pause belongs to the step after the line: the first line comes without one",
            covers("CORO-02"), notes("Coroutines with yield")) {
  const body late = {log("late"), yield(nullptr), sleep(20ms), log("later"), yield(nullptr)};
  EXPECT_THAT(run({late, late, late, late}, 2), returned());
  const auto seen = events();
  ASSERT_THAT(seen, SizeIs(8));
  // A busy machine may part two lines as a pause would, but hardly all of them.
  EXPECT_THAT(std::min({seen[1].time - seen[0].time, seen[2].time - seen[1].time,
                        seen[3].time - seen[2].time}),
              Lt(20ms));
  for (std::size_t i = 4; i < 8; ++i) EXPECT_THAT(seen[i].time - seen[i - 1].time, Ge(20ms));
}

REQUIREMENT(coroutine_pause, delays_all, must,
            "a blocking pause in one delays all of them: pauses add up", covers("CORO-03"),
            simple_coroutines(), notes("Coroutines with yield")) {
  const auto ran = run({worker("a", 10ms), worker("b", 10ms), worker("c", 10ms)}, 3);
  EXPECT_THAT(ran, returned().after(at_least(90ms)));
}

REQUIREMENT(coroutine_thread, one_for_all, must, "all run on one thread of the kernel",
            covers("CORO-04"), simple_coroutines(), notes("Comparison")) {
  std::vector<body> bodies(50, worker("w"));
  const auto before = proc::threads(main_actor().pid()).size();
  EXPECT_THAT(run(bodies, 2), returned());
  std::set<pid_t> threads;
  for (const event& each : events()) threads.insert(each.tid);
  EXPECT_EQ(threads, std::set<pid_t>{main_actor().tid()});
  EXPECT_EQ(proc::threads(main_actor().pid()).size(), before);
}

REQUIREMENT(coroutine_switch, a_million_a_second, should,
            "a million switches are done within a second", covers("CORO-05"),
            notes("Coroutines with yield")) {
  constexpr int count = 1'000'000;
  const auto took = main_actor().call("coroutine.switches", {{"count", count}});
  EXPECT_THAT(std::chrono::nanoseconds(took.result().get<std::int64_t>()), Le(scaled(1s)));
  // It is what the testee says; the clock of the harness bounds it from both sides.
  EXPECT_THAT(std::chrono::nanoseconds(took.result().get<std::int64_t>()), Le(took.elapsed()));
  EXPECT_THAT(took.elapsed(), Le(scaled(2s)));
}

REQUIREMENT(coroutine_switch, without_the_kernel, should,
            "a switch does not enter the scheduler of the kernel", covers("CORO-06"),
            notes("Coroutines with yield")) {
  actor& main = main_actor();
  constexpr int count = 200'000;
  const auto before = proc::voluntary_switches(main.pid(), main.tid());
  EXPECT_THAT(main.call("coroutine.switches", {{"count", count}}), returned());
  // A few belong to the request itself.
  EXPECT_THAT(proc::voluntary_switches(main.pid(), main.tid()) - before, Le(count / 1000));
}

}  // namespace
}  // namespace assay
