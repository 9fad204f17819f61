// Greenlets and green threads of the testee, and the steps that their functions are made of.
#pragma once

#include <string>
#include <vector>

#include "conformance/harness/matchers.h"
#include "conformance/spec/steps.h"

namespace assay {
namespace steps {

inline json switch_to(const std::string& name, const std::vector<json>& values = {}) {
  return step("greenlet.switch", {{"greenlet", name}, {"values", values}});
}
inline json green_sleep(std::chrono::duration<double> time = 0s) {
  return step("green.sleep", {{"seconds", time.count()}});
}
inline json spawn_step(const std::string& name, const body& steps) {
  return step("green.spawn", {{"green", name}, {"steps", steps}});
}

}  // namespace steps

/// A greenlet by its name.
class greenlet {
 public:
  static greenlet of(const std::string& name, const steps::body& body,
                     const json& parent = nullptr) {
    EXPECT_THAT(main_actor().call("greenlet.create",
                                  {{"greenlet", name}, {"steps", body}, {"parent", parent}}),
                returned());
    return greenlet(name);
  }
  outcome switch_to(const std::vector<json>& values = {}) {
    return call("switch", {{"values", values}});
  }
  outcome throw_in(const std::string& type, const std::string& message = "") {
    return call("throw", {{"type", type}, {"message", message}});
  }
  outcome set_parent(const std::string& parent) { return call("set_parent", {{"parent", parent}}); }
  json state() { return call("state").result(); }
  bool is_dead() { return state().at("dead"); }

 private:
  explicit greenlet(std::string name) : name_(std::move(name)) {}
  outcome call(const std::string& op, json params = json::object()) {
    params["greenlet"] = name_;
    return main_actor().call("greenlet." + op, params);
  }
  std::string name_;
};

/// A green thread by its name.
class green {
 public:
  static green spawn(const std::string& name, const steps::body& body,
                     std::chrono::duration<double> delay = 0s) {
    EXPECT_THAT(main_actor().call("green.spawn",
                                  {{"green", name}, {"steps", body}, {"delay", delay.count()}}),
                returned());
    return green(name);
  }
  outcome join(const json& timeout = nullptr) { return call("join", {{"timeout", timeout}}); }
  outcome get(const json& timeout = nullptr) { return call("get", {{"timeout", timeout}}); }
  outcome kill() { return call("kill"); }
  json state() { return call("state").result(); }

 private:
  explicit green(std::string name) : name_(std::move(name)) {}
  outcome call(const std::string& op, json params = json::object()) {
    params["green"] = name_;
    return main_actor().call("green." + op, params);
  }
  std::string name_;
};

inline outcome join_all(const std::vector<std::string>& names, const json& timeout = nullptr) {
  return main_actor().call("green.join_all", {{"greens", names}, {"timeout", timeout}});
}
inline outcome let_others_run(std::chrono::duration<double> time = 0s) {
  return main_actor().call("green.sleep", {{"seconds", time.count()}});
}
inline void patch() { EXPECT_THAT(main_actor().call("green.patch"), returned()); }

}  // namespace assay
