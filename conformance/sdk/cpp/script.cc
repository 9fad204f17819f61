// Scripts: lists of ops that an actor performs by itself, as a batch (script.run) or as the body of
// a function (script.call, and whatever an adapter makes of call_script).
#include "conformance/protocol/protocol.h"
#include "conformance/sdk/cpp/adapter.h"
#include "conformance/sdk/cpp/session.h"

namespace assay::sdk {
namespace {

bool is_control(std::string_view op) {
  return op.starts_with("script.") && op != "script.call" && op != "script.run";
}

bool catches(const json& wanted, const json& data) {
  return wanted.is_string() && wanted == data.at("type");
}

}  // namespace

json adapter::call_script(const json& steps, json arguments) {
  script_frame frame{std::move(arguments), nullptr};
  run_steps(steps, frame);
  return std::move(frame.last);
}

bool adapter::run_steps(const json& steps, script_frame& frame) {
  for (const json& step : steps) {
    const auto& op = step.at("op").get_ref<const std::string&>();
    if (!is_control(op)) {
      run_step(step, frame);
      continue;
    }
    const json params = step_params(step, frame);
    if (op == "script.return") {
      frame.last = params.at("value");
      return true;
    }
    if (op == "script.raise") throw raised(params.at("type"), params.at("message"));
    if (op == "script.argument") {
      const auto index = params.at("index").get<std::size_t>();
      if (index >= frame.arguments.size()) throw raised("ValueError", "no such argument");
      frame.last = frame.arguments[index];
    } else if (op == "script.repeat") {
      const json& times = params.at("times");
      for (std::int64_t i = 0; times.is_null() || i < times.get<std::int64_t>(); ++i) {
        if (run_steps(params.at("steps"), frame)) return true;
      }
    } else if (run_try(params, frame)) {
      return true;
    }
  }
  return false;
}

bool adapter::run_try(const json& params, script_frame& frame) {
  bool returned = false;
  try {
    try {
      returned = run_steps(params.at("steps"), frame);
    } catch (const std::exception& thrown) {
      const json data = error_data("script.try", thrown);
      if (!catches(params.at("catch"), data)) throw;
      frame.last = data.at("message");
      returned = run_steps(params.at("handler"), frame);
    }
  } catch (...) {
    // Not only std::exception: a greenlet is ended by something that no handler may catch.
    if (run_steps(params.at("finally"), frame)) return true;
    throw;
  }
  if (params.at("finally").empty()) return returned;
  const json value = frame.last;
  if (run_steps(params.at("finally"), frame)) return true;
  frame.last = value;
  return returned;
}

json adapter::step_params(const json& step, const script_frame& frame) {
  json params = params_of(step);
  if (const auto use = step.find("use"); use != step.end()) {
    params[use->get_ref<const std::string&>()] = frame.last;
  }
  const auto& op = step.at("op").get_ref<const std::string&>();
  if (const auto wrong = protocol::of_environment().complete_params(op, params)) {
    throw bad_params(*wrong);
  }
  return params;
}

void adapter::run_step(const json& step, script_frame& frame) {
  const auto& op = step.at("op").get_ref<const std::string&>();
  if (op.starts_with("actor.") || op == "script.run" || !has(op)) {
    throw raised("ValueError", op + " cannot stand in a function");
  }
  frame.last = perform(op, at(op), step_params(step, frame));
}

void adapter::add_script_ops() {
  on("script.call", [this](const json& params) {
    return call_script(params.at("steps"), params.at("arguments"));
  });
  for (const char* op :
       {"script.argument", "script.return", "script.raise", "script.repeat", "script.try"}) {
    on(op, [op](const json&) -> json {
      throw raised("ValueError", std::string(op) + " stands in a function only");
    });
  }
}

json adapter::run_script(const json& params) {
  struct planned {
    std::size_t index;
    std::string op;
    handler how;
    json params;
  };
  std::vector<planned> plan;
  for (const auto& step : params.at("steps")) {
    auto op = step.at("op").get<std::string>();
    const std::string where = "step " + std::to_string(plan.size()) + ": ";
    if (op == "script.run" || op.starts_with("actor.") || !has(op)) {
      throw raised("ValueError", where + op + " cannot be in a script");
    }
    json given = params_of(step);
    if (step.contains("use")) throw bad_params(where + "use stands in functions: script.call");
    if (const auto wrong = protocol::of_environment().complete_params(op, given)) {
      throw bad_params(where + *wrong);
    }
    const handler how = at(op);
    plan.push_back({plan.size(), std::move(op), how, std::move(given)});
  }
  json events = json::array();
  const auto perform_and_log = [&](const planned& step) {
    json event{{"step", step.index}, {"start_ns", monotonic_ns()}};
    try {
      json result = perform(step.op, step.how, step.params);
      event["end_ns"] = monotonic_ns();
      event["result"] = std::move(result);
    } catch (const std::exception& thrown) {
      event["end_ns"] = monotonic_ns();
      event["error"] = error_data(step.op, thrown);
    }
    events.push_back(std::move(event));
  };
  const auto perform_alone = [&](const planned& step) {
    try {
      perform(step.op, step.how, step.params);
    } catch (const std::exception&) {  // what is not logged raises unnoticed
    }
  };
  const bool log = params.at("log");
  const std::int64_t begin = monotonic_ns();
  for (std::int64_t round = params.at("repeat"); round > 0; --round) {
    for (const auto& step : plan) log ? perform_and_log(step) : perform_alone(step);
  }
  return {{"elapsed_ns", monotonic_ns() - begin}, {"events", std::move(events)}};
}

}  // namespace assay::sdk
