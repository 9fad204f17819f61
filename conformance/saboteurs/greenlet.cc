// Wrong greenlets: each breaks one requirement of the area greenlet.
#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

// Steps that are no switches any more, in the functions of greenlets.
void without_switches(sdk::adapter& to) {
  change_param(to, "greenlet.create", "steps", [](const json& steps) {
    json kept = json::array();
    for (const json& each : steps) {
      if (each.at("op") != "greenlet.switch") kept.push_back(each);
    }
    return kept;
  });
}

// What happens once a greenlet has ended, to the answer of the switch that saw its end.
void change_end(sdk::adapter& to, const std::function<json(const json&)>& wrong) {
  const handler state = to.at("greenlet.state");
  change_answer(to, "greenlet.switch", [=](json answer, const json& params) {
    const json of = state({{"greenlet", params.at("greenlet")}});
    return of.at("dead").get<bool>() ? wrong(answer) : answer;
  });
}

void say(sdk::adapter& to, const char* field, const json& wrong) {
  change_answer(to, "greenlet.state", [=](json state) {
    state[field] = wrong;
    return state;
  });
}

SABOTEUR("greenlet.switch/alternates", "itself", "switches to the one that runs") {
  const handler current = to.at("greenlet.current");
  to.replace("greenlet.switch", [=](const handler& perform, json params) {
    const json self = current(json::object());
    if (self != "main") params["greenlet"] = self;
    return perform(params);
  });
}
SABOTEUR("greenlet.create/runs-nothing", "eager", "enters the function when it is made") {
  const handler enter = to.at("greenlet.switch");
  to.replace("greenlet.create", [=](const handler& create, const json& params) {
    create(params);
    enter({{"greenlet", params.at("greenlet")}, {"values", json::array()}});
    return json();
  });
}
SABOTEUR("greenlet.create/state-tells-its-life", "born", "says that it is started when made") {
  say(to, "started", true);
}
SABOTEUR("greenlet.switch/resumes-after-its-last", "ends", "ends instead of going on") {
  const handler end = to.at("greenlet.throw");
  const auto switches = std::make_shared<int>();
  to.replace("greenlet.switch", [=](const handler& perform, const json& params) {
    if (++*switches < 3) return perform(params);
    return end({{"greenlet", params.at("greenlet")}, {"type", "GreenletExit"}, {"message", ""}});
  });
}
SABOTEUR("greenlet.switch/current-is-the-target", "main", "always takes main for the current one") {
  always_answer(to, "greenlet.current", "main");
}
SABOTEUR("greenlet.end/gives-its-value-to-the-parent", "drops", "drops the value") {
  change_end(to, [](const json&) { return json(); });
}
SABOTEUR("greenlet.end/goes-to-the-parent-not-the-last", "creator", "runs on in the one before") {
  without_switches(to);
}
SABOTEUR("greenlet.end/goes-to-a-parent-that-was-given", "main", "takes main for every parent") {
  set_param(to, "greenlet.create", "parent", "main");
}
SABOTEUR("greenlet.values/become-arguments-at-first", "swaps", "hands them over in reverse") {
  change_param(to, "greenlet.switch", "values", [](const json& given) {
    return json(std::vector<json>(given.rbegin(), given.rend()));
  });
}
SABOTEUR("greenlet.values/become-the-result-of-switch", "lost", "loses what is given") {
  set_param(to, "greenlet.switch", "values", json::array());
}
SABOTEUR("greenlet.values/several-become-a-list", "first", "gives the first of several") {
  change_param(to, "greenlet.switch", "values", [](const json& given) {
    return given.size() < 2 ? given : json::array({given[0]});
  });
}
SABOTEUR("greenlet.exceptions/go-to-the-parent", "swallows", "swallows what leaves a function") {
  swallow(to, "greenlet.switch", "KeyError");
}
SABOTEUR("greenlet.exceptions/climb-the-parents", "immortal", "says that a parent lives on") {
  say(to, "dead", false);
}
SABOTEUR("greenlet.exceptions/switching-while-handling", "mixes", "raises the other's exception") {
  raise_instead(to, "greenlet.switch", "ValueError", "KeyError");
}
SABOTEUR("greenlet.end/dead-passes-to-the-parent", "refuses", "refuses a dead one") {
  const handler state = to.at("greenlet.state");
  to.replace("greenlet.switch", [=](const handler& perform, const json& params) {
    const json of = state({{"greenlet", params.at("greenlet")}});
    if (of.at("dead").get<bool>()) throw raised("GreenletError", "it is dead");
    return perform(params);
  });
}
SABOTEUR("greenlet.thread/another-threads-is-an-error", "ignores", "does nothing instead") {
  swallow(to, "greenlet.switch", "GreenletError");
}
SABOTEUR("greenlet.sleep/does-not-switch", "cooperative", "goes back to main when it sleeps") {
  const handler leave = to.at("greenlet.switch");
  const handler current = to.at("greenlet.current");
  to.replace("time.sleep", [=](const handler& sleep, const json& params) {
    if (current(json::object()) == "main") return sleep(params);
    leave({{"greenlet", "main"}, {"values", json::array()}});
    return json();
  });
}
SABOTEUR("greenlet.throw/exit-ends-it-quietly", "forgets", "drops the exit object") {
  always_answer(to, "greenlet.throw", nullptr);
}
SABOTEUR("greenlet.throw/raises-where-it-waits", "other", "raises something else") {
  set_param(to, "greenlet.throw", "type", "ValueError");
}
SABOTEUR("greenlet.throw/before-its-start-runs-nothing", "enters", "enters the function first") {
  const handler enter = to.at("greenlet.switch");
  to.replace("greenlet.throw", [=](const handler& perform, const json& params) {
    enter({{"greenlet", params.at("greenlet")}, {"values", json::array()}});
    return perform(params);
  });
}
SABOTEUR("greenlet.parent/itself-is-refused", "ignores", "ignores a wrong parent") {
  swallow(to, "greenlet.set_parent", "ValueError");
}
SABOTEUR("greenlet.parent/cycles-are-refused", "ignores", "ignores a cycle") {
  swallow(to, "greenlet.set_parent", "ValueError");
}
SABOTEUR("greenlet.parent/can-be-changed", "keeps", "keeps the parent that it had") {
  always_answer(to, "greenlet.set_parent", nullptr);
}

}  // namespace
}  // namespace assay::saboteurs
