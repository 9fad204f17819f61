// Area pool: worker processes that take tasks, and what becomes of results, errors and workers.
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/pool_steps.h"

namespace assay {

std::vector<pid_t> task_pool::workers() { return proc::children(main_actor().pid()); }

std::set<pid_t> performers() {
  std::set<pid_t> found;
  for (const event& each : events()) found.insert(each.pid);
  return found;
}

namespace {

using namespace steps;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

source docs(std::string_view name = "") {
  return python_docs("multiprocessing.pool.Pool" + (name.empty() ? "" : "." + std::string(name)));
}

const body identity = {argument()};

// ---- workers ------------------------------------------------------------------------------------

REQUIREMENT(pool_size, as_given, must, "a pool of three has three workers, seen in the kernel",
            covers("POOL-01", "POOL-02", "POOL-16"), docs(), notes("Pool"),
            erratum("The notes say that a process is made when a request comes and there is room. "
                    "All workers are made at once. They also say that their example gives no "
                    "maximum; it says Pool(3).")) {
  task_pool pool(3);
  EXPECT_THAT(pool.size(), returned(3));
  EXPECT_TRUE(await([] { return task_pool::workers().size() == 3; }));
}

REQUIREMENT(pool_size, no_more_at_once, must,
            "never do more tasks run at the same time than there are workers", covers("POOL-01"),
            docs(), notes("Pool")) {
  task_pool pool(2);
  for (const char* name : {"a", "b", "c", "d"}) pool.occupy(name);
  ASSERT_THAT(await_events(2), SizeIs(Ge(2u)));
  for (const pid_t worker : task_pool::workers()) {
    EXPECT_TRUE(await([&] { return proc::state(worker, worker) == 'S'; }));
  }
  EXPECT_THAT(events(), SizeIs(2));
  EXPECT_THAT(performers(), SizeIs(2));
}

REQUIREMENT(pool_size, default_is_the_usable_processors, must,
            "without a size there are as many workers as processors that the process may use",
            covers("POOL-15"), docs(), notes("Pool"),
            erratum("Before Python 3.13 it is the number of processors of the machine, whatever "
                    "the process may use.")) {
  // Of one processor only, as taskset would have it.
  cpu_set_t usable;
  CPU_ZERO(&usable);
  ASSERT_EQ(::sched_getaffinity(main_actor().pid(), sizeof usable, &usable), 0);
  int first = 0;
  while (!CPU_ISSET(first, &usable)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(main_actor().pid(), sizeof one, &one), 0);
  task_pool pool;
  EXPECT_THAT(pool.size(), returned(1));
}

REQUIREMENT(pool_size, bad_sizes_refused, must,
            "zero and negative sizes raise ValueError, what is no integer TypeError",
            covers("POOL-17"), docs()) {
  const auto open = [](const json& size) {
    return main_actor().call("pool.open", {{"pool", "p"}, {"size", size}});
  };
  EXPECT_THAT(open(0), raised("ValueError"));
  EXPECT_THAT(open(-1), raised("ValueError"));
  EXPECT_THAT(open("x"), raised("TypeError"));
}

REQUIREMENT(pool_workers, used_again, must,
            "a worker that has finished a task takes the next: no task has a process of its own",
            covers("POOL-03"), docs(), notes("Pool"),
            erratum("The notes let a request wait until a process ends. Workers do not end between "
                    "tasks.")) {
  task_pool pool(2);
  for (int i = 0; i < 20; ++i) pool.apply(log_identity());
  EXPECT_THAT(performers(), SizeIs(Le(2u)));
}

REQUIREMENT(pool_workers, are_other_processes, must, "tasks run in other processes, not here",
            covers("POOL-01"), docs(), notes("Pool")) {
  task_pool pool(1);
  const auto self = pool.apply({step("process.self")}).result();
  EXPECT_NE(self["pid"], main_actor().pid());
  EXPECT_EQ(self["ppid"], main_actor().pid());
}

REQUIREMENT(pool_workers, what_they_change_stays_there, must,
            "what a task changes in memory is not seen here", covers("POOL-01"), docs()) {
  main_actor().call("data.set", {{"name", "x"}, {"value", "here"}});
  task_pool pool(1);
  EXPECT_THAT(pool.apply({step("data.get", {{"name", "x"}})}), returned("here"));
  pool.apply({step("data.set", {{"name", "x"}, {"value", "there"}})});
  EXPECT_THAT(main_actor().call("data.get", {{"name", "x"}}), returned("here"));
}

REQUIREMENT(pool_workers, initializer_runs_first, should,
            "the initializer runs once in each worker, before its first task", covers("POOL-02"),
            docs()) {
  task_pool pool(2, {{"initializer", body{step("data.add", {{"name", "n"}}), log("ready")}}});
  EXPECT_THAT(pool.apply({step("data.get", {{"name", "n"}})}), returned(1));
  EXPECT_THAT(await_events(2), SizeIs(2));
  EXPECT_THAT(performers(), SizeIs(2));
}

REQUIREMENT(pool_workers, replaced_after_their_number_of_tasks, should,
            "with a most number of tasks a worker is replaced after it", covers("POOL-03"),
            docs()) {
  task_pool pool(1, {{"max_tasks", 2}});
  for (int i = 0; i < 6; ++i) pool.apply(log_identity());
  EXPECT_THAT(performers(), SizeIs(3));
}

REQUIREMENT(pool_workers, have_no_children, should,
            "a task cannot start a process: workers are daemons", covers("POOL-19"),
            python_docs("multiprocessing.Process.daemon")) {
  task_pool pool(1);
  EXPECT_THAT(pool.apply({step("process.start", {{"actor", "grandchild"}})}),
              raised("AssertionError"));
}

// ---- order and time -----------------------------------------------------------------------------

REQUIREMENT(pool_order, tasks_begin_in_their_order, must,
            "tasks begin in the order in which they were handed in", covers("POOL-04"), docs(),
            notes("Pool")) {
  task_pool pool(1);
  std::vector<json> expected;
  for (int i = 0; i < 10; ++i) {
    pool.apply_async("t" + std::to_string(i), {log(i)});
    expected.push_back(i);
  }
  pool.get("t9");
  EXPECT_EQ(event_values(), expected);
}

REQUIREMENT(pool_order, a_free_worker_takes_the_next, must,
            "a task that waits begins as soon as a worker is free", covers("POOL-03", "POOL-05"),
            docs(), notes("Pool")) {
  task_pool pool(2);
  pool.occupy("long");
  ASSERT_THAT(await_events(1), SizeIs(1));
  for (int i = 0; i < 5; ++i) pool.apply_async("t" + std::to_string(i), {log(i)});
  EXPECT_THAT(pool.get("t4"), returned());
  EXPECT_THAT(performers(), SizeIs(2));
}

REQUIREMENT(pool_order, waves, must,
            "nine tasks that wait, on three workers, take three times as long as one",
            covers("POOL-05"), docs(), notes("Pool")) {
  task_pool pool(3);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 9; ++i) pool.apply_async("t" + std::to_string(i), {sleep(20ms)});
  for (int i = 0; i < 9; ++i) pool.get("t" + std::to_string(i)).result();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, 60ms);
  EXPECT_LE(took, 60ms + scaled(1s));
}

