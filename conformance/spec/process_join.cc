// Area process: join, close, and no zombies.
#include <signal.h>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/process_steps.h"

namespace assay {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

source docs(std::string_view member = "") {
  return python_docs("multiprocessing.Process" + (member.empty() ? "" : "." + std::string(member)));
}

// ---- join ---------------------------------------------------------------------------------------

REQUIREMENT(process_join, before_start_is_an_error, must,
            "join before the start is an assertion error", covers("PROC-02"), docs("join")) {
  EXPECT_THAT(create_process("idle").join(0s), raised("AssertionError"));
}

REQUIREMENT(process_join, waits_for_the_end, must, "join waits, asleep, until the child has ended",
            covers("PROC-04"), docs("join"), notes("Processes")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  pending_call join = worker.begin_join();
  ASSERT_TRUE(join.is_blocked());
  finish(child);
  EXPECT_THAT(join.finish(), returned(nullptr));
}

REQUIREMENT(process_join, has_ended_afterwards, must,
            "when join without a timeout returns, the child has ended", covers("PROC-04"),
            docs("join")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  finish(child);
  worker.join();
  EXPECT_FALSE(proc::exists(child.pid()));
}

REQUIREMENT(process_join, gives_up_at_its_timeout, must,
            "join with a timeout returns when that has passed, and the child runs on",
            covers("PROC-04"), docs("join")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  EXPECT_THAT(worker.join(30ms), returned(nullptr).after(at_least(30ms)));
  EXPECT_THAT(child.call("process.self"), returned());
}

REQUIREMENT(process_join, ends_before_its_timeout, must,
            "join with a long timeout returns as soon as the child has ended", covers("PROC-04"),
            docs("join")) {
  auto worker = create_process("worker");
  finish(worker.start());
  EXPECT_THAT(worker.join(60s), returned(nullptr));
  EXPECT_FALSE(worker.state().alive);
}

REQUIREMENT(process_join, zero_does_not_wait, must, "join with a timeout of zero returns at once",
            covers("PROC-04"), docs("join")) {
  auto worker = create_process("worker");
  worker.start();
  EXPECT_THAT(worker.join(0s), returned(nullptr).after(at_once()));
  EXPECT_TRUE(worker.state().alive);
}

REQUIREMENT(process_join, less_than_zero_does_not_wait, should,
            "join with a timeout below zero returns at once", covers("PROC-04"), docs("join")) {
  auto worker = create_process("worker");
  worker.start();
  EXPECT_THAT(worker.join(-1s), returned(nullptr).after(at_once()));
  EXPECT_TRUE(worker.state().alive);
}

REQUIREMENT(process_join, again, should, "a child can be joined many times", covers("PROC-04"),
            docs("join")) {
  auto worker = ended_process("worker", 4);
  EXPECT_THAT(worker.join(), returned(nullptr));
  EXPECT_THAT(worker.join(1s), returned(nullptr));
  EXPECT_THAT(worker.state().exit_code, Optional(4));
}

REQUIREMENT(process_join, only_ones_own_child, may,
            "a process cannot join its sibling: that is an assertion error", covers("PROC-06"),
            docs("join"), man("waitpid(2)")) {
  auto first = create_process("first");
  first.start();
  actor& second = create_process("second").start();
  EXPECT_THAT(first.on(second).join(0s), raised("AssertionError"));
}

REQUIREMENT(process_join, for_ever_with_an_endless_child, should,
            "a child whose loop has no end condition is never joined", covers("PROC-17"),
            docs("join"), notes("Processes"),
            erratum("The notes' example joins a reader that loops for ever. Its printed end is "
                    "that of Windows and macOS; with fork all items were read, and it still ran "
                    "when it was killed after 40 s.")) {
  ASSERT_THAT(main_actor().call("queue.open", {{"queue", "q"}}), returned(nullptr));
  auto reader = create_process("reader");
  actor& child = reader.start();
  for (const char* item : {"A", "B", "C"}) {
    main_actor().call("queue.put", {{"queue", "q"}, {"item", item}});
    ASSERT_THAT(child.call("queue.get", {{"queue", "q"}}), returned(item));
  }
  pending_call more = child.begin("queue.get", {{"queue", "q"}});
  pending_call join = reader.begin_join();
  EXPECT_TRUE(more.is_blocked());
  EXPECT_TRUE(join.is_blocked());
}

// ---- close --------------------------------------------------------------------------------------

REQUIREMENT(process_close, of_a_running_child_is_an_error, may,
            "close is a value error while the child runs", covers("PROC-27"), docs("close")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  EXPECT_THAT(worker.close(), raised("ValueError"));
  EXPECT_THAT(child.call("process.self"), returned());
}

REQUIREMENT(process_close, ends_the_object, may,
            "after close every use of the process object is a value error", covers("PROC-27"),
            docs("close")) {
  auto worker = ended_process("worker");
  ASSERT_THAT(worker.close(), returned(nullptr));
  EXPECT_THAT(worker.try_state(), raised("ValueError"));
  EXPECT_THAT(worker.join(), raised("ValueError"));
}

REQUIREMENT(process_close, gives_back_its_descriptors, may,
            "after close nothing is left open of what the process object held", covers("PROC-27"),
            docs("close")) {
  const auto before = proc::descriptors(main_actor().pid()).size();
  ASSERT_THAT(ended_process("worker").close(), returned(nullptr));
  EXPECT_EQ(proc::descriptors(main_actor().pid()).size(), before);
}

// ---- no zombies ---------------------------------------------------------------------------------

REQUIREMENT(process_zombies, none_after_join, must, "a child that was joined leaves no zombie",
            covers("PROC-04"), docs("join"), man("waitpid(2)")) {
  ended_process("worker");
  EXPECT_THAT(proc::zombies(main_actor().pid()), IsEmpty());
}

REQUIREMENT(process_zombies, none_after_asking, should,
            "asking whether it is alive leaves no zombie of a child that has ended",
            covers("PROC-04"), docs("is_alive"), man("waitpid(2)")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  finish(child);
  ASSERT_TRUE(ends(child));
  worker.state();
  EXPECT_THAT(proc::zombies(main_actor().pid()), IsEmpty());
}

REQUIREMENT(process_zombies, swept_by_the_next_start, should,
            "the next start reaps children that have ended and that nobody joined",
            covers("PROC-04"), python_docs("multiprocessing.active_children"), man("waitpid(2)")) {
  actor& first = create_process("first").start();
  finish(first);
  ASSERT_TRUE(ends(first));
  create_process("second").start();
  EXPECT_THAT(proc::zombies(main_actor().pid()), Not(Contains(first.pid())));
}

}  // namespace
}  // namespace assay
