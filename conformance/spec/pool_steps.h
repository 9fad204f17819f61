// Steps that the requirements of the area pool are written in.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "conformance/harness/matchers.h"
#include "conformance/spec/steps.h"

namespace assay {

namespace steps {
/// Logs who performs this, as {"pid", "ppid", "tid"}.
inline body log_identity() { return {step("process.self"), log_last()}; }
}  // namespace steps

/// A pool of the main actor by its name.
class task_pool {
 public:
  explicit task_pool(const json& size = nullptr, json more = json::object()) {
    more["size"] = size;
    EXPECT_THAT(call("open", std::move(more)), returned());
  }

  outcome apply(const steps::body& task, const std::vector<json>& arguments = {}) {
    return call("apply", {{"steps", task}, {"arguments", arguments}});
  }
  /// Hands a task in under a name.
  outcome apply_async(const std::string& name, const steps::body& task,
                      const std::vector<json>& arguments = {}, bool callback = false) {
    return call(
        "apply_async",
        {{"task", name}, {"steps", task}, {"arguments", arguments}, {"callback", callback}});
  }
  outcome get(const std::string& name, const json& timeout = 5) {
    return call("get", {{"task", name}, {"timeout", timeout}});
  }
  outcome wait(const std::string& name, const json& timeout = 5) {
    return call("wait", {{"task", name}, {"timeout", timeout}});
  }
  outcome ready(const std::string& name) { return call("ready", {{"task", name}}); }
  outcome successful(const std::string& name) { return call("successful", {{"task", name}}); }
  outcome map(const steps::body& task, const std::vector<json>& items,
              const json& chunk = nullptr) {
    return call("map", {{"steps", task}, {"items", items}, {"chunk", chunk}});
  }
  outcome starmap(const steps::body& task, const std::vector<json>& items) {
    return call("starmap", {{"steps", task}, {"items", items}});
  }
  outcome imap(const steps::body& task, const std::vector<json>& items, bool ordered = true) {
    return call("imap",
                {{"results", "r"}, {"steps", task}, {"items", items}, {"ordered", ordered}});
  }
  outcome next(const json& timeout = 5) {
    return call("next", {{"results", "r"}, {"timeout", timeout}});
  }
  outcome size() { return call("size"); }
  outcome close() { return call("close"); }
  outcome terminate() { return call("terminate"); }
  outcome join() { return call("join"); }
  pending_call begin_join() { return main_actor().begin("pool.join", {{"pool", "p"}}); }

  /// Hands in a task that announces itself by an event and then stays for a minute.
  void occupy(const std::string& name) {
    apply_async(name, {steps::log(name), steps::sleep(60s)}).result();
  }
  /// The workers' processes, as the kernel has them.
  static std::vector<pid_t> workers();

 private:
  static outcome call(const std::string& op, json params = json::object()) {
    params["pool"] = "p";
    return main_actor().call("pool." + op, params);
  }
};

/// Process ids of all tasks that logged something.
std::set<pid_t> performers();

}  // namespace assay
