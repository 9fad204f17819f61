// Wrong processes: start, identity, arguments, exit codes, signals, exceptions.
#include "impl/process/process.h"

#include <cstdio>
#include <set>

#include "conformance/saboteurs/process_wrong.h"
#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs::processes {
namespace {

// ---- before the start ---------------------------------------------------------------------------

SABOTEUR("process.start/not-before-start", "hurries", "starts a process as it is made") {
  to.replace("process.create", [](const handler& create, const json& params) {
    static auto* const early = new ref::process(
        [] {
          std::this_thread::sleep_for(60s);
          return 0;
        },
        {.daemon = true});
    early->start();
    return create(params);
  });
}

// What the process object tells before the start.
void tell_before_start(adapter& to, const char* field, const json& value) {
  to.replace("process.state", [=](const handler& state, const json& params) {
    const json told = state(params);
    return told.at("pid").is_null() ? with(told, field, value) : told;
  });
}

SABOTEUR("process.start/no-pid-before", "pid", "has a pid before the start") {
  tell_before_start(to, "pid", 1);
}
SABOTEUR("process.start/not-alive-before", "alive", "is alive before the start") {
  tell_before_start(to, "alive", true);
}
SABOTEUR("process.start/no-exit-code-before", "zero", "has an exit code before the start") {
  tell_before_start(to, "exit_code", 0);
}

SABOTEUR("process.start/runs-the-function", "refuses", "does not start a process that was made") {
  refuse(to, "process.start", "ValueError", [] { return true; });
}

SABOTEUR("process.start/twice-is-an-error", "lenient", "takes a second start for done") {
  swallow(to, "process.start");
}
SABOTEUR("process.start/not-again-after-its-end", "lenient", "takes a second start for done") {
  swallow(to, "process.start");
}

// ---- identity -----------------------------------------------------------------------------------

SABOTEUR("process.identity/own-pid", "parents", "gives a child its parent's pid") {
  set_result(to, "process.self", "pid", main_process);
}
SABOTEUR("process.identity/pid-of-the-object", "next", "is off by one with the pid") {
  change_result(to, "process.state", "pid",
                [](const json& pid) { return pid.is_null() ? pid : json(pid.get<int>() + 1); });
}
SABOTEUR("process.identity/parent-is-the-creator", "init", "has init for a parent") {
  set_result(to, "process.self", "ppid", 1);
}
SABOTEUR("process.identity/given-name", "forgets", "forgets the name") {
  set_param(to, "process.create", "name", nullptr);
}
SABOTEUR("process.identity/default-names-count-up", "same", "names all alike") {
  set_result(to, "process.state", "name", "Process-1");
}

// ---- arguments ----------------------------------------------------------------------------------

SABOTEUR("process.arguments/positional", "reversed", "turns the arguments round") {
  change_result(to, "process.arguments", "args", [](const json& args) {
    return json(std::vector<json>(args.rbegin(), args.rend()));
  });
}
SABOTEUR("process.arguments/keyword", "drops", "drops keyword arguments") {
  set_param(to, "process.create", "kwargs", json::object());
}
SABOTEUR("process.arguments/none", "null", "hands over null instead of nothing") {
  change_result(to, "process.arguments", "args",
                [](const json& args) { return args.empty() ? json::array({nullptr}) : args; });
}
SABOTEUR("process.arguments/are-copies", "shared", "shares a list argument with the parent") {
  int& appended = shared<int>();
  to.replace("process.append_to_argument", [&](const handler& append, const json& params) {
    ++appended;
    return append(params);
  });
  to.replace("process.arguments", [&](const handler& arguments, const json& params) {
    json told = arguments(params);
    for (int i = 0; !in_child() && i < appended; ++i) told["args"][0].push_back(2);
    return told;
  });
}

// ---- the end ------------------------------------------------------------------------------------

void change_code(adapter& to, int (*wrong)(int)) {
  change_result(to, "process.state", "exit_code", [=](const json& code) {
    return code.is_null() ? code : json(wrong(code.get<int>()));
  });
}

SABOTEUR("process.exit-code/none-while-it-runs", "zero", "has an exit code from the start") {
  change_result(to, "process.state", "exit_code",
                [](const json& code) { return code.is_null() ? json(0) : code; });
}
SABOTEUR("process.exit-code/zero-after-a-return", "one", "gives a good end code 1") {
  change_code(to, [](int code) { return code == 0 ? 1 : code; });
}
SABOTEUR("process.exit-code/of-exit", "flat", "knows only 0 and 1") {
  change_code(to, [](int code) { return code == 0 ? 0 : 1; });
}
SABOTEUR("process.exit-code/one-after-an-exception", "zero", "takes an exception for a good end") {
  change_code(to, [](int code) { return code == 1 ? 0 : code; });
}
SABOTEUR("process.exit-code/of-a-sudden-end", "zero", "forgets the code of _exit") {
  set_param(to, "process.exit_now", "code", 0);
}
SABOTEUR("process.exit-code/minus-the-signal", "shell", "counts signals from 128, as shells do") {
  change_code(to, [](int code) { return code < 0 ? 128 - code : code; });
}
SABOTEUR("process.exit-code/without-a-join", "join", "knows the exit code only after a join") {
  static std::set<json> joined;
  to.replace("process.join", [](const handler& join, const json& params) {
    joined.insert(params.at("actor"));
    return join(params);
  });
  to.replace("process.state", [](const handler& state, const json& params) {
    const json told = state(params);
    return joined.count(params.at("actor")) != 0 ? told : with(told, "exit_code", nullptr);
  });
}

SABOTEUR("process.alive/while-it-runs", "dead", "takes every child for dead") {
  set_result(to, "process.state", "alive", false);
}
SABOTEUR("process.alive/no-more-at-its-end", "undead", "takes every child for alive") {
  set_result(to, "process.state", "alive", true);
}

SABOTEUR("process.signal/terminate-is-sigterm", "kills", "terminates by SIGKILL") {
  to.replace("process.terminate", [kill = to.at("process.kill")](
                                      const handler&, const json& params) { return kill(params); });
}
SABOTEUR("process.signal/kill-is-sigkill", "asks", "kills by SIGTERM") {
  to.replace("process.kill", [terminate = to.at("process.terminate")](
                                 const handler&, const json& params) { return terminate(params); });
}
SABOTEUR("process.signal/after-the-end-is-nothing", "strict", "cannot signal the dead") {
  to.replace("process.terminate",
             [state = to.at("process.state")](const handler& terminate, const json& params) {
               if (!state(params).at("alive")) throw raised("ValueError", "it has ended");
               return terminate(params);
             });
}

// ---- an uncaught exception ----------------------------------------------------------------------

SABOTEUR("process.exception/is-reported-with-the-name", "nameless",
         "reports an exception without the process's name") {
  to.replace("actor.raise", [exit = to.at("actor.exit")](const handler&, const json& params) {
    static_cast<void>(
        std::fprintf(stderr, "exception: %s\n", params.at("message").get<std::string>().c_str()));
    return exit({{"code", 1}});
  });
}
SABOTEUR("process.exception/stays-in-the-child", "spreads", "raises in join what a child raised") {
  to.replace("process.join",
             [state = to.at("process.state")](const handler& join, const json& params) {
               join(params);
               if (state(params).at("exit_code") == 1) throw raised("ValueError", "no luck");
               return json();
             });
}
SABOTEUR("process.exception/a-return-reports-nothing", "chatty", "tells of every end") {
  to.replace("actor.exit", [](const handler& exit, const json& params) {
    static_cast<void>(std::fprintf(stderr, "the process ends\n"));
    return exit(params);
  });
}

}  // namespace
}  // namespace assay::saboteurs::processes
