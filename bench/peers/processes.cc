#include "bench/peers/processes.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <new>

#include "impl/base/system_call.h"

namespace assay::bench {
namespace {

using clock = std::chrono::steady_clock;

struct report {
  clock::time_point start;
  clock::time_point end;
  account work;
};

constexpr int most_processes = 64;

struct board {
  std::atomic<int> ready;
  std::atomic<bool> go;
  report reports[most_processes];
};

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  ref::check(::sched_getaffinity(0, sizeof(set), &set), "sched_getaffinity");
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

pid_t start(board& shared, int slot, const std::vector<int>& cpus, int index,
            const std::function<account(int)>& work) {
  const pid_t child = ref::check(::fork(), "fork");
  if (child != 0) return child;
  int code = 1;
  try {
    pin_to(cpus, index);
    ++shared.ready;
    while (!shared.go) ::sched_yield();
    report& mine = shared.reports[slot];
    mine.start = clock::now();
    mine.work = work(index);
    mine.end = clock::now();
    code = 0;
  } catch (...) {
  }
  ::_exit(code);
}

void add(account& total, const account& part) {
  total.messages += part.messages;
  total.sum += part.sum;
  total.in_order = total.in_order && part.in_order;
}

}  // namespace

void pin_to(const std::vector<int>& cpus, int index) {
  if (cpus.empty()) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpus[static_cast<std::size_t>(index) % cpus.size()], &set);
  ref::check(::sched_setaffinity(0, sizeof(set), &set), "sched_setaffinity");
}

placement same_core() {
  const int cpu = allowed_cpus().front();
  return {.producers = {cpu}, .consumers = {cpu}};
}

placement cross_core() {
  const auto cpus = allowed_cpus();
  if (cpus.size() < 2) return {};
  return {.producers = {cpus[0]}, .consumers = {cpus[1]}};
}

race_result race(int producers, int consumers, const placement& where,
                 const std::function<account(int)>& produce,
                 const std::function<account(int)>& consume) {
  void* memory =
      ::mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ref::check(memory == MAP_FAILED ? -1 : 0, "mmap");
  auto* shared = new (memory) board();
  std::vector<pid_t> children;
  for (int i = 0; i < producers; ++i) {
    children.push_back(start(*shared, i, where.producers, i, produce));
  }
  for (int i = 0; i < consumers; ++i) {
    children.push_back(start(*shared, producers + i, where.consumers, i, consume));
  }
  while (shared->ready < producers + consumers) ::sched_yield();
  shared->go = true;
  race_result result;
  for (const pid_t child : children) {
    int status = 0;
    rusage used{};
    ref::check(ref::retry_interrupted([&] { return ::wait4(child, &status, 0, &used); }), "wait4");
    for (const timeval& each : {used.ru_utime, used.ru_stime}) {
      result.processor_time +=
          std::chrono::seconds(each.tv_sec) + std::chrono::microseconds(each.tv_usec);
    }
    result.all_ended_well = result.all_ended_well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  auto first = clock::time_point::max();
  auto last = clock::time_point::min();
  for (int i = 0; i < producers + consumers; ++i) {
    const report& one = shared->reports[i];
    first = std::min(first, one.start);
    last = std::max(last, one.end);
    add(i < producers ? result.produced : result.consumed, one.work);
  }
  result.elapsed = last - first;
  ::munmap(memory, sizeof(board));
  return result;
}

}  // namespace assay::bench
