// Wrong pools of processes.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

using namespace std::chrono_literals;

void resize(sdk::adapter& to, int by) {
  change_param(to, "pool.open", "size", [by](const json& size) {
    return size.is_number_integer() && size > 0 ? json(std::max(1, size.get<int>() + by)) : size;
  });
}

// Tasks are performed here, in this process, when they are handed in.
void perform_here(sdk::adapter& to, const std::string& op) {
  to.replace(op, [&to](const handler&, const json& params) {
    return to.call_script(params.at("steps"), params.at("arguments"));
  });
}

// Steps stand before each task.
void begin_with(sdk::adapter& to, const std::string& op, const json& step) {
  change_param(to, op, "steps", [step](const json& steps) {
    json more = steps;
    more.insert(more.begin(), step);
    return more;
  });
}
const json die = {{"op", "process.exit_now"}, {"params", {{"code", 1}}}};

// ---- workers ------------------------------------------------------------------------------------

SABOTEUR("pool.size/as-given", "one-more", "starts one worker more") { resize(to, 1); }
SABOTEUR("pool.size/no-more-at-once", "one-more", "starts one worker more") { resize(to, 1); }
SABOTEUR("pool.size/default-is-the-usable-processors", "of-the-machine",
         "takes three where no size is given") {
  change_param(to, "pool.open", "size",
               [](const json& size) { return size.is_null() ? json(3) : size; });
}
SABOTEUR("pool.size/bad-sizes-refused", "makes-do", "takes any size for one") {
  change_param(to, "pool.open", "size", [](const json& size) {
    return size.is_number_integer() && size > 0 ? size : json(1);
  });
}
SABOTEUR("pool.workers/used-again", "each-anew", "replaces a worker after each task") {
  set_param(to, "pool.open", "max_tasks", 1);
}
SABOTEUR("pool.workers/are-other-processes", "here", "performs tasks itself") {
  perform_here(to, "pool.apply");
}
SABOTEUR("pool.workers/what-they-change-stays-there", "here", "performs tasks itself") {
  perform_here(to, "pool.apply");
}
SABOTEUR("pool.workers/initializer-runs-first", "forgets", "does not run the initializer") {
  set_param(to, "pool.open", "initializer", json::array());
}
SABOTEUR("pool.workers/replaced-after-their-number-of-tasks", "stays", "keeps its workers") {
  set_param(to, "pool.open", "max_tasks", nullptr);
}
SABOTEUR("pool.workers/have-no-children", "allows", "lets tasks start processes") {
  swallow(to, "pool.apply", "AssertionError");
}

// ---- order and time -----------------------------------------------------------------------------

// The first task waits until the next has been handed in.
void swap_first(sdk::adapter& to) {
  const auto held = std::make_shared<json>();
  to.replace("pool.apply_async", [=](const handler& hand_in, const json& params) {
    if (held->is_null()) {
      *held = params;
      return json();
    }
    hand_in(params);
    if (!held->empty()) hand_in(std::exchange(*held, json::array()));
    return json();
  });
}

SABOTEUR("pool.order/tasks-begin-in-their-order", "swaps", "swaps the first two tasks") {
  swap_first(to);
}
SABOTEUR("pool.order/a-free-worker-takes-the-next", "by-turns",
         "gives each worker the tasks that are its by turns") {
  resize(to, -1);
  set_param(to, "pool.get", "timeout", 0.05);
}
SABOTEUR("pool.order/waves", "all-at-once", "starts a worker for each task") { resize(to, 6); }
SABOTEUR("pool.example/the-notes", "all-at-once", "starts a worker for each task") {
  resize(to, 7);
}

// ---- results ------------------------------------------------------------------------------------

SABOTEUR("pool.apply/returns-the-value", "null", "returns null") {
  always_answer(to, "pool.apply", nullptr);
}
SABOTEUR("pool.apply/large-values", "cuts", "cuts texts at what a pipe holds") {
  change_answer(to, "pool.apply", [](json value) {
    return value.is_string() ? json(value.get<std::string>().substr(0, 65536)) : value;
  });
}
SABOTEUR("pool.async/returns-at-once", "ready", "says that a result is ready at once") {
  always_answer(to, "pool.ready", true);
}
SABOTEUR("pool.async/get-each-time", "once", "gives a result away") {
  const auto given = std::make_shared<bool>();
  to.replace("pool.get", [=](const handler& get, const json& params) {
    return std::exchange(*given, true) ? json() : get(params);
  });
}
SABOTEUR("pool.async/get-times-out", "early", "gives up after a tenth of its timeout") {
  change_param(to, "pool.get", "timeout",
               [](const json& given) { return json(given.get<double>() / 10); });
}
SABOTEUR("pool.async/wait-tells", "early", "gives up after a tenth of its timeout") {
  change_param(to, "pool.wait", "timeout", [](const json& given) {
    return given == 5 ? given : json(given.get<double>() / 10);
  });
}
SABOTEUR("pool.async/successful-tells", "all", "takes every result for a success") {
  always_answer(to, "pool.successful", true);
}
SABOTEUR("pool.async/callbacks", "none", "calls nobody back") {
  set_param(to, "pool.apply_async", "callback", false);
}

