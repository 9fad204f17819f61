// Area thread: threads of one process, what they share, how they end, and what ends with them.
//
// Its terms are those of Python's threading.Thread. The process whose end is looked at is a child
// of main, so that main and the kernel can tell how it ended.
#include <array>
#include <set>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/process_steps.h"

namespace assay {
namespace {

using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::array three{"first", "second", "third"};

source docs(std::string_view member = "") {
  return python_docs("threading.Thread" + (member.empty() ? "" : "." + std::string(member)));
}
source comparison() { return notes("Processes, threads, coroutines"); }

made_thread object_of(actor& maker, const actor& thread) { return {maker, thread.name()}; }

// A child of main; what it starts, and how it ends, is the requirement's matter.
struct program {
  program() : object(create_process("program")), main(object.start()) {}
  made_process object;
  actor& main;
};

// ---- in a process -------------------------------------------------------------------------------

REQUIREMENT(thread_process, has_one_at_the_start, must, "a process begins with one thread",
            covers("THR-01"), man("pthreads(7)"), comparison()) {
  EXPECT_THAT(proc::threads(main_actor().pid()), SizeIs(1));
  EXPECT_THAT(proc::threads(program().main.pid()), SizeIs(1));
}

REQUIREMENT(thread_process, each_is_one_of_the_kernels, must,
            "a started thread is a thread of its process in the kernel", covers("THR-02"), docs(),
            man("gettid(2)")) {
  actor& thread = main_actor().start_thread("worker");
  EXPECT_THAT(proc::threads(main_actor().pid()),
              UnorderedElementsAre(main_actor().pid(), thread.tid()));
}

REQUIREMENT(thread_process, same_pid, must, "the threads of a process have one pid",
            covers("THR-02"), man("pthreads(7)"), comparison()) {
  for (const char* name : three) {
    EXPECT_EQ(identity_of(main_actor().start_thread(name)).pid, main_actor().pid());
  }
}

REQUIREMENT(thread_process, distinct_tids, must, "each thread has a kernel thread id of its own",
            covers("THR-02"), man("gettid(2)"), comparison()) {
  std::set<pid_t> tids{identity_of(main_actor()).tid};
  for (const char* name : three) tids.insert(identity_of(main_actor().start_thread(name)).tid);
  EXPECT_THAT(tids, SizeIs(4));
}

REQUIREMENT(thread_process, starts_others, should, "a thread can start threads", covers("THR-02"),
            docs("start")) {
  actor& inner = main_actor().start_thread("outer").start_thread("inner");
  EXPECT_EQ(identity_of(inner).pid, main_actor().pid());
}

// ---- shared memory ------------------------------------------------------------------------------

REQUIREMENT(thread_memory, lists_are_shared, must,
            "what one thread appends to a global list is seen by every other", covers("THR-02"),
            docs(), comparison()) {
  set_data(main_actor(), "num", {11, 22});
  actor& first = main_actor().start_thread("first");
  actor& second = main_actor().start_thread("second");
  append_data(first, "num", 33);
  append_data(second, "num", 44);
  for (actor* each : {&main_actor(), &first, &second}) {
    EXPECT_EQ(get_data(*each, "num"), json({11, 22, 33, 44}));
  }
}

REQUIREMENT(thread_memory, new_globals_are_shared, must,
            "a global variable that a thread makes is there in all threads", covers("THR-02"),
            docs(), comparison()) {
  actor& thread = main_actor().start_thread("worker");
  set_data(thread, "made", "here");
  EXPECT_EQ(get_data(main_actor(), "made"), "here");
}

REQUIREMENT(thread_memory, the_heap_is_shared, must,
            "a byte that one thread writes is read by another", covers("THR-02", "CMP-09"),
            man("pthreads(7)"), comparison()) {
  main_actor().call("memory.allocate", {{"name", "m"}, {"bytes", 4096}});
  actor& thread = main_actor().start_thread("worker");
  thread.call("memory.write", {{"name", "m"}, {"bytes", 1}, {"value", 42}});
  EXPECT_THAT(main_actor().call("memory.read", {{"name", "m"}}), returned(42));
}

REQUIREMENT(thread_memory, descriptors_are_shared, should,
            "a pipe that one thread opens can be used by the others", covers("THR-02"),
            man("pthreads(7)"), comparison()) {
  actor& thread = main_actor().start_thread("worker");
  thread.call("pipe.open", {{"pipe", "p"}});
  write_pipe(main_actor(), "p", "to the thread");
  EXPECT_THAT(begin_read(thread, "p").finish(), returned("to the thread"));
}

// ---- locks --------------------------------------------------------------------------------------

REQUIREMENT(thread_lock, lets_one_in_at_a_time, should,
            "while one thread has a lock another waits for it, asleep, and then gets it",
            covers("THR-09"), python_docs("threading.Lock"), comparison()) {
  main_actor().call("lock.open", {{"lock", "l"}});
  actor& thread = main_actor().start_thread("worker");
  ASSERT_THAT(main_actor().call("lock.acquire", {{"lock", "l"}}), returned(nullptr));
  pending_call wanting = thread.begin("lock.acquire", {{"lock", "l"}});
  ASSERT_TRUE(wanting.is_blocked());
  main_actor().call("lock.release", {{"lock", "l"}});
  EXPECT_THAT(wanting.finish(), returned(nullptr));
}

REQUIREMENT(thread_lock, gives_up_at_its_timeout, should,
            "with a timeout the wait for a lock ends when that has passed", covers("THR-09"),
            python_docs("threading.Lock.acquire")) {
  main_actor().call("lock.open", {{"lock", "l"}});
  actor& thread = main_actor().start_thread("worker");
  ASSERT_THAT(main_actor().call("lock.acquire", {{"lock", "l"}}), returned(nullptr));
  EXPECT_THAT(thread.call("lock.acquire", {{"lock", "l"}, {"timeout", 0.02}}),
              raised("TimedOut").after(at_least(20ms)));
}

REQUIREMENT(thread_lock, guards_a_counter, should,
            "three threads that count under one lock lose no count", covers("THR-09"),
            python_docs("threading.Lock"), notes("web crawler"),
            erratum("The notes share data between threads without a lock. CPython 3.11 happened to "
                    "lose nothing in 800,000 counts; nothing promises that, and in C++ it is a "
                    "data race, which is undefined.")) {
  main_actor().call("lock.open", {{"lock", "l"}});
  set_data(main_actor(), "n", 0);
  std::vector<pending_call> counting;
  for (const char* name : three) {
    counting.push_back(main_actor().start_thread(name).begin(
        "data.count", {{"name", "n"}, {"times", 2000}, {"lock", "l"}}));
  }
  for (auto& each : counting) EXPECT_THAT(each.finish(), returned(nullptr));
  EXPECT_EQ(get_data(main_actor(), "n"), 6000);
}

// ---- at the same time ---------------------------------------------------------------------------

REQUIREMENT(thread_parallel, waits_overlap, must,
            "ten threads of a process wait for input at the same time", covers("THR-08", "CMP-08"),
            docs(), comparison()) {
  std::vector<pending_call> waiting;
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back("reader-" + std::to_string(i));
  for (const auto& name : names) {
    open_pipe(name);
    waiting.push_back(begin_read(main_actor().start_thread(name), name));
  }
  for (auto& each : waiting) EXPECT_TRUE(each.is_blocked());
  // The last goes first: none waits for one before it.
  for (std::size_t i = names.size(); i-- > 0;) {
    write_pipe(main_actor(), names[i], "go");
    EXPECT_THAT(waiting[i].finish(scaled(2s)), returned("go"));
  }
}

REQUIREMENT(thread_parallel, sleeps_overlap, must,
            "ten threads that sleep as long as each other are done after one such time",
            covers("THR-08"), docs(), comparison()) {
  std::vector<actor*> threads;
  for (int i = 0; i < 10; ++i) {
    threads.push_back(&main_actor().start_thread("sleeper-" + std::to_string(i)));
  }
  EXPECT_LT(time_of_sleeps(threads, 20ms), 120ms);
}

REQUIREMENT(thread_parallel, the_starter_goes_on, must,
            "the thread that started another goes on while that one waits", covers("THR-08"),
            docs("start")) {
  open_pipe("gate");
  pending_call waiting = begin_read(main_actor().start_thread("worker"), "gate");
  ASSERT_TRUE(waiting.is_blocked());
  write_pipe(main_actor(), "gate", "go");
  EXPECT_THAT(waiting.finish(), returned("go"));
}

// ---- join ---------------------------------------------------------------------------------------

REQUIREMENT(thread_join, waits_for_the_end, must, "join waits, asleep, until the thread has ended",
            covers("THR-04"), docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  pending_call join = object_of(main_actor(), thread).begin_join();
  ASSERT_TRUE(join.is_blocked());
  finish(thread);
  EXPECT_THAT(join.finish(), returned(nullptr));
}

REQUIREMENT(thread_join, gives_up_at_its_timeout, must,
            "join with a timeout returns when that has passed, and the thread runs on",
            covers("THR-04"), docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  EXPECT_THAT(object_of(main_actor(), thread).join(20ms), returned(nullptr).after(at_least(20ms)));
  EXPECT_THAT(thread.call("process.self"), returned());
}

REQUIREMENT(thread_join, ends_before_its_timeout, should,
            "join with a long timeout returns as soon as the thread has ended", covers("THR-04"),
            docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  finish(thread);
  EXPECT_THAT(object_of(main_actor(), thread).join(60s), returned(nullptr));
  EXPECT_EQ(object_of(main_actor(), thread).state().at("alive"), false);
}

REQUIREMENT(thread_join, again, should, "a thread can be joined many times", covers("THR-04"),
            docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  finish(thread);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(object_of(main_actor(), thread).join(), returned(nullptr));
  }
}

REQUIREMENT(thread_join, itself_is_an_error, should, "a thread that joins itself gets an error",
            covers("THR-04"), docs("join")) {
  actor& thread = main_actor().start_thread("worker");
  EXPECT_THAT(object_of(thread, thread).join(), raised("RuntimeError"));
}

// ---- what the object tells ----------------------------------------------------------------------

REQUIREMENT(thread_state, alive_while_it_runs, must,
            "a thread is alive while it runs and not once it has been joined", covers("THR-04"),
            docs("is_alive")) {
  actor& thread = main_actor().start_thread("worker");
  auto object = object_of(main_actor(), thread);
  EXPECT_EQ(object.state().at("alive"), true);
  finish(thread);
  object.join();
  EXPECT_EQ(object.state().at("alive"), false);
}

REQUIREMENT(thread_state, name, should, "a thread has the name that it was given", covers("THR-02"),
            docs("name")) {
  actor& thread = main_actor().start_thread("worker");
  EXPECT_EQ(object_of(main_actor(), thread).state().at("name"), "worker");
}

REQUIREMENT(thread_state, daemon, should, "the thread object tells whether it is a daemon",
            covers("THR-05"), docs("daemon")) {
  actor& daemon = main_actor().start_thread("daemon", true);
  actor& ordinary = main_actor().start_thread("ordinary");
  EXPECT_EQ(object_of(main_actor(), daemon).state().at("daemon"), true);
  EXPECT_EQ(object_of(main_actor(), ordinary).state().at("daemon"), false);
}

}  // namespace
}  // namespace assay
