// Area cost: what processes, threads and coroutines cost, as ratios of figures of one run.
#include <algorithm>
#include <vector>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/cost_steps.h"

namespace assay {
namespace {

using cost::among;
using cost::expect_less;
using cost::expect_more;
using cost::starting;
using cost::switching;
using cost::waiting;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Gt;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

source comparison() { return notes("Processes, threads, coroutines"); }

// What the kernel has of the testee: the main process's threads, and its descendants.
class family {
 public:
  std::vector<pid_t> processes_not_in(const family& before) const {
    return not_in(before.processes_, processes_);
  }
  std::vector<pid_t> threads_not_in(const family& before) const {
    return not_in(before.threads_, threads_);
  }

 private:
  static std::vector<pid_t> not_in(const std::vector<pid_t>& before, std::vector<pid_t> now) {
    std::erase_if(now, [&](pid_t each) { return std::ranges::count(before, each) != 0; });
    return now;
  }
  std::vector<pid_t> processes_ = proc::descendants(main_actor().pid());
  std::vector<pid_t> threads_ = proc::threads(main_actor().pid());
};

// Units that wait while a requirement looks at them.
class held {
 public:
  held(const char* kind, int count) { cost::hold(kind, count); }
  ~held() { cost::release(); }
  held(const held&) = delete;
  held& operator=(const held&) = delete;
};

void hand_over(const char* kind, int count) {
  EXPECT_THAT(main_actor().call("cost.switch", {{"kind", kind}, {"count", count}}), returned());
}

// How often the kernel put another in the main thread's place while it handed control over. Who
// hands over may be interrupted by the one that it woke, which is no wait.
std::uint64_t switches_in(const char* kind, int count) {
  const pid_t pid = main_actor().pid();
  const auto before = proc::context_switches(pid, pid);
  hand_over(kind, count);
  return proc::context_switches(pid, pid) - before;
}

// ---- what the units are -------------------------------------------------------------------------

REQUIREMENT(cost_unit, processes_are_the_kernels, must,
            "each process is one of the kernel's, with a thread of its own", covers("CMP-07"),
            man("fork(2)"), comparison()) {
  const family before;
  {
    const held three("process", 3);
    const auto processes = family().processes_not_in(before);
    EXPECT_THAT(processes, SizeIs(3));
    for (const pid_t pid : processes) EXPECT_THAT(proc::threads(pid), SizeIs(Ge(1U)));
  }
  EXPECT_THAT(family().processes_not_in(before), IsEmpty()) << "after they have been reaped";
}

REQUIREMENT(cost_unit, threads_are_the_kernels, must,
            "each thread is one of the kernel's, in the process that started it", covers("CMP-07"),
            man("pthreads(7)"), comparison()) {
  const family before;
  {
    const held three("thread", 3);
    EXPECT_THAT(family().threads_not_in(before), SizeIs(3));
    EXPECT_THAT(family().processes_not_in(before), IsEmpty());
  }
  EXPECT_TRUE(await([&] { return family().threads_not_in(before).empty(); }))
      << "there are threads left after they have been joined";
}

REQUIREMENT(cost_unit, coroutines_are_none_of_the_kernels, must,
            "a thousand suspended coroutines are neither processes nor threads",
            covers("CMP-06", "CMP-07"), comparison()) {
  const family before;
  const held thousand("coroutine", 1000);
  EXPECT_THAT(family().threads_not_in(before), IsEmpty());
  EXPECT_THAT(family().processes_not_in(before), IsEmpty());
}

REQUIREMENT(cost_unit, ten_thousand_coroutines, should,
            "ten thousand coroutines can be suspended at the same time, and all end",
            covers("CMP-07"), notes("Coroutines")) {
  const held ten_thousand("coroutine", 10'000);
}

// ---- start --------------------------------------------------------------------------------------

REQUIREMENT(cost_start, process_costs_more_than_thread, should,
            "to start and reap a process takes at least twice the time that a thread takes",
            covers("CMP-01", "CMP-09"), man("fork(2)"), comparison()) {
  expect_more(starting("process", 1), 2, starting("thread", 1));
}

REQUIREMENT(cost_start, thread_costs_more_than_coroutine, should,
            "to start and join a thread takes at least five times the time that a coroutine takes",
            covers("CMP-01"), man("pthread_create(3)"), comparison()) {
  expect_more(starting("thread", 1), 5, starting("coroutine", 20));
}

REQUIREMENT(cost_start, suspended_coroutines_make_none_dearer, should,
            "with a thousand suspended coroutines, to start another takes less than five times as "
            "long",
            covers("CMP-01"), comparison()) {
  const auto start = starting("coroutine", 20);
  expect_less(among("coroutine", 1000, start), 5, start);
}

REQUIREMENT(cost_start, waiting_threads_make_none_dearer, should,
            "with a hundred threads that wait, to start another takes less than five times as long",
            covers("CMP-01"), man("pthread_create(3)"), comparison()) {
  const auto start = starting("thread", 1);
  expect_less(among("thread", 100, start), 5, start);
}

// ---- memory -------------------------------------------------------------------------------------

REQUIREMENT(cost_memory, process_needs_more_than_thread, should,
            "a waiting process has more memory to itself than a waiting thread adds",
            covers("CMP-07"), man("proc_pid_smaps(5)"), comparison()) {
  const double thread = cost::bytes_of_each("thread", 50);
  const double process = cost::bytes_of_each("process", 4);
  EXPECT_GT(process, 1.2 * thread);
}

REQUIREMENT(
    cost_memory, thread_needs_more_than_coroutine, should,
    "a waiting thread adds more memory than a suspended coroutine does, in user space alone",
    covers("CMP-07"), man("proc_pid_smaps(5)"), comparison()) {
  const double coroutine = cost::bytes_of_each("coroutine", 1000);
  const double thread = cost::bytes_of_each("thread", 50);
  EXPECT_GT(thread, 1.2 * coroutine);
}

// ---- switch -------------------------------------------------------------------------------------

REQUIREMENT(cost_switch, coroutine_is_cheaper_than_thread, must,
            "a switch between coroutines takes less than a fifth of one between threads",
            covers("CMP-03"), comparison()) {
  expect_more(switching("thread", 40), 5, switching("coroutine", 1000));
}

REQUIREMENT(cost_switch, coroutine_is_cheaper_than_process, must,
            "a switch between coroutines takes less than a fifth of one between processes",
            covers("CMP-03"), comparison()) {
  expect_more(switching("process", 40), 5, switching("coroutine", 1000));
}

REQUIREMENT(cost_switch, process_and_thread_are_alike, may,
            "a switch between processes and one between threads are of one order: the one takes "
            "less than ten times the other",
            covers("CMP-02"), man("sched(7)"), comparison(),
            erratum("The notes call a process switch very expensive and a thread switch medium. On "
                    "one processor, through pipes, both took 4.1 µs; across processors both took "
                    "33 µs. What a process pays for in addition, its other address space, was not "
                    "to be seen beside the system calls.")) {
  const auto are_alike = [](const cost::seconds& best) {
    return best.first < 10 * best.second && best.second < 10 * best.first;
  };
  const auto best = cost::best_of(switching("process", 40), switching("thread", 40), are_alike);
  cost::note("process switch / thread switch = " + std::to_string(best.first / best.second));
  EXPECT_GT(std::min(best.first, best.second), 0);
  EXPECT_TRUE(are_alike(best)) << cost::in_units(best.first) << " and "
                               << cost::in_units(best.second);
}

REQUIREMENT(cost_switch, million_a_second, must,
            "coroutines switch a million times in a second of processor time, without a pause",
            covers("CMP-03"), notes("Coroutines"),
            erratum("The notes add that a thread switch is dear because of caches of its own that "
                    "the system restores. A thread has no cache of its own; what it takes is a "
                    "system call and the scheduler.")) {
  constexpr int count = 100'000;
  const pid_t pid = main_actor().pid();
  const auto before = proc::cpu_time(pid, pid);
  hand_over("coroutine", count);
  const auto used = proc::cpu_time(pid, pid) - before;
  cost::note("the kernel counts " +
             cost::in_units(std::chrono::duration<double>(used).count() / count) + " each");
  EXPECT_LT(used, scaled(1s) * count / 1'000'000);
}

REQUIREMENT(cost_switch, coroutines_never_wait, must,
            "a hundred thousand switches between coroutines are no waits of their thread",
            covers("CMP-03", "CMP-06"), notes("Coroutines")) {
  const pid_t pid = main_actor().pid();
  const auto before = proc::voluntary_switches(pid, pid);
  hand_over("coroutine", 100'000);
  EXPECT_THAT(proc::voluntary_switches(pid, pid) - before, Le(20));
}

REQUIREMENT(cost_switch, threads_are_switched_by_the_kernel, must,
            "of a thousand switches between threads the kernel sees each",
            covers("CMP-07", "CMP-03"), man("sched(7)"), comparison()) {
  EXPECT_THAT(switches_in("thread", 1000), Ge(400U));
}

REQUIREMENT(cost_switch, processes_are_switched_by_the_kernel, must,
            "of a thousand switches between processes the kernel sees each", covers("CMP-02"),
            man("sched(7)"), comparison()) {
  EXPECT_THAT(switches_in("process", 1000), Ge(400U));
}

// ---- in parallel --------------------------------------------------------------------------------

REQUIREMENT(cost_parallel, processes_compute_at_once, must,
            "processes that compute do not wait for one another, so that each can have a processor",
            covers("CMP-04"), man("sched(7)"), comparison()) {
  EXPECT_GE(cost::compute("process", 8).at_once, 2);
}

REQUIREMENT(cost_parallel, threads_compute_at_once, must,
            "threads that compute do not wait for one another, so that each can have a processor",
            covers("CMP-05", "CMP-08"), man("sched(7)"), comparison()) {
  EXPECT_GE(cost::compute("thread", 8).at_once, 2);
}

REQUIREMENT(cost_parallel, coroutines_take_turns, must,
            "of coroutines that compute, all get on, and never two at once", covers("CMP-06"),
            comparison()) {
  const auto computed = cost::compute("coroutine", 4);
  EXPECT_LE(computed.at_once, 1);
  EXPECT_THAT(computed.rounds, Each(Gt(0)));
}

// ---- waits for many -----------------------------------------------------------------------------

REQUIREMENT(cost_wait, epoll_does_not_count_the_idle, should,
            "epoll_wait with 800 idle descriptors takes less than three times as long as with ten",
            covers("SRV-30"), man("epoll(7)"), notes("epoll")) {
  expect_less(waiting("epoll", 800, 100), 3, waiting("epoll", 10, 100));
}

REQUIREMENT(cost_wait, poll_looks_at_each, should,
            "poll with 800 idle descriptors takes more than five times as long as with ten",
            covers("SRV-30"), man("poll(2)"), notes("epoll")) {
  expect_more(waiting("poll", 800, 20), 5, waiting("poll", 10, 20));
}

}  // namespace
}  // namespace assay
