// Units that cost what they should not: most are of another kind than was asked for.
#include <time.h>

#include <chrono>
#include <string>
#include <vector>

#include "conformance/saboteurs/process_wrong.h"
#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs::processes {
namespace {

// Where a param has one value, the op is performed with another.
void take_for(adapter& to, const std::string& op, const char* param, const char* wanted,
              const char* taken) {
  to.replace(op, [=](const handler& perform, const json& params) {
    return perform(params.at(param) == wanted ? with(params, param, taken) : params);
  });
}

// Figures of one kind of unit are so many times what they are.
void inflate(adapter& to, const std::string& op, const char* kind, double factor) {
  to.replace(op, [=](const handler& perform, const json& params) {
    json seconds = perform(params);
    if (params.at("kind") == kind) {
      for (auto& each : seconds) each = each.get<double>() * factor;
    }
    return seconds;
  });
}

// By its own clock, which stands still while others have the processor.
void use_processor(std::chrono::nanoseconds time) {
  const auto used = [] {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  const auto begin = used();
  while (used() - begin < time) {
  }
}

// ---- what the units are -------------------------------------------------------------------------

SABOTEUR("cost.unit/processes-are-the-kernels", "threads", "makes threads in place of processes") {
  take_for(to, "cost.hold", "kind", "process", "thread");
}
SABOTEUR("cost.unit/processes-are-the-kernels", "kept", "never lets a process go") {
  to.replace("cost.release", [](const handler&, const json&) { return json(); });
}
SABOTEUR("cost.unit/threads-are-the-kernels", "coroutines", "makes coroutines of threads") {
  take_for(to, "cost.hold", "kind", "thread", "coroutine");
}
SABOTEUR("cost.unit/threads-are-the-kernels", "processes", "makes processes of threads") {
  take_for(to, "cost.hold", "kind", "thread", "process");
}
SABOTEUR("cost.unit/coroutines-are-none-of-the-kernels", "threads", "runs each in a thread") {
  take_for(to, "cost.hold", "kind", "coroutine", "thread");
}

SABOTEUR("cost.unit/ten-thousand-coroutines", "few", "has room for a thousand") {
  to.replace("cost.hold", [](const handler& hold, const json& params) {
    if (params.at("count") > 1000) throw raised("RuntimeError", "no room");
    return hold(params);
  });
}

// ---- start --------------------------------------------------------------------------------------

// Makes four processes of each thread.
void take_processes_for_threads(adapter& to, const char* op) {
  to.replace(op, [](const handler& original, json params) {
    if (params.at("kind") == "thread") {
      params["kind"] = "process";
      params["count"] = 4 * params.at("count").get<int>();
    }
    return original(params);
  });
}

SABOTEUR("cost.start/process-costs-more-than-thread", "processes",
         "makes four processes of each thread") {
  take_processes_for_threads(to, "cost.start");
}
SABOTEUR("cost.start/thread-costs-more-than-coroutine", "threads", "runs each in a thread") {
  take_for(to, "cost.start", "kind", "coroutine", "thread");
}
// Starting a unit takes longer for each that waits.
void look_at_all(adapter& to, double seconds_of_each) {
  static int waiting = 0;
  to.replace("cost.hold", [](const handler& hold, const json& params) {
    waiting = params.at("count");
    return hold(params);
  });
  to.replace("cost.release", [](const handler& release, const json& params) {
    waiting = 0;
    return release(params);
  });
  to.replace("cost.start", [=](const handler& start, const json& params) {
    json seconds = start(params);
    const double looking = seconds_of_each * waiting * params.at("count").get<double>();
    for (auto& each : seconds) each = each.get<double>() + looking;
    return seconds;
  });
}
SABOTEUR("cost.start/suspended-coroutines-make-none-dearer", "walk", "looks at all of them") {
  look_at_all(to, 10e-9);
}
SABOTEUR("cost.start/waiting-threads-make-none-dearer", "walk", "looks at all of them") {
  look_at_all(to, 100e-6);
}

// ---- memory -------------------------------------------------------------------------------------

SABOTEUR("cost.memory/process-needs-more-than-thread", "processes",
         "makes four processes of each thread") {
  take_processes_for_threads(to, "cost.hold");
}
// Each unit of a kind takes some memory in addition.
void fill_for_each(adapter& to, const char* kind, std::size_t bytes) {
  to.replace("cost.hold", [=](const handler& hold, const json& params) {
    static std::vector<std::string> filled;
    if (params.at("kind") == kind) {
      filled.emplace_back(params.at("count").get<std::size_t>() * bytes, 'x');
    }
    return hold(params);
  });
}
SABOTEUR("cost.memory/process-needs-more-than-thread", "stacks", "fills the stacks of threads") {
  fill_for_each(to, "thread", 1 << 20);
}
SABOTEUR("cost.memory/thread-needs-more-than-coroutine", "stacks", "has large coroutines") {
  fill_for_each(to, "coroutine", 1 << 14);
}

// ---- switch -------------------------------------------------------------------------------------

SABOTEUR("cost.switch/coroutine-is-cheaper-than-thread", "threads", "runs each in a thread") {
  take_for(to, "cost.switch", "kind", "coroutine", "thread");
}
SABOTEUR("cost.switch/coroutine-is-cheaper-than-process", "processes", "runs each in a process") {
  take_for(to, "cost.switch", "kind", "coroutine", "process");
}
SABOTEUR("cost.switch/process-and-thread-are-alike", "notes", "is as dear as the notes have it") {
  inflate(to, "cost.switch", "process", 50);
}
SABOTEUR("cost.switch/process-and-thread-are-alike", "free", "takes no time at all") {
  inflate(to, "cost.switch", "thread", 0);
}
SABOTEUR("cost.switch/million-a-second", "slow", "uses the processor for 6 microseconds each") {
  to.replace("cost.switch", [](const handler& perform, const json& params) {
    use_processor(params.at("count").get<int>() * 6us);
    return perform(params);
  });
}
SABOTEUR("cost.switch/coroutines-never-wait", "threads", "runs each in a thread") {
  take_for(to, "cost.switch", "kind", "coroutine", "thread");
}
SABOTEUR("cost.switch/threads-are-switched-by-the-kernel", "coroutines",
         "makes coroutines of them") {
  take_for(to, "cost.switch", "kind", "thread", "coroutine");
}
SABOTEUR("cost.switch/processes-are-switched-by-the-kernel", "coroutines",
         "makes coroutines of them") {
  take_for(to, "cost.switch", "kind", "process", "coroutine");
}

// ---- in parallel --------------------------------------------------------------------------------

SABOTEUR("cost.parallel/processes-compute-at-once", "coroutines", "makes coroutines of them") {
  take_for(to, "cost.compute", "kind", "process", "coroutine");
}
SABOTEUR("cost.parallel/threads-compute-at-once", "coroutines", "makes coroutines of them") {
  take_for(to, "cost.compute", "kind", "thread", "coroutine");
}
SABOTEUR("cost.parallel/coroutines-take-turns", "threads", "runs each in a thread") {
  take_for(to, "cost.compute", "kind", "coroutine", "thread");
}
SABOTEUR("cost.parallel/coroutines-take-turns", "greedy", "lets the first have all the time") {
  to.replace("cost.compute", [](const handler& perform, const json& params) {
    json rounds = perform(params);
    for (std::size_t i = 1; i < rounds.size(); ++i) rounds[i] = 0;
    return rounds;
  });
}

// ---- waits for many -----------------------------------------------------------------------------

SABOTEUR("cost.wait/epoll-does-not-count-the-idle", "poll", "waits by poll") {
  take_for(to, "cost.wait", "method", "epoll", "poll");
}
SABOTEUR("cost.wait/poll-looks-at-each", "epoll", "waits by epoll") {
  take_for(to, "cost.wait", "method", "poll", "epoll");
}

}  // namespace
}  // namespace assay::saboteurs::processes
