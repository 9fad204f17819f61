// Area process: several at once, and what becomes of children when their parent ends.
//
// The parent that ends here is itself a child of main, so that main and the kernel can tell how.
#include <signal.h>

#include <array>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/process_steps.h"

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;

source docs(std::string_view member = "") {
  return python_docs("multiprocessing.Process" + (member.empty() ? "" : "." + std::string(member)));
}

// A child of main that has a child of its own.
struct family {
  made_process parent_object;
  actor* parent;
  actor* child;
};

family start_family(bool daemon = false) {
  auto object = create_process("parent");
  actor& parent = object.start();
  actor& child = create_process(parent, "child", {.daemon = daemon}).start();
  return {object, &parent, &child};
}

// ---- at the same time ---------------------------------------------------------------------------

constexpr std::array three{"first", "second", "third"};

REQUIREMENT(process_parallel, children_run_at_the_same_time, must,
            "three children are in the middle of their work at the same time", covers("PROC-25"),
            docs(), notes("Processes")) {
  std::vector<pending_call> waiting;
  for (const char* name : three) open_pipe(name);
  for (const char* name : three) {
    waiting.push_back(begin_read(create_process(name).start(), name));
  }
  for (auto& each : waiting) EXPECT_TRUE(each.is_blocked());
  // The last goes first: none waits for one before it.
  for (std::size_t i = three.size(); i-- > 0;) {
    write_pipe(main_actor(), three[i], "go");
    EXPECT_THAT(waiting[i].finish(scaled(2s)), returned("go"));
  }
}

REQUIREMENT(process_parallel, sleeps_overlap, must,
            "three children that sleep as long as each other are done after one such time",
            covers("PROC-25"), docs(), notes("Processes")) {
  std::vector<actor*> children;
  for (const char* name : three) children.push_back(&create_process(name).start());
  EXPECT_LT(time_of_sleeps(children, 30ms), 75ms);
}

REQUIREMENT(process_parallel, the_parent_goes_on, must,
            "start returns while the child runs, and the parent goes on", covers("PROC-25"),
            docs("start")) {
  open_pipe("gate");
  pending_call waiting = begin_read(create_process("worker").start(), "gate");
  ASSERT_TRUE(waiting.is_blocked());
  EXPECT_THAT(main_actor().call("process.self", json::object(), scaled(2s)), returned());
  write_pipe(main_actor(), "gate", "go");
  EXPECT_THAT(waiting.finish(), returned("go"));
}

// ---- the parent ends normally -------------------------------------------------------------------

REQUIREMENT(process_end, waits_for_its_children, must,
            "a process whose function has returned stays until its children have ended",
            covers("PROC-19"), docs("daemon"), notes("Processes, threads, coroutines")) {
  auto [object, parent, child] = start_family();
  finish(*parent);
  EXPECT_TRUE(stays(*parent));
  child->call("event.log", {{"value", "child done"}});
  finish(*child);
  EXPECT_TRUE(ends(*parent));
  EXPECT_THAT(event_values(), ElementsAre("child done"));
}

REQUIREMENT(process_end, unjoined_children_finish, should,
            "a child that nobody joins does all its work before its parent ends", covers("PROC-22"),
            docs("daemon"), notes("Processes")) {
  open_pipe("gate");
  auto [object, parent, child] = start_family();
  const json steps = {{{"op", "pipe.read"}, {"params", {{"pipe", "gate"}}}},
                      {{"op", "event.log"}, {"params", {{"value", "done"}}}}};
  pending_call work = child->begin("script.call", {{"steps", steps}});
  ASSERT_TRUE(work.is_blocked());
  finish(*parent);
  EXPECT_TRUE(stays(*parent));
  write_pipe(main_actor(), "gate", "go");
  EXPECT_THAT(work.finish(), returned());
  finish(*child);
  EXPECT_TRUE(ends(*parent));
  EXPECT_THAT(event_values(), ElementsAre("done"));
}

