// Bodies of functions, as lists of steps: what a generator, a greenlet or a pool's task is to do.
//
//   const json body = {log("begins"), repeat(3, {sleep(10ms), log("turn")}), return_value(7)};
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay::steps {

/// How often a lower bound of time is tried: a busy machine can make an early end look late, but
/// hardly each time.
constexpr int trials_of_early = 3;

/// What a function does, in order.
using body = std::vector<json>;

inline json step(const std::string& op, json params = json::object()) {
  return {{"op", op}, {"params", std::move(params)}};
}
/// A step whose param gets the result of the step before.
inline json step_with_last(const std::string& op, const std::string& param,
                           json params = json::object()) {
  return {{"op", op}, {"params", std::move(params)}, {"use", param}};
}

inline json log(const json& value) { return step("event.log", {{"value", value}}); }
inline json log_last() { return step_with_last("event.log", "value"); }
inline json sleep(std::chrono::duration<double> time) {
  return step("time.sleep", {{"seconds", time.count()}});
}
inline json argument(int index = 0) { return step("script.argument", {{"index", index}}); }
inline json return_value(const json& value) { return step("script.return", {{"value", value}}); }
inline json raise(const std::string& type, const std::string& message = "") {
  return step("script.raise", {{"type", type}, {"message", message}});
}
/// `times` null: for ever.
inline json repeat(const json& times, const body& steps) {
  return step("script.repeat", {{"times", times}, {"steps", steps}});
}

struct attempt {
  json type = nullptr;  ///< what is caught
  body handler = {};
  body finally = {};
};
inline json try_steps(const body& steps, const attempt& how) {
  return step(
      "script.try",
      {{"steps", steps}, {"catch", how.type}, {"handler", how.handler}, {"finally", how.finally}});
}

}  // namespace assay::steps
