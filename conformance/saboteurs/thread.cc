// Wrong threads: what they share, how they are joined, and whom their end takes along.
#include <sys/syscall.h>

#include <atomic>
#include <cstdio>
#include <set>

#include "conformance/saboteurs/process_wrong.h"
#include "conformance/saboteurs/saboteur.h"
#include "impl/process/process.h"

namespace assay::saboteurs::processes {
namespace {

bool in_thread() { return ::gettid() != ::getpid(); }

void start_sleeper() {
  std::thread([] { std::this_thread::sleep_for(60s); }).detach();
}

// ---- in a process -------------------------------------------------------------------------------

SABOTEUR("thread.process/has-one-at-the-start", "helper", "has a helper thread from the start") {
  start_sleeper();
}
SABOTEUR("thread.process/each-is-one-of-the-kernels", "two", "starts two for one") {
  to.replace("thread.start", [](const handler& start, const json& params) {
    start_sleeper();
    return start(params);
  });
}
SABOTEUR("thread.process/same-pid", "tid", "has its thread id for a pid") {
  set_result(to, "process.self", "pid", 1);
}
SABOTEUR("thread.process/distinct-tids", "pid", "has the pid for all thread ids") {
  set_result(to, "process.self", "tid", main_process);
}
SABOTEUR("thread.process/starts-others", "refuses", "lets the main thread start threads only") {
  refuse(to, "thread.start", "RuntimeError", in_thread);
}

// ---- shared memory ------------------------------------------------------------------------------

SABOTEUR("thread.memory/lists-are-shared", "own", "does not share what a thread appends") {
  skip(to, "data.append", in_thread);
}
SABOTEUR("thread.memory/new-globals-are-shared", "own", "does not share what a thread sets") {
  to.replace("data.set", [](const handler& set, const json& params) {
    return set(in_thread() ? with(params, "value", nullptr) : params);
  });
}
SABOTEUR("thread.memory/the-heap-is-shared", "own", "does not share what a thread writes") {
  skip(to, "memory.write", in_thread);
}
SABOTEUR("thread.memory/descriptors-are-shared", "own", "does not share what a thread opens") {
  skip(to, "pipe.open", in_thread);
}

// ---- locks --------------------------------------------------------------------------------------

SABOTEUR("thread.lock/lets-one-in-at-a-time", "open", "locks nothing") {
  skip(to, "lock.acquire", [] { return true; });
}
SABOTEUR("thread.lock/gives-up-at-its-timeout", "open", "enters when the time is over") {
  swallow(to, "lock.acquire");
}
SABOTEUR("thread.lock/guards-a-counter", "unlocked", "counts without the lock") {
  to.replace("data.count", [get = to.at("data.get"), set = to.at("data.set")](const handler&,
                                                                              const json& params) {
    const json name{{"name", params.at("name")}};
    const int before = get(name);
    std::this_thread::sleep_for(20ms);
    return set(with(name, "value", before + params.at("times").get<int>()));
  });
}

// ---- at the same time ---------------------------------------------------------------------------

SABOTEUR("thread.parallel/waits-overlap", "in-turn", "runs one at a time") {
  one_at_a_time(to, {"pipe.read"});
}
SABOTEUR("thread.parallel/sleeps-overlap", "in-turn", "runs one at a time") {
  one_at_a_time(to, {"time.sleep"});
}
SABOTEUR("thread.parallel/the-starter-goes-on", "in-turn", "runs one at a time") {
  one_at_a_time(to, {"pipe.read", "pipe.write"});
}

// ---- join and state -----------------------------------------------------------------------------

SABOTEUR("thread.join/waits-for-the-end", "never-waits", "join does not wait") {
  set_param(to, "thread.join", "timeout", 0);
}
SABOTEUR("thread.join/gives-up-at-its-timeout", "never-waits", "join does not wait") {
  set_param(to, "thread.join", "timeout", 0);
}
SABOTEUR("thread.join/ends-before-its-timeout", "undead", "takes every thread for alive") {
  set_result(to, "thread.state", "alive", true);
}
SABOTEUR("thread.join/again", "once", "can be joined once") {
  to.replace("thread.join", [](const handler& join, const json& params) {
    static std::set<json> joined;
    if (!joined.insert(params.at("actor")).second) throw raised("RuntimeError", "joined before");
    return join(params);
  });
}
SABOTEUR("thread.join/itself-is-an-error", "lenient", "takes joining itself for done") {
  swallow(to, "thread.join");
}

SABOTEUR("thread.state/alive-while-it-runs", "dead", "takes every thread for dead") {
  set_result(to, "thread.state", "alive", false);
}
SABOTEUR("thread.state/name", "forgets", "forgets the name") {
  set_result(to, "thread.state", "name", "Thread-1");
}
SABOTEUR("thread.state/daemon", "forgets", "takes none for a daemon") {
  set_result(to, "thread.state", "daemon", false);
}

// ---- an exception -------------------------------------------------------------------------------

SABOTEUR("thread.exception/is-reported", "nameless", "reports without the thread's name") {
  to.replace("actor.raise", [exit = to.at("actor.exit")](const handler&, const json& params) {
    static_cast<void>(
        std::fprintf(stderr, "exception: %s\n", params.at("message").get<std::string>().c_str()));
    return exit({{"code", 1}});
  });
}
SABOTEUR("thread.exception/leaves-the-process-running", "spreads", "an exception ends all") {
  leave_suddenly(to, "actor.raise", "worker");
}
SABOTEUR("thread.exception/ends-its-own-thread", "undead", "takes every thread for alive") {
  set_result(to, "thread.state", "alive", true);
}
SABOTEUR("thread.exception/does-not-change-the-exit-code", "one", "then ends with exit code 1") {
  static std::atomic<bool> has_failed = false;
  to.replace("actor.raise", [](const handler& raise, const json& params) {
    has_failed = true;
    return raise(params);
  });
  to.replace("actor.exit", [](const handler& exit, const json& params) {
    return exit(has_failed ? with(params, "code", 1) : params);
  });
}
SABOTEUR("thread.exception/after-exit-only-the-thread-is-gone", "spreads", "its end ends all") {
  leave_suddenly(to, "actor.exit", "worker");
}

// ---- the end of the process ---------------------------------------------------------------------

SABOTEUR("thread.end/main-waits-for-threads", "sudden", "ends all with the main thread") {
  leave_suddenly(to, "actor.exit", "program");
}
SABOTEUR("thread.end/main-waits-whatever-its-exit-code", "sudden", "does not wait after exit(3)") {
  leave_suddenly(to, "actor.exit", "program");
}
SABOTEUR("thread.end/unjoined-threads-finish-their-work", "daemons", "makes daemons of all") {
  set_param(to, "thread.start", "daemon", true);
}
SABOTEUR("thread.end/main-does-not-wait-for-daemons", "ordinary", "knows no daemons") {
  set_param(to, "thread.start", "daemon", false);
}
SABOTEUR("thread.end/daemons-end-after-the-others", "sudden", "ends daemons with the main thread") {
  leave_suddenly(to, "actor.exit", "program");
}

// Ends the calling thread alone.
void end_one_thread(adapter& to) {
  to.replace("process.exit_now", [](const handler&, const json&) -> json {
    ::syscall(SYS_exit, 0);
    return {};
  });
}
SABOTEUR("thread.end/sudden-end-takes-all", "alone", "ends one thread of several") {
  end_one_thread(to);
}
SABOTEUR("thread.end/a-thread-can-end-the-process", "alone", "ends one thread of several") {
  end_one_thread(to);
}
SABOTEUR("thread.end/a-signal-takes-all", "process", "makes a process of each thread") {
  to.replace("thread.start", [&to](const handler&, const json& params) {
    const std::string actor = params.at("actor");
    to.take_name(actor);
    (new ref::process([&to, actor] { return to.serve_as(actor); }))->start();
    return json();
  });
}

}  // namespace
}  // namespace assay::saboteurs::processes
