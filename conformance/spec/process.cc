// Area process, one child at a time: life cycle, arguments, exit codes, join, failure.
//
// A process object starts a function of this program in a child. Its terms are those of Python's
// multiprocessing.Process. What parent and child share, and what becomes of families: see
// process_memory.cc and process_family.cc.
#include <signal.h>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/process_steps.h"

namespace assay {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

source docs(std::string_view member = "") {
  return python_docs("multiprocessing.Process" + (member.empty() ? "" : "." + std::string(member)));
}

// ---- before the start ---------------------------------------------------------------------------

REQUIREMENT(process_start, not_before_start, must,
            "a process that was made and not started runs nothing and is no child",
            covers("PROC-01"), docs("start"), notes("Processes")) {
  const auto before = proc::children(main_actor().pid());
  create_process("idle");
  EXPECT_EQ(proc::children(main_actor().pid()), before);
}

REQUIREMENT(process_start, no_pid_before, must, "before its start a process has no pid",
            covers("PROC-01"), docs("pid")) {
  EXPECT_EQ(create_process("idle").state().pid, std::nullopt);
}

REQUIREMENT(process_start, not_alive_before, must, "before its start a process is not alive",
            covers("PROC-01"), docs("is_alive")) {
  EXPECT_FALSE(create_process("idle").state().alive);
}

REQUIREMENT(process_start, no_exit_code_before, must, "before its start a process has no exit code",
            covers("PROC-01"), docs("exitcode")) {
  EXPECT_EQ(create_process("idle").state().exit_code, std::nullopt);
}

REQUIREMENT(process_start, runs_the_function, must, "start makes a process that runs the function",
            covers("PROC-01"), docs("start"), notes("Processes")) {
  auto worker = create_process("worker");
  EXPECT_TRUE(proc::exists(worker.start().pid()));
}

REQUIREMENT(process_start, twice_is_an_error, must, "a second start is an assertion error",
            covers("PROC-02"), docs("start")) {
  auto worker = create_process("worker");
  worker.start();
  EXPECT_THAT(worker.try_start(), raised("AssertionError"));
}

REQUIREMENT(process_start, not_again_after_its_end, must,
            "a process that has ended cannot be started again", covers("PROC-02"), docs("start")) {
  EXPECT_THAT(ended_process("worker").try_start(), raised("AssertionError"));
}

// ---- identity -----------------------------------------------------------------------------------

REQUIREMENT(process_identity, own_pid, must, "a child has a pid of its own", covers("PROC-06"),
            docs("pid"), man("fork(2)")) {
  actor& worker = create_process("worker").start();
  EXPECT_NE(identity_of(worker).pid, main_actor().pid());
}

REQUIREMENT(process_identity, pid_of_the_object, must,
            "the process object tells the child's pid as the child knows it", covers("PROC-06"),
            docs("pid")) {
  auto worker = create_process("worker");
  const pid_t pid = identity_of(worker.start()).pid;
  EXPECT_THAT(worker.state().pid, Optional(pid));
}

REQUIREMENT(process_identity, parent_is_the_creator, must,
            "a child's parent is the process that started it", covers("PROC-06"), docs(),
            man("getppid(2)")) {
  actor& worker = create_process("worker").start();
  EXPECT_EQ(identity_of(worker).ppid, main_actor().pid());
}

REQUIREMENT(process_identity, given_name, should, "a process has the name that it was given",
            covers("PROC-18"), docs("name")) {
  EXPECT_EQ(create_process("worker", {.name = "converter"}).state().name, "converter");
}

REQUIREMENT(process_identity, default_names_count_up, should,
            "without a name, processes are Process-1, Process-2 in the order of their making",
            covers("PROC-18"), docs("name"),
            erratum("The notes' output shows Process-2 fail before Process-1. Names follow the "
                    "order of making; the order in which processes fail is nobody's to say.")) {
  auto first = create_process("first");
  auto second = create_process("second");
  EXPECT_EQ(second.state().name, "Process-2");
  EXPECT_EQ(first.state().name, "Process-1");
}

// ---- arguments ----------------------------------------------------------------------------------

REQUIREMENT(process_arguments, positional, must,
            "positional arguments reach the function unchanged and in order", covers("PROC-03"),
            docs(), notes("Processes")) {
  const json args = {"work1", 18, 0.5, nullptr, true, {1, {2, 3}}, {{"a", "ü"}}};
  actor& worker = create_process("worker", {.args = args}).start();
  EXPECT_EQ(worker.call("process.arguments").result().at("args"), args);
}

REQUIREMENT(process_arguments, keyword, must, "keyword arguments reach the function unchanged",
            covers("PROC-03"), docs(), notes("Processes"),
            erratum("The notes write kwargs=({\"m\": 20}). The parentheses do nothing: it is a "
                    "mapping, and no tuple.")) {
  const json kwargs = {{"m", 20}};
  actor& worker = create_process("worker", {.args = {"work1", 18}, .kwargs = kwargs}).start();
  EXPECT_EQ(worker.call("process.arguments").result().at("kwargs"), kwargs);
}

REQUIREMENT(process_arguments, none, must, "without arguments the function gets none",
            covers("PROC-03"), docs()) {
  actor& worker = create_process("worker").start();
  EXPECT_EQ(worker.call("process.arguments").result(),
            json({{"args", json::array()}, {"kwargs", json::object()}}));
}

REQUIREMENT(process_arguments, are_copies, must,
            "a list that the child got as an argument is its own: the parent's stays as it is",
            covers("PROC-15"), docs(), notes("Processes"),
            erratum("The notes say that an argument is a reference to the parent's variable. In "
                    "the child it is a copy; only handles such as a queue lead to something "
                    "shared.")) {
  auto worker = create_process("worker", {.args = {{1}}});
  actor& child = worker.start();
  ASSERT_THAT(child.call("process.append_to_argument", {{"value", 2}}), returned(nullptr));
  EXPECT_EQ(child.call("process.arguments").result().at("args"), json({{1, 2}}));
  EXPECT_EQ(worker.arguments().at("args"), json({{1}}));
}

// ---- the end ------------------------------------------------------------------------------------

REQUIREMENT(process_exit_code, none_while_it_runs, must,
            "while the child runs there is no exit code", covers("PROC-05"), docs("exitcode")) {
  auto worker = create_process("worker");
  worker.start();
  EXPECT_EQ(worker.state().exit_code, std::nullopt);
}

REQUIREMENT(process_exit_code, zero_after_a_return, must,
            "a function that returns gives exit code 0", covers("PROC-05"), docs("exitcode")) {
  EXPECT_THAT(ended_process("worker").state().exit_code, Optional(0));
}

REQUIREMENT(process_exit_code, of_exit, must, "exit(N) gives exit code N, from 1 to 255",
            covers("PROC-05"), docs("exitcode")) {
  for (int code : {1, 7, 255}) {
    EXPECT_THAT(ended_process("worker-" + std::to_string(code), code).state().exit_code,
                Optional(code));
  }
}

REQUIREMENT(process_exit_code, one_after_an_exception, must,
            "an uncaught exception gives exit code 1", covers("PROC-05", "PROC-12"),
            docs("exitcode"), notes("Processes")) {
  auto worker = create_process("worker");
  fail(worker.start(), "ValueError", "no luck");
  worker.join();
  EXPECT_THAT(worker.state().exit_code, Optional(1));
}

REQUIREMENT(process_exit_code, of_a_sudden_end, should, "_exit(N) gives exit code N as well",
            covers("PROC-05"), docs("exitcode"), man("_exit(2)")) {
  auto worker = create_process("worker");
  exit_now(worker.start(), 9);
  worker.join();
  EXPECT_THAT(worker.state().exit_code, Optional(9));
}

REQUIREMENT(process_exit_code, minus_the_signal, must,
            "a child that was ended by a signal has that signal's number, negative, as exit code",
            covers("PROC-05"), docs("exitcode"), man("signal(7)")) {
  for (int signal : {SIGTERM, SIGKILL, SIGUSR1}) {
    auto worker = create_process("worker-" + std::to_string(signal));
    worker.start().kill(signal);
    worker.join();
    EXPECT_THAT(worker.state().exit_code, Optional(-signal));
  }
}

REQUIREMENT(process_exit_code, without_a_join, should,
            "once the child has ended its exit code is known without a join", covers("PROC-05"),
            docs("exitcode")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  finish(child, 5);
  ASSERT_TRUE(ends(child));
  EXPECT_THAT(worker.state().exit_code, Optional(5));
}

REQUIREMENT(process_alive, while_it_runs, must, "a child is alive while it runs", covers("PROC-04"),
            docs("is_alive")) {
  auto worker = create_process("worker");
  worker.start();
  EXPECT_TRUE(worker.state().alive);
}

REQUIREMENT(process_alive, no_more_at_its_end, must, "a child that has ended is not alive",
            covers("PROC-04"), docs("is_alive")) {
  auto worker = create_process("worker");
  actor& child = worker.start();
  finish(child);
  ASSERT_TRUE(ends(child));
  EXPECT_FALSE(worker.state().alive);
}

REQUIREMENT(process_signal, terminate_is_sigterm, should, "terminate sends SIGTERM",
            covers("PROC-24"), docs("terminate"), man("signal(7)")) {
  auto worker = create_process("worker");
  worker.start().expect_death();
  EXPECT_THAT(worker.terminate(), returned(nullptr));
  worker.join(2s);
  EXPECT_THAT(worker.state().exit_code, Optional(-SIGTERM));
}

REQUIREMENT(process_signal, kill_is_sigkill, should, "kill sends SIGKILL", covers("PROC-24"),
            docs("kill"), man("signal(7)")) {
  auto worker = create_process("worker");
  worker.start().expect_death();
  EXPECT_THAT(worker.kill(), returned(nullptr));
  worker.join(2s);
  EXPECT_THAT(worker.state().exit_code, Optional(-SIGKILL));
}

REQUIREMENT(process_signal, after_the_end_is_nothing, should,
            "terminate and kill of a child that was joined do nothing", covers("PROC-24"),
            docs("terminate")) {
  auto worker = ended_process("worker", 3);
  EXPECT_THAT(worker.terminate(), returned(nullptr));
  EXPECT_THAT(worker.kill(), returned(nullptr));
  EXPECT_THAT(worker.state().exit_code, Optional(3));
}

// ---- an uncaught exception ----------------------------------------------------------------------

REQUIREMENT(process_exception, is_reported_with_the_name, must,
            "an uncaught exception is reported on stderr with the process's name and what it says",
            covers("PROC-12"), docs("exitcode"), notes("Processes")) {
  auto worker = create_process("worker", {.name = "converter"});
  fail(worker.start(), "ValueError", "no luck today");
  worker.join();
  EXPECT_TRUE(says("no luck today"));
  EXPECT_THAT(standard_error(), HasSubstr("Process converter"));
}

REQUIREMENT(process_exception, stays_in_the_child, must,
            "an uncaught exception in a child does not disturb its parent", covers("PROC-12"),
            docs("exitcode"), notes("Processes")) {
  auto worker = create_process("worker");
  fail(worker.start(), "ValueError", "no luck");
  EXPECT_THAT(worker.join(), returned(nullptr));
  EXPECT_THAT(main_actor().call("process.self"), returned());
}

REQUIREMENT(process_exception, a_return_reports_nothing, should,
            "a child that returns or calls exit writes nothing on stderr", covers("PROC-12"),
            docs("exitcode")) {
  ended_process("first", 0);
  ended_process("second", 3);
  EXPECT_FALSE(says_anything());
}

}  // namespace
}  // namespace assay
