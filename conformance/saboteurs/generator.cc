// Wrong generators, and wrong loops over coroutines.
#include <thread>

#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

using namespace std::chrono_literals;

// What is given for a field of generator.kind.
void say(sdk::adapter& to, const char* field, json wrong) {
  change_answer(to, "generator.kind", [=](json kind) {
    kind[field] = wrong;
    return kind;
  });
}

// ---- calling ------------------------------------------------------------------------------------

// The body runs up to its first yield when it is called; that value is kept for the first next.
void run_at_once(sdk::adapter& to) {
  const auto first = std::make_shared<json>();
  to.replace("generator.open", [=, &to](const handler& open, const json& params) {
    open(params);
    try {
      *first = json::array({to.at("generator.next")({{"generator", params.at("generator")}})});
    } catch (const raised&) {
    }
    return json();
  });
  to.replace("generator.next", [=](const handler& next, const json& params) {
    if (first->empty()) return next(params);
    return std::exchange(*first, nullptr)[0];
  });
}

SABOTEUR("generator.call/runs-nothing", "eager", "runs up to the first yield when called") {
  run_at_once(to);
}
SABOTEUR("generator.call/is-an-iterator", "another", "says that iter makes another one") {
  say(to, "is_its_own_iterator", false);
}
SABOTEUR("generator.call/function-stays-a-function", "none", "says that it is no function") {
  say(to, "function", false);
}
SABOTEUR("generator.call/unreachable-yield-makes-one", "runs",
         "runs a body without a yield when it is called") {
  run_at_once(to);
}
SABOTEUR("generator.call/arguments", "swaps", "hands over the arguments in reverse") {
  change_param(to, "generator.open", "arguments", [](const json& given) {
    return json(std::vector<json>(given.rbegin(), given.rend()));
  });
}
SABOTEUR("generator.call/textual-form", "silent", "has no textual form") { say(to, "text", ""); }

// ---- next ---------------------------------------------------------------------------------------

SABOTEUR("generator.next/returns-what-is-yielded", "null", "yields null") {
  always_answer(to, "generator.next", nullptr);
}
SABOTEUR("generator.next/locals-are-kept", "shared", "runs one body for both names") {
  to.replace("generator.next", [](const handler& next, json params) {
    params["generator"] = "one";
    return next(params);
  });
}
SABOTEUR("generator.next/end-raises", "null", "gives null at the end") {
  swallow(to, "generator.next", "StopIteration");
}
SABOTEUR("generator.next/ended-for-good", "revives", "gives null after it has ended") {
  const auto ends = std::make_shared<int>();
  to.replace("generator.next", [=](const handler& next, const json& params) {
    try {
      return next(params);
    } catch (const raised&) {
      if (++*ends < 2) throw;
      return json();
    }
  });
}
SABOTEUR("generator.next/yields-any-value", "skips", "skips null") {
  change_answer(to, "generator.list", [](json items) {
    json kept = json::array();
    for (const json& each : items) {
      if (!each.is_null()) kept.push_back(each);
    }
    return kept;
  });
}
SABOTEUR("generator.next/not-within-itself", "goes-on", "lets a body resume itself") {
  swallow(to, "generator.next", "ValueError");
}

// ---- ending -------------------------------------------------------------------------------------

void raise_stop(sdk::adapter& to, const json& value) {
  to.replace("generator.next", [=](const handler& next, const json& params) -> json {
    try {
      return next(params);
    } catch (const raised& condition) {
      if (condition.type() != "StopIteration") throw;
      if (value.is_null()) throw raised("StopIteration");
      throw raised("StopIteration").with_value(value);
    }
  });
}

SABOTEUR("generator.return/value-in-stop-iteration", "none", "drops what the body returns") {
  raise_stop(to, nullptr);
}
SABOTEUR("generator.return/value-once", "each-time", "gives the value at each end") {
  raise_stop(to, "done");
}
SABOTEUR("generator.return/loops-ignore-it", "visits", "visits what is returned, too") {
  change_answer(to, "generator.list", [](json items) {
    items.push_back(7);
    return items;
  });
}
SABOTEUR("generator.raise/leaves-and-ends", "swallows", "takes an exception for the end") {
  raise_instead(to, "generator.next", "KeyError", "StopIteration");
}
SABOTEUR("generator.raise/stop-iteration-becomes-runtime-error", "ends", "takes it for the end") {
  raise_instead(to, "generator.next", "RuntimeError", "StopIteration");
}

// ---- the notes' generators ----------------------------------------------------------------------

SABOTEUR("generator.expression/yields-once", "again", "yields all of it each time") {
  const auto seen = std::make_shared<json>();
  change_answer(to, "generator.list", [=](json items) {
    if (seen->is_null()) *seen = std::move(items);
    return *seen;
  });
}
SABOTEUR("generator.expression/lazy", "counts-first", "works out how many there will be") {
  to.replace("generator.next", [](const handler& next, const json& params) {
    std::this_thread::sleep_for(1500ms);
    return next(params);
  });
}
SABOTEUR("generator.fib/first-numbers", "from-one", "begins at the second number") {
  to.replace("generator.fib", [&to](const handler& fib, const json& params) {
    fib(params);
    to.at("generator.list")({{"generator", "g"}, {"limit", 1}});
    return json();
  });
}
SABOTEUR("generator.fib/lazy", "counts-first", "works out how many there will be") {
  to.replace("generator.next", [](const handler& next, const json& params) {
    std::this_thread::sleep_for(1500ms);
    return next(params);
  });
}
SABOTEUR("generator.loop/endless-can-be-left", "closes", "ends a generator when its loop is left") {
  to.replace("generator.list", [&to](const handler& list, const json& params) {
    json items = list(params);
    to.at("generator.close")({{"generator", params.at("generator")}});
    return items;
  });
}

