// Generators of the testee, and the steps that stand in their bodies only.
#pragma once

#include <string>

#include "conformance/harness/matchers.h"
#include "conformance/spec/steps.h"

namespace assay {
namespace steps {

inline json yield(const json& value) { return step("generator.yield", {{"value", value}}); }
inline json yield_last() { return step_with_last("generator.yield", "value"); }
inline json delegate(const std::string& to) {
  return step("generator.delegate", {{"generator", to}});
}

}  // namespace steps

/// A generator by its name.
class generator {
 public:
  /// Calls a generator function whose body is these steps.
  static generator of(const steps::body& body, const std::vector<json>& arguments = {},
                      const std::string& name = "g") {
    return opened("open", {{"steps", body}, {"arguments", arguments}}, name);
  }
  static generator fib(std::int64_t count) { return opened("fib", {{"count", count}}, "g"); }
  static generator expression(std::int64_t count) {
    return opened("expression", {{"count", count}}, "g");
  }

  outcome next() { return call("next"); }
  outcome send(const json& value) { return call("send", {{"value", value}}); }
  outcome throw_in(const std::string& type, const std::string& message) {
    return call("throw", {{"type", type}, {"message", message}});
  }
  outcome close() { return call("close"); }
  outcome list(const json& limit = nullptr) { return call("list", {{"limit", limit}}); }
  json kind() { return call("kind").result(); }

 private:
  explicit generator(std::string name) : name_(std::move(name)) {}
  static generator opened(const std::string& how, json params, const std::string& name) {
    generator made(name);
    EXPECT_THAT(made.call(how, std::move(params)), returned());
    return made;
  }
  outcome call(const std::string& op, json params = json::object()) {
    params["generator"] = name_;
    return main_actor().call("generator." + op, params);
  }
  std::string name_;
};

}  // namespace assay