REQUIREMENT(pool_example, the_notes, must,
            "in the notes' example three tasks start first, and the end is told after all ten",
            covers("POOL-18"), notes("Pool"),
            erratum("As printed the example does not compile: its last line but one is not "
                    "indented as the others are.")) {
  task_pool pool(3);
  for (int i = 0; i < 10; ++i) {
    pool.apply_async("t" + std::to_string(i), {log("start"), sleep(5ms), log("end")});
  }
  pool.close();
  pool.join();
  main_actor().call("event.log", {{"value", "all"}});
  const auto seen = event_values();
  ASSERT_THAT(seen, SizeIs(21));
  EXPECT_EQ(seen.back(), "all");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "end"), 10);
  int running = 0;
  for (const json& each : seen) {
    running += each == "start" ? 1 : each == "end" ? -1 : 0;
    EXPECT_THAT(running, Le(3));
  }
}

// ---- the end ------------------------------------------------------------------------------------

REQUIREMENT(pool_close, refuses_new_tasks, must,
            "after close a new task raises ValueError; closing again does no harm",
            covers("POOL-10"), docs("close"), notes("Pool")) {
  task_pool pool(1);
  EXPECT_THAT(pool.close(), returned());
  EXPECT_THAT(pool.close(), returned());
  EXPECT_THAT(pool.apply_async("t", identity, {1}), raised("ValueError"));
  EXPECT_THAT(pool.apply(identity, {1}), raised("ValueError"));
}

REQUIREMENT(pool_close, performs_what_waits, must, "tasks handed in before close are performed",
            covers("POOL-10", "POOL-12"), docs("close"), notes("Pool")) {
  task_pool pool(2);
  // Stopped until the pool is closed: no worker can be done before.
  ASSERT_TRUE(await([] { return task_pool::workers().size() == 2; }));
  for (const pid_t worker : task_pool::workers()) ::kill(worker, SIGSTOP);
  for (int i = 0; i < 20; ++i) pool.apply_async("t" + std::to_string(i), {log(i)});
  pool.close();
  for (const pid_t worker : task_pool::workers()) ::kill(worker, SIGCONT);
  EXPECT_THAT(pool.join(), returned());
  EXPECT_THAT(events(), SizeIs(20));
}