// ---- send ---------------------------------------------------------------------------------------

SABOTEUR("generator.send/is-the-yields-value", "drops", "drops what is sent") {
  set_param(to, "generator.send", "value", nullptr);
}
SABOTEUR("generator.send/next-sends-null", "last", "sends the last value once more") {
  const auto sent = std::make_shared<bool>();
  to.replace("generator.next", [=, &to](const handler& next, const json& params) {
    if (!std::exchange(*sent, true)) return next(params);
    return to.at("generator.send")({{"generator", params.at("generator")}, {"value", "ready"}});
  });
}
SABOTEUR("generator.send/not-before-the-first-yield", "starts", "starts the body instead") {
  to.replace("generator.send", [&to](const handler& send, const json& params) {
    try {
      return send(params);
    } catch (const raised& condition) {
      if (condition.type() != "TypeError") throw;
      return to.at("generator.next")({{"generator", params.at("generator")}});
    }
  });
}

// ---- throw --------------------------------------------------------------------------------------

SABOTEUR("generator.throw/raises-at-the-yield", "past", "raises it past the body") {
  to.replace("generator.throw", [](const handler&, const json& params) -> json {
    throw raised(params.at("type"), params.at("message"));
  });
}
SABOTEUR("generator.throw/uncaught-ends-it", "swallows", "goes on as if nothing had been thrown") {
  to.replace("generator.throw", [&to](const handler&, const json& params) {
    return to.at("generator.next")({{"generator", params.at("generator")}});
  });
}
SABOTEUR("generator.throw/before-the-start-runs-nothing", "starts", "starts the body first") {
  to.replace("generator.throw", [&to](const handler& perform, const json& params) {
    to.at("generator.next")({{"generator", params.at("generator")}});
    return perform(params);
  });
}

// ---- close --------------------------------------------------------------------------------------

SABOTEUR("generator.close/runs-final-steps", "forgets", "leaves the body where it is") {
  always_answer(to, "generator.close", nullptr);
}
SABOTEUR("generator.close/before-the-start", "starts", "starts the body first") {
  to.replace("generator.close", [&to](const handler& close, const json& params) {
    try {
      to.at("generator.next")({{"generator", params.at("generator")}});
    } catch (const raised&) {
    }
    return close(params);
  });
}
SABOTEUR("generator.close/yielding-is-an-error", "allows", "lets the body yield") {
  swallow(to, "generator.close", "RuntimeError");
}

// ---- delegation ---------------------------------------------------------------------------------

SABOTEUR("generator.delegate/passes-values-through", "value", "drops what the other one returns") {
  change_answer(to, "generator.list", [](json items) {
    if (!items.empty()) items.back() = nullptr;
    return items;
  });
}
SABOTEUR("generator.delegate/passes-send-and-throw", "stops", "does not pass on what is sent") {
  set_param(to, "generator.send", "value", nullptr);
}
SABOTEUR("generator.delegate/exceptions-come-out", "swallows", "loses what the other one raises") {
  change_answer(to, "generator.next", [](json value) { return value == "deep" ? json() : value; });
}
SABOTEUR("generator.delegate/close-reaches-the-other", "outer-only", "closes the outer one alone") {
  to.replace("event.log", [](const handler& log, const json& params) {
    return params.at("value") == "inner" ? json() : log(params);
  });
}

// ---- coroutines ---------------------------------------------------------------------------------

SABOTEUR("coroutine.turns/alternate", "one-after-the-other",
         "runs one to its end before the next") {
  to.replace("coroutine.run", [](const handler& run, json params) {
    const json bodies = params.at("bodies");
    for (const json& each : bodies) {
      params["bodies"] = json::array({each});
      run(params);
    }
    return json();
  });
}
SABOTEUR("coroutine.turns/ended-ones-are-passed-over", "stops", "stops when one has ended") {
  to.replace("coroutine.run", [](const handler& run, json params) {
    params["rounds"] = 1;
    return run(params);
  });
}
SABOTEUR("coroutine.turns/many", "fewer", "runs no more than fifty") {
  change_param(to, "coroutine.run", "bodies", [](const json& given) {
    return json(std::vector<json>(given.begin(), given.begin() + std::min<long>(50, given.size())));
  });
}
SABOTEUR("coroutine.turns/exceptions-come-out", "swallows", "takes an exception for the end") {
  swallow(to, "coroutine.run", "KeyError");
}
SABOTEUR("coroutine.pause/comes-after-the-line", "before", "pauses before each line") {
  to.replace("event.log", [](const handler& log, const json& params) {
    if (params.at("value") == "late") std::this_thread::sleep_for(150ms);
    return log(params);
  });
}
SABOTEUR("coroutine.pause/delays-all", "overlaps", "does not wait") {
  always_answer(to, "time.sleep", nullptr);
}
SABOTEUR("coroutine.thread/one-for-all", "threads", "runs them in a thread of its own") {
  to.replace("coroutine.run", [](const handler& run, const json& params) {
    json result;
    std::thread([&] { result = run(params); }).join();
    return result;
  });
}
SABOTEUR("coroutine.switch/a-million-a-second", "slow", "takes its time") {
  change_param(to, "coroutine.switches", "count",
               [](const json& given) { return json(given.get<std::int64_t>() * 1000); });
}
SABOTEUR("coroutine.switch/without-the-kernel", "sleeps", "waits in the kernel at each switch") {
  to.replace("coroutine.switches", [](const handler&, const json& params) -> json {
    for (auto i = params.at("count").get<int>() / 100; i > 0; --i) {
      std::this_thread::sleep_for(1us);
    }
    return 1;
  });
}

}  // namespace
}  // namespace assay::saboteurs