REQUIREMENT(process_end, keeps_its_exit_code, should,
            "waiting for children does not change a process's exit code", covers("PROC-19"),
            docs("exitcode")) {
  auto [object, parent, child] = start_family();
  finish(*parent, 3);
  ASSERT_TRUE(stays(*parent, 10ms));
  finish(*child);
  object.join();
  EXPECT_THAT(object.state().exit_code, Optional(3));
}

REQUIREMENT(process_end, waits_after_an_exception_as_well, should,
            "a process that an uncaught exception ends waits for its children as well",
            covers("PROC-19"), docs("daemon")) {
  auto [object, parent, child] = start_family();
  fail(*parent, "ValueError", "no luck");
  EXPECT_TRUE(stays(*parent));
  finish(*child);
  EXPECT_TRUE(ends(*parent));
}

// ---- the parent dies ----------------------------------------------------------------------------

// Whether the child answers, and has another parent than before.
void expect_orphan(actor& child, pid_t old_parent) {
  EXPECT_THAT(child.call("process.self"), returned());
  EXPECT_TRUE(await([&] { return identity_of(child).ppid != old_parent; }));
}

REQUIREMENT(process_orphan, lives_on_after_sigkill, must,
            "a child whose parent is killed by SIGKILL lives on, adopted by another process",
            covers("PROC-21"), man("prctl(2)"), man("wait(2)"),
            notes("Processes, threads, coroutines")) {
  auto [object, parent, child] = start_family();
  const pid_t old_parent = identity_of(*child).ppid;
  parent->kill(SIGKILL);
  expect_orphan(*child, old_parent);
}

REQUIREMENT(process_orphan, lives_on_after_sigterm, must,
            "a child whose parent is ended by SIGTERM lives on", covers("PROC-21"),
            python_docs("multiprocessing.Process.terminate"),
            notes("Processes, threads, coroutines")) {
  auto [object, parent, child] = start_family();
  const pid_t old_parent = identity_of(*child).ppid;
  parent->expect_death();
  object.terminate();
  ASSERT_TRUE(ends(*parent));
  expect_orphan(*child, old_parent);
}

REQUIREMENT(process_orphan, lives_on_after_a_sudden_end, must,
            "a child whose parent ends by _exit lives on", covers("PROC-21"), man("_exit(2)"),
            notes("Processes, threads, coroutines")) {
  auto [object, parent, child] = start_family();
  const pid_t old_parent = identity_of(*child).ppid;
  exit_now(*parent);
  expect_orphan(*child, old_parent);
}

REQUIREMENT(process_orphan, keeps_its_data, should,
            "an orphan has its memory and descriptors as before", covers("PROC-21"), man("fork(2)"),
            notes("Processes, threads, coroutines")) {
  open_pipe("p");
  auto [object, parent, child] = start_family();
  set_data(*child, "kept", 1);
  parent->kill(SIGKILL);
  EXPECT_EQ(get_data(*child, "kept"), 1);
  write_pipe(*child, "p", "from the orphan");
  EXPECT_THAT(begin_read(main_actor(), "p").finish(), returned("from the orphan"));
}

REQUIREMENT(process_orphan, does_not_disturb_the_grandparent, should,
            "the grandparent learns of its own child's death only", covers("PROC-21", "CMP-09"),
            man("wait(2)")) {
  auto [object, parent, child] = start_family();
  parent->kill(SIGKILL);
  object.join();
  EXPECT_THAT(object.state().exit_code, Optional(-SIGKILL));
  EXPECT_THAT(child->call("process.self"), returned());
}

// ---- daemons ------------------------------------------------------------------------------------

REQUIREMENT(process_daemon, is_told_by_the_object, should,
            "the process object tells whether it is a daemon; by default it is none",
            covers("PROC-20"), docs("daemon")) {
  EXPECT_TRUE(create_process("daemon", {.daemon = true}).state().daemon);
  EXPECT_FALSE(create_process("ordinary").state().daemon);
}

