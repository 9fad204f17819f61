// Wrong green threads: each breaks one requirement of the area green.
#include <algorithm>
#include <chrono>
#include <thread>

#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

using namespace std::chrono_literals;

// The function runs to its end within spawn.
void run_at_once(sdk::adapter& to) {
  const handler join = to.at("green.join");
  to.replace("green.spawn", [=](const handler& spawn, const json& params) {
    spawn(params);
    join({{"green", params.at("green")}, {"timeout", nullptr}});
    return json();
  });
}

// Sleeps block the thread.
void block(sdk::adapter& to, const std::string& op) {
  to.replace(op, [](const handler&, const json& params) {
    std::this_thread::sleep_until(std::chrono::steady_clock::now() +
                                  std::chrono::duration<double>(params.at("seconds")));
    return json();
  });
}

void join_all_waits_for(sdk::adapter& to, std::size_t first) {
  change_param(to, "green.join_all", "greens", [=](const json& names) {
    return json(std::vector<json>(names.begin(), names.begin() + std::min(first, names.size())));
  });
}

void nap_before(sdk::adapter& to, const std::string& op, std::chrono::milliseconds time) {
  to.replace(op, [=](const handler& perform, const json& params) {
    std::this_thread::sleep_for(time);
    return perform(params);
  });
}

void cut_timeout(sdk::adapter& to, const std::string& op) {
  change_param(to, op, "timeout",
               [](const json& s) { return s.is_null() ? s : json(s.get<double>() / 10); });
}

SABOTEUR("green.spawn/only-schedules", "eager", "runs the function at once") { run_at_once(to); }
SABOTEUR("green.spawn/delay-is-waited-for", "ignores", "ignores the delay, and runs it at once") {
  set_param(to, "green.spawn", "delay", 0);
  run_at_once(to);
}
SABOTEUR("green.order/one-after-the-other", "yields", "lets others run after each line") {
  const handler sleep = to.at("green.sleep");
  to.replace("event.log", [=](const handler& log, const json& params) {
    log(params);
    sleep({{"seconds", 0}});
    return json();
  });
}
SABOTEUR("green.order/take-turns-when-they-sleep", "blocks", "sleeps without letting go") {
  block(to, "green.sleep");
}
SABOTEUR("green.order/take-turns-when-they-yield", "keeps", "keeps going when it should yield") {
  always_answer(to, "green.sleep", nullptr);
}
SABOTEUR("green.sleep/passes-for-all-at-once", "blocks", "sleeps one after the other") {
  block(to, "green.sleep");
}
SABOTEUR("green.sleep/a-hundred", "blocks", "sleeps one after the other") {
  block(to, "green.sleep");
}
SABOTEUR("green.patch/sleep-lets-others-run", "none", "patches nothing") {
  always_answer(to, "green.patch", nullptr);
}
SABOTEUR("green.patch/without-it-a-call-blocks-all", "always", "is patched from the beginning") {
  to.at("green.patch")(json::object());
}
SABOTEUR("green.patch/receive-lets-others-run", "none", "patches nothing") {
  always_answer(to, "green.patch", nullptr);
}
SABOTEUR("green.join/all-waits-for-every-one", "first", "waits for the first alone") {
  join_all_waits_for(to, 1);
}
SABOTEUR("green.order/the-process-example", "impatient", "gives up joining after a millisecond") {
  set_param(to, "green.join", "timeout", 0.001);
}
SABOTEUR("green.join/of-a-finished-one-returns-at-once", "waits",
         "waits a second before it looks") {
  nap_before(to, "green.join", 1s);
}
SABOTEUR("green.exceptions/are-printed-and-stop-no-other", "silent",
         "neither raises nor prints it") {
  change_param(to, "green.spawn", "steps", [](const json& steps) {
    return steps[0].at("op") == "script.raise" ? json::array() : steps;
  });
}
SABOTEUR("green.exceptions/join-does-not-raise", "raises", "raises what ended the task") {
  const handler get = to.at("green.get");
  to.replace("green.join", [=](const handler&, const json& params) {
    get(params);
    return json();
  });
}
SABOTEUR("green.exceptions/get-raises", "swallows", "gives null for what ended in an exception") {
  swallow(to, "green.get", "KeyError");
}
SABOTEUR("green.get/returns-the-value", "null", "loses the value") {
  always_answer(to, "green.get", nullptr);
}
SABOTEUR("green.spawn/never-waited-for-never-runs", "at-end", "runs the function in any case") {
  run_at_once(to);
}
SABOTEUR("green.join/timeout", "early", "gives up after a tenth of its timeout") {
  cut_timeout(to, "green.join");
}
SABOTEUR("green.get/timeout-raises", "early", "gives up after a tenth of its timeout") {
  cut_timeout(to, "green.get");
}
SABOTEUR("green.kill/ends-it-where-it-waits", "none", "kills nothing") {
  always_answer(to, "green.kill", nullptr);
}
SABOTEUR("green.kill/before-its-start-never-runs", "late", "lets it run before it is killed") {
  const handler sleep = to.at("green.sleep");
  to.replace("green.kill", [=](const handler& kill, const json& params) {
    sleep({{"seconds", 0}});
    return kill(params);
  });
}
SABOTEUR("green.queue/waits-for-an-item", "null", "gives null when it is empty") {
  to.replace("green.queue_get", [](const handler& get, json params) {
    params["timeout"] = 0;
    try {
      return get(params);
    } catch (const raised&) {
      return json();
    }
  });
}
SABOTEUR("green.queue/waits-for-room", "unbounded", "takes any number of items") {
  set_param(to, "green.queue_open", "maxsize", nullptr);
}
SABOTEUR("green.queue/timeout-raises-empty", "early", "gives up after a tenth of its timeout") {
  cut_timeout(to, "green.queue_get");
}
SABOTEUR("green.sleep/needs-no-thread", "threads", "has a thread for each task") {
  to.replace("green.spawn", [](const handler& spawn, const json& params) {
    std::thread([] { std::this_thread::sleep_for(2s); }).detach();
    return spawn(params);
  });
}

}  // namespace
}  // namespace assay::saboteurs
