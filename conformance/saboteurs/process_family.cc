// Wrong processes: join, close, zombies, several at once, parents that end, daemons.
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <set>

#include "conformance/saboteurs/process_wrong.h"
#include "conformance/saboteurs/saboteur.h"
#include "impl/thread/thread.h"

namespace assay::saboteurs::processes {
namespace {

// ---- join ---------------------------------------------------------------------------------------

SABOTEUR("process.join/before-start-is-an-error", "lenient", "joins what was never started") {
  swallow(to, "process.join");
}
SABOTEUR("process.join/waits-for-the-end", "never-waits", "join does not wait") {
  set_param(to, "process.join", "timeout", 0);
}

// Children take their time to end, and join does not wait for them.
void join_too_early(adapter& to) {
  set_param(to, "process.join", "timeout", 0);
  to.replace("actor.exit", [](const handler& exit, const json& params) {
    if (in_child()) new ref::thread([] { std::this_thread::sleep_for(100ms); });
    return exit(params);
  });
}
SABOTEUR("process.join/has-ended-afterwards", "too-early", "join returns before the end") {
  join_too_early(to);
}
SABOTEUR("process.join/ends-before-its-timeout", "too-early", "join returns before the end") {
  join_too_early(to);
}

SABOTEUR("process.join/gives-up-at-its-timeout", "kills", "kills the child that is late") {
  to.replace("process.join",
             [kill = to.at("process.kill")](const handler& join, const json& params) {
               join(params);
               return kill({{"actor", params.at("actor")}});
             });
}

void wait_long_when(adapter& to, bool (*when)(double)) {
  to.replace("process.join", [=](const handler& join, const json& params) {
    const json& timeout = params.at("timeout");
    const bool waits = timeout.is_number() && when(timeout.get<double>());
    return join(waits ? with(params, "timeout", 0.8) : params);
  });
}
SABOTEUR("process.join/zero-does-not-wait", "waits", "waits a while with a timeout of zero") {
  wait_long_when(to, [](double timeout) { return timeout == 0; });
}
SABOTEUR("process.join/less-than-zero-does-not-wait", "waits", "waits a while below zero") {
  wait_long_when(to, [](double timeout) { return timeout < 0; });
}

SABOTEUR("process.join/again", "once", "can be joined once") {
  to.replace("process.join", [](const handler& join, const json& params) {
    static std::set<json> joined;
    if (!joined.insert(params.at("actor")).second) throw raised("AssertionError", "joined before");
    return join(params);
  });
}
SABOTEUR("process.join/only-ones-own-child", "anybody", "lets anybody join") {
  swallow(to, "process.join");
}
SABOTEUR("process.join/for-ever-with-an-endless-child", "gives-up", "gives up after a while") {
  set_param(to, "process.join", "timeout", 0.001);
}

// ---- close --------------------------------------------------------------------------------------

SABOTEUR("process.close/of-a-running-child-is-an-error", "lenient", "closes while the child runs") {
  swallow(to, "process.close");
}
SABOTEUR("process.close/ends-the-object", "nothing", "close does nothing") {
  skip(to, "process.close", [] { return true; });
}
SABOTEUR("process.close/gives-back-its-descriptors", "leaks", "leaves a descriptor behind") {
  to.replace("process.close", [](const handler& close, const json& params) {
    static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return close(params);
  });
}

// ---- no zombies ---------------------------------------------------------------------------------

// After this op there is a child that has ended and that nobody will reap.
void leave_a_zombie(adapter& to, const std::string& op) {
  to.replace(op, [](const handler& perform, const json& params) {
    const json result = perform(params);
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(0);
    siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT);
    return result;
  });
}
SABOTEUR("process.zombies/none-after-join", "leaves-one", "leaves a zombie behind") {
  leave_a_zombie(to, "process.join");
}
SABOTEUR("process.zombies/none-after-asking", "leaves-one", "leaves a zombie behind") {
  leave_a_zombie(to, "process.state");
}
SABOTEUR("process.zombies/swept-by-the-next-start", "forks", "starts without looking around") {
  to.replace("process.start", [&to](const handler& start, const json& params) {
    if (params.at("actor") == "first") return start(params);
    if (::fork() == 0) ::_exit(to.serve_as(params.at("actor")));
    return json();
  });
}

// ---- at the same time ---------------------------------------------------------------------------

SABOTEUR("process.parallel/children-run-at-the-same-time", "in-turn", "runs one at a time") {
  one_at_a_time(to, {"pipe.read"});
}
SABOTEUR("process.parallel/sleeps-overlap", "in-turn", "runs one at a time") {
  one_at_a_time(to, {"time.sleep"});
}
SABOTEUR("process.parallel/the-parent-goes-on", "waits", "the parent waits for its child") {
  to.replace("process.self", [](const handler& self, const json& params) {
    if (!in_child()) std::this_thread::sleep_for(60s);
    return self(params);
  });
}

// ---- the parent ends ----------------------------------------------------------------------------

void all_are_daemons(adapter& to) { set_param(to, "process.create", "daemon", true); }
void none_is_a_daemon(adapter& to) { set_param(to, "process.create", "daemon", false); }
// The children of the parent in question only: it has to live with some.
void its_children_are_daemons(adapter& to) {
  to.replace("process.create", [](const handler& create, const json& params) {
    return create(in_child() ? with(params, "daemon", true) : params);
  });
}

SABOTEUR("process.end/waits-for-its-children", "sudden", "ends without its children") {
  leave_suddenly(to, "actor.exit", "parent");
}
SABOTEUR("process.end/waits-after-an-exception-as-well", "sudden", "an exception ends all") {
  leave_suddenly(to, "actor.raise", "parent");
}
SABOTEUR("process.end/unjoined-children-finish", "daemons", "terminates children at its end") {
  its_children_are_daemons(to);
}
SABOTEUR("process.end/keeps-its-exit-code", "zero", "ends well once it has waited") {
  to.replace("actor.exit", [](const handler& exit, const json& params) {
    return exit(is_actor("parent") ? with(params, "code", 0) : params);
  });
}
SABOTEUR("process.end/leaves-no-process-behind", "sudden", "leaves at once, and its children be") {
  none_is_a_daemon(to);
  leave_suddenly(to, "actor.exit", "parent");
}

SABOTEUR("process.orphan/lives-on-after-sigkill", "dies", "dies with its parent") {
  its_children_are_daemons(to);
}
SABOTEUR("process.orphan/lives-on-after-sigterm", "dies", "dies with its parent") {
  its_children_are_daemons(to);
}
SABOTEUR("process.orphan/lives-on-after-a-sudden-end", "dies", "dies with its parent") {
  its_children_are_daemons(to);
}
SABOTEUR("process.orphan/does-not-disturb-the-grandparent", "hides",
         "takes a killed parent of others for a good end") {
  change_result(to, "process.state", "exit_code", [](const json&) { return json(0); });
}
SABOTEUR("process.orphan/keeps-its-data", "forgets", "forgets its data when its parent dies") {
  static pid_t parent = 0;
  to.replace("data.set", [](const handler& set, const json& params) {
    parent = ::getppid();
    return set(params);
  });
  refuse(to, "data.get", "KeyError", [] { return ::getppid() != parent; });
}

// ---- daemons ------------------------------------------------------------------------------------

SABOTEUR("process.daemon/is-told-by-the-object", "all", "takes all for daemons") {
  all_are_daemons(to);
}
SABOTEUR("process.daemon/ends-with-its-parent", "ordinary", "knows no daemons") {
  none_is_a_daemon(to);
}
SABOTEUR("process.daemon/is-not-waited-for", "ordinary", "knows no daemons") {
  none_is_a_daemon(to);
}
SABOTEUR("process.daemon/outlived-by-ordinary-children", "all", "takes all for daemons") {
  its_children_are_daemons(to);
}
SABOTEUR("process.daemon/dies-with-a-killed-parent", "ordinary", "knows no daemons") {
  none_is_a_daemon(to);
}
SABOTEUR("process.daemon/outlives-the-thread-that-started-it", "of-thread",
         "dies with the thread that started it") {
  ::pthread_atfork(nullptr, nullptr, [] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
  // Not a daemon: those have a signal of their own set later.
  none_is_a_daemon(to);
}
SABOTEUR("process.daemon/has-no-children", "lenient", "takes a daemon's start for done") {
  swallow(to, "process.start");
}

}  // namespace
}  // namespace assay::saboteurs::processes