REQUIREMENT(process_daemon, ends_with_its_parent, should,
            "when a process ends normally its daemons are terminated", covers("PROC-20"),
            docs("daemon"), notes("Processes, threads, coroutines")) {
  auto [object, parent, child] = start_family(true);
  child->expect_death();
  finish(*parent);
  EXPECT_TRUE(ends(*child));
}

REQUIREMENT(process_daemon, is_not_waited_for, should,
            "a daemon in the middle of something does not hold its parent's end up",
            covers("PROC-20"), docs("daemon")) {
  open_pipe("gate");
  auto [object, parent, child] = start_family(true);
  child->expect_death();
  pending_call waiting = begin_read(*child, "gate");
  ASSERT_TRUE(waiting.is_blocked());
  finish(*parent);
  EXPECT_TRUE(ends(*parent));
}

REQUIREMENT(process_daemon, outlived_by_ordinary_children, should,
            "at a parent's end its daemons go first; its ordinary children are waited for",
            covers("PROC-20"), docs("daemon")) {
  auto object = create_process("parent");
  actor& parent = object.start();
  actor& daemon = create_process(parent, "daemon", {.daemon = true}).start();
  actor& ordinary = create_process(parent, "ordinary").start();
  daemon.expect_death();
  finish(parent);
  EXPECT_TRUE(ends(daemon));
  EXPECT_TRUE(stays(parent));
  finish(ordinary);
  EXPECT_TRUE(ends(parent));
}

REQUIREMENT(process_daemon, dies_with_a_killed_parent, should,
            "a daemon ends as well when its parent is killed", covers("PROC-21"), man("prctl(2)"),
            notes("Processes, threads, coroutines"),
            erratum("By the notes only an orphan lives on. CPython's daemons survived a killed "
                    "parent as any child did: they are ended by code that the parent runs.")) {
  auto [object, parent, child] = start_family(true);
  child->expect_death();
  parent->kill(SIGKILL);
  EXPECT_TRUE(ends(*child));
}

REQUIREMENT(process_daemon, outlives_the_thread_that_started_it, should,
            "a daemon belongs to a process: the end of the thread that started it is nothing to it",
            covers("PROC-20"), docs("daemon"), man("prctl(2)")) {
  actor& starter = main_actor().start_thread("starter");
  actor& daemon = create_process(starter, "daemon", {.daemon = true}).start();
  finish(starter);
  ASSERT_TRUE(ends(starter));
  EXPECT_TRUE(stays(daemon));
  EXPECT_THAT(daemon.call("process.self"), returned());
}

REQUIREMENT(process_daemon, has_no_children, may,
            "a daemon that starts a process gets an assertion error", covers("PROC-26"),
            docs("daemon")) {
  actor& daemon = create_process("daemon", {.daemon = true}).start();
  EXPECT_THAT(create_process(daemon, "child").try_start(), raised("AssertionError"));
}

REQUIREMENT(process_end, leaves_no_process_behind, must,
            "when a process with daemons and children has ended, none of them is left",
            covers("PROC-19", "PROC-20"), docs("daemon"), man("wait(2)")) {
  auto object = create_process("parent");
  actor& parent = object.start();
  std::vector<pid_t> pids;
  for (const char* name : {"first", "second"}) {
    actor& daemon = create_process(parent, name, {.daemon = true}).start();
    daemon.expect_death();
    pids.push_back(daemon.pid());
  }
  actor& ordinary = create_process(parent, "third").start();
  pids.push_back(ordinary.pid());
  finish(ordinary);
  finish(parent);
  object.join();
  std::erase_if(pids, [](pid_t pid) { return !proc::exists(pid); });
  EXPECT_THAT(pids, IsEmpty());
}

}  // namespace
}  // namespace assay