REQUIREMENT(pool_join, waits_for_all, must, "join returns when every task is done, not before",
            covers("POOL-12"), docs("join"), notes("Pool")) {
  task_pool pool(1);
  pool.apply_async("t", {log("begun"), sleep(40ms), log("done")});
  pool.close();
  EXPECT_THAT(pool.join(), returned());
  EXPECT_THAT(event_values(), ElementsAre("begun", "done"));
  EXPECT_TRUE(await([] { return task_pool::workers().empty(); }));
}

REQUIREMENT(pool_join, needs_close_first, must, "join before close or terminate is an error",
            covers("POOL-11"), docs("join"), notes("Pool")) {
  EXPECT_THAT(task_pool(1).join(), raised("ValueError"));
}

REQUIREMENT(pool_terminate, ends_at_once, must,
            "terminate ends running tasks at once; they have no value, and join returns",
            covers("POOL-13"), docs("terminate")) {
  task_pool pool(2);
  pool.occupy("t");
  await_events(1);
  EXPECT_THAT(pool.terminate(), returned());
  EXPECT_THAT(pool.join(), returned().after(at_once()));
  EXPECT_THAT(pool.get("t", 0.02).error_type(), AnyOf("TimedOut", "RemoteError"));
  EXPECT_TRUE(await([] { return task_pool::workers().empty(); }));
}

REQUIREMENT(pool_end, tasks_end_with_the_program, must,
            "when the program ends without join, unfinished tasks end too", covers("POOL-14"),
            docs(), notes("Pool")) {
  task_pool pool(2);
  pool.occupy("t");
  await_events(1);
  const auto workers = task_pool::workers();
  main_actor().call("actor.exit");
  for (const pid_t worker : workers) {
    EXPECT_TRUE(await([&] { return !proc::exists(worker); })) << worker;
  }
}

REQUIREMENT(pool_end, tasks_end_with_a_killed_program, should,
            "when the program is killed its workers end too", covers("POOL-14"),
            man("PR_SET_PDEATHSIG(2const)")) {
  task_pool pool(2);
  pool.occupy("t");
  await_events(1);
  const auto workers = task_pool::workers();
  main_actor().kill(SIGKILL);
  for (const pid_t worker : workers) {
    EXPECT_TRUE(await([&] { return !proc::exists(worker); }, 2s)) << worker;
  }
}

// ---- death --------------------------------------------------------------------------------------

// Kills the worker that performs the task of this name.
void kill_performer(const std::string& name) {
  ASSERT_TRUE(await([&] {
    const auto all = events();
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& each) { return each.value == name; });
  }));
  for (const event& each : events()) {
    if (each.value == name) ::kill(each.pid, SIGKILL);
  }
}

REQUIREMENT(pool_death, task_is_reported, should,
            "the task of a worker that is killed fails, and does not keep anybody waiting",
            covers("POOL-20"), docs(),
            erratum("In CPython the result of such a task never comes: get waits for ever, and "
                    "join, too, after close.")) {
  task_pool pool(2);
  pool.occupy("t");
  kill_performer("t");
  EXPECT_THAT(pool.get("t", 2), raised("RemoteError"));
}

REQUIREMENT(pool_death, others_go_on, must,
            "a killed worker costs no other task, and the pool is full again", covers("POOL-20"),
            docs()) {
  task_pool pool(2);
  pool.occupy("t");
  kill_performer("t");
  for (int i = 0; i < 10; ++i) EXPECT_THAT(pool.apply(identity, {i}), returned(i));
  EXPECT_TRUE(await([] { return task_pool::workers().size() == 2; }));
}

REQUIREMENT(pool_death, join_returns, should,
            "after the death of a worker close and join end as usual", covers("POOL-20"), docs()) {
  task_pool pool(2);
  pool.occupy("t");
  kill_performer("t");
  pool.apply(identity, {1});
  pool.close();
  EXPECT_THAT(main_actor().call("pool.join", {{"pool", "p"}}, scaled(3s)), returned());
}

REQUIREMENT(pool_death, exit_in_a_task_is_one, should,
            "a task that ends its process fails as one whose worker was killed", covers("POOL-20"),
            docs()) {
  task_pool pool(1);
  pool.apply_async("t", {step("process.exit_now", {{"code", 3}})});
  EXPECT_THAT(pool.get("t", 2), raised("RemoteError"));
  EXPECT_THAT(pool.apply(identity, {1}), returned(1));
}

REQUIREMENT(pool_errors, unknown_task_is_an_error, should,
            "a task that a worker cannot perform raises an exception, and hangs nobody",
            covers("POOL-21"), docs("apply_async")) {
  task_pool pool(1);
  pool.apply_async("t", {step("script.run", {{"steps", json::array()}})});
  EXPECT_THAT(pool.get("t"), raised("ValueError"));
}

}  // namespace
}  // namespace assay
