// Area thread: an exception in one of them, and the end of the process that they belong to.
#include <signal.h>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/process_steps.h"

namespace assay {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

source docs(std::string_view member = "") {
  return python_docs("threading.Thread" + (member.empty() ? "" : "." + std::string(member)));
}
source comparison() { return notes("Processes, threads, coroutines"); }

// A child of main; what it starts, and how it ends, is the requirement's matter.
struct program {
  program() : object(create_process("program")), main(object.start()) {}
  made_process object;
  actor& main;
};

// ---- an exception -------------------------------------------------------------------------------

REQUIREMENT(thread_exception, is_reported, should,
            "an uncaught exception in a thread is reported on stderr with the thread's name",
            covers("THR-07"), python_docs("threading.excepthook"), notes("Processes")) {
  fail(main_actor().start_thread("converter"), "ValueError", "no luck today");
  EXPECT_TRUE(says("no luck today"));
  EXPECT_THAT(standard_error(), HasSubstr("converter"));
}

REQUIREMENT(thread_exception, leaves_the_process_running, should,
            "an uncaught exception in one thread leaves the other threads running",
            covers("THR-07"), python_docs("threading.excepthook"), notes("Processes")) {
  actor& other = main_actor().start_thread("other");
  actor& thread = main_actor().start_thread("worker");
  fail(thread, "ValueError", "no luck");
  ASSERT_TRUE(ends(thread));
  EXPECT_THAT(other.call("process.self"), returned());
  EXPECT_THAT(main_actor().call("process.self"), returned());
}

REQUIREMENT(thread_exception, ends_its_own_thread, should,
            "the thread that an exception left has ended, and can be joined", covers("THR-07"),
            docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  fail(thread, "ValueError", "no luck");
  made_thread object(main_actor(), "worker");
  EXPECT_THAT(object.join(), returned(nullptr));
  EXPECT_EQ(object.state().at("alive"), false);
}

REQUIREMENT(thread_exception, does_not_change_the_exit_code, should,
            "a process one of whose threads was left by an exception ends with exit code 0",
            covers("THR-07"), python_docs("threading.excepthook")) {
  program the;
  actor& thread = the.main.start_thread("worker");
  fail(thread, "ValueError", "no luck");
  ASSERT_TRUE(ends(thread));
  finish(the.main);
  the.object.join();
  EXPECT_THAT(the.object.state().exit_code, Optional(0));
}

REQUIREMENT(thread_exception, after_exit_only_the_thread_is_gone, must,
            "when a thread's function ends, the process goes on without it", covers("THR-02"),
            docs(), man("pthreads(7)")) {
  actor& thread = main_actor().start_thread("worker");
  finish(thread, 3);
  ASSERT_TRUE(ends(thread));
  EXPECT_THAT(proc::threads(main_actor().pid()), Not(Contains(thread.tid())));
  EXPECT_THAT(main_actor().call("process.self"), returned());
}

// ---- the main function returns ------------------------------------------------------------------

REQUIREMENT(thread_end, main_waits_for_threads, must,
            "a process whose main function has returned stays until its threads have ended",
            covers("THR-04", "THR-06"), docs("daemon"), comparison(),
            erratum("In C++ a return from main ends all threads, and a std::thread that was not "
                    "joined ends the program by SIGABRT. A library must see to the waiting.")) {
  program the;
  actor& thread = the.main.start_thread("worker");
  finish(the.main);
  EXPECT_TRUE(stays(thread));
  thread.call("event.log", {{"value", "thread done"}});
  finish(thread);
  EXPECT_TRUE(ends(the.main));
  EXPECT_THAT(event_values(), ElementsAre("thread done"));
}

REQUIREMENT(thread_end, main_waits_whatever_its_exit_code, should,
            "threads are waited for also when main exits with another code, which is kept",
            covers("THR-04"), docs("daemon"), comparison()) {
  program the;
  actor& thread = the.main.start_thread("worker");
  finish(the.main, 3);
  EXPECT_TRUE(stays(thread));
  finish(thread);
  the.object.join();
  EXPECT_THAT(the.object.state().exit_code, Optional(3));
}

REQUIREMENT(thread_end, unjoined_threads_finish_their_work, must,
            "threads that were started and never joined do all their work before the process ends",
            covers("THR-10", "THR-04"), docs("daemon"), notes("web crawler")) {
  program the;
  const json steps = {{{"op", "time.sleep"}, {"params", {{"seconds", 0.02}}}},
                      {{"op", "event.log"}, {"params", {{"value", "downloaded"}}}}};
  std::vector<pending_call> working;
  std::vector<actor*> threads;
  for (const char* name : {"first", "second", "third"}) {
    threads.push_back(&the.main.start_thread(name));
    working.push_back(threads.back()->begin("script.call", {{"steps", steps}}));
  }
  finish(the.main);
  for (auto& each : working) EXPECT_THAT(each.finish(), returned());
  for (actor* thread : threads) finish(*thread);
  the.object.join();
  EXPECT_THAT(event_values(), ElementsAre("downloaded", "downloaded", "downloaded"));
  EXPECT_THAT(the.object.state().exit_code, Optional(0));
}

REQUIREMENT(thread_end, main_does_not_wait_for_daemons, must,
            "a daemon thread ends with its process, whether it is finished or not",
            covers("THR-05"), docs("daemon"), comparison(),
            erratum("The notes say that all threads end with the main thread. That is so for "
                    "daemons, for a process that ends by _exit or a signal, and for a C++ main "
                    "that returns; other threads are waited for, as the same sentence says.")) {
  program the;
  actor& daemon = the.main.start_thread("daemon", true);
  daemon.expect_death();
  pending_call sleeping = daemon.begin("time.sleep", {{"seconds", 60}});
  ASSERT_TRUE(sleeping.is_blocked());
  finish(the.main);
  EXPECT_TRUE(ends(daemon));
  the.object.join(2s);
  EXPECT_THAT(the.object.state().exit_code, Optional(0));
}

REQUIREMENT(thread_end, daemons_end_after_the_others, should,
            "a daemon runs for as long as an ordinary thread of its process does", covers("THR-05"),
            docs("daemon")) {
  program the;
  actor& daemon = the.main.start_thread("daemon", true);
  actor& ordinary = the.main.start_thread("ordinary");
  daemon.expect_death();
  finish(the.main);
  EXPECT_TRUE(stays(daemon));
  EXPECT_THAT(daemon.call("process.self"), returned());
  finish(ordinary);
  EXPECT_TRUE(ends(daemon));
}

// ---- the process is ended -----------------------------------------------------------------------

REQUIREMENT(thread_end, sudden_end_takes_all, must, "_exit ends all threads of the process",
            covers("THR-05"), man("_exit(2)"), comparison()) {
  program the;
  actor& thread = the.main.start_thread("worker");
  thread.expect_death();
  exit_now(the.main, 6);
  EXPECT_TRUE(ends(thread));
  the.object.join(2s);
  EXPECT_THAT(the.object.state().exit_code, Optional(6));
}

REQUIREMENT(thread_end, a_thread_can_end_the_process, should,
            "_exit in any thread ends the whole process", covers("THR-05"), man("_exit(2)"),
            man("exit_group(2)")) {
  program the;
  actor& thread = the.main.start_thread("worker");
  the.main.expect_death();
  exit_now(thread, 6);
  EXPECT_TRUE(ends(the.main));
}

REQUIREMENT(thread_end, a_signal_takes_all, must,
            "a signal that ends the process ends all of its threads",
            covers("THR-05", "THR-03", "CMP-09"), man("signal(7)"), comparison()) {
  program the;
  actor& thread = the.main.start_thread("worker");
  thread.expect_death();
  the.main.kill(SIGKILL);
  EXPECT_TRUE(ends(thread));
}

}  // namespace
}  // namespace assay