// ---- exceptions ---------------------------------------------------------------------------------

SABOTEUR("pool.errors/raised-by-get", "null", "gives null where a task raised") {
  swallow(to, "pool.get", "KeyError");
}
SABOTEUR("pool.errors/silent-until-asked", "tells", "reports exceptions at once") {
  to.replace("pool.wait", [](const handler& wait, const json& params) {
    if (::write(STDERR_FILENO, "a task failed\n", 14) < 0) throw raised("InternalError");
    return wait(params);
  });
}
SABOTEUR("pool.errors/worker-stays", "replaces", "ends a worker whose task raised") {
  to.replace("script.raise",
             [](const handler& perform, const json& params) { return perform(params); });
  set_param(to, "pool.open", "max_tasks", 1);
}

// ---- many at once -------------------------------------------------------------------------------

SABOTEUR("pool.map/keeps-the-order", "reverses", "gives the results in reverse") {
  change_answer(to, "pool.map", [](json values) {
    return json(std::vector<json>(values.rbegin(), values.rend()));
  });
}
SABOTEUR("pool.map/uses-all-workers", "one", "hands all items to one worker") {
  set_param(to, "pool.map", "chunk", 1000);
}
SABOTEUR("pool.map/raises-what-a-task-raised", "empty", "gives nothing where a task raised") {
  swallow(to, "pool.map", "KeyError", json::array());
}
SABOTEUR("pool.map/starmap-spreads-arguments", "reversed", "calls with the arguments reversed") {
  change_param(to, "pool.starmap", "items", [](const json& items) {
    json reversed = json::array();
    for (const json& each : items) {
      reversed.push_back(json(std::vector<json>(each.rbegin(), each.rend())));
    }
    return reversed;
  });
}
SABOTEUR("pool.imap/one-by-one-in-order", "reversed", "begins with the last item") {
  change_param(to, "pool.imap", "items", [](const json& items) {
    return json(std::vector<json>(items.rbegin(), items.rend()));
  });
}
SABOTEUR("pool.imap/unordered-as-they-come", "in-order", "keeps the items' order") {
  set_param(to, "pool.imap", "ordered", true);
}

// ---- the end ------------------------------------------------------------------------------------

SABOTEUR("pool.close/refuses-new-tasks", "open", "stays open") {
  always_answer(to, "pool.close", nullptr);
}
SABOTEUR("pool.close/performs-what-waits", "drops", "drops what waits at close") {
  to.replace("pool.close", [&to](const handler&, const json& params) {
    to.at("pool.terminate")(params);
    return to.at("pool.join")(params);  // or the workers would be faster than their end
  });
}
SABOTEUR("pool.join/waits-for-all", "returns", "returns from join at once") {
  always_answer(to, "pool.join", nullptr);
}
SABOTEUR("pool.join/needs-close-first", "allows", "lets join stand anywhere") {
  swallow(to, "pool.join", "ValueError");
}
SABOTEUR("pool.terminate/ends-at-once", "closes", "waits for the tasks that run") {
  to.replace("pool.terminate",
             [&to](const handler&, const json& params) { return to.at("pool.close")(params); });
  to.replace("pool.join", [](const handler&, const json&) {
    std::this_thread::sleep_for(1500ms);
    return json();
  });
}

// The workers are no children any more that anybody would end.
void abandon(sdk::adapter& to) {
  begin_with(to, "pool.apply_async",
             {{"op", "process.start"}, {"params", {{"actor", "abandoned"}}}});
  to.replace("process.start", [](const handler&, const json&) {
    // As a worker whose program cannot reach it: in a session of its own, deaf to the signals of
    // the end.
    ::setsid();
    for (const int number : {SIGTERM, SIGRTMAX - 3}) ::signal(number, SIG_IGN);
    if (const pid_t child = ::fork(); child > 0) {
      for (;;) ::pause();
    }
    return json();
  });
}
SABOTEUR("pool.end/tasks-end-with-the-program", "deaf", "has workers that hear no end") {
  abandon(to);
}
SABOTEUR("pool.end/tasks-end-with-a-killed-program", "deaf", "has workers that hear no end") {
  abandon(to);
}

// ---- death --------------------------------------------------------------------------------------

SABOTEUR("pool.death/task-is-reported", "silent", "lets the result never come") {
  raise_instead(to, "pool.get", "RemoteError", "TimedOut");
}
SABOTEUR("pool.death/others-go-on", "broken", "breaks with its first worker") {
  to.replace("pool.apply", [](const handler&, const json&) -> json {
    throw raised("RemoteError", "the pool is broken");
  });
}
SABOTEUR("pool.death/join-returns", "waits", "waits for the lost result") {
  to.replace("pool.join", [](const handler&, const json&) -> json {
    for (;;) ::pause();
  });
}
SABOTEUR("pool.death/exit-in-a-task-is-one", "silent", "lets the result never come") {
  raise_instead(to, "pool.get", "RemoteError", "TimedOut");
}
SABOTEUR("pool.errors/unknown-task-is-an-error", "null",
         "gives null for what cannot be performed") {
  swallow(to, "pool.get", "ValueError");
}

}  // namespace
}  // namespace assay::saboteurs
