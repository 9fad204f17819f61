// What an adapter in C++ needs to be checked by assay. An adapter is a program that performs ops
// (`queue.put`, `regex.search`) when assay asks for them.
//
//   #include "conformance/sdk/cpp/adapter.h"
//   using assay::sdk::json;
//
//   int main() {
//     assay::sdk::adapter a{"my queue", "1.0", "C++"};
//     a.supports({"queue"});
//     std::map<std::string, my_queue> queues;
//     a.on("queue.open", [&](const json& params) {
//       queues.emplace(params.at("queue"), params.at("maxsize").get<int>());
//       return json();
//     });
//     a.on("queue.get_nowait", [&](const json& params) -> json {
//       auto item = queues.at(params.at("queue")).try_get();
//       if (!item) throw assay::sdk::raised("Empty");
//       return *item;
//     });
//     return a.run();
//   }
//
// Handlers get params that fit protocol.json, with every default filled in; what they return is
// checked against it too. Bytes are {"base64": text}: see `bytes_of` and `to_bytes`.
// Built in are the ops of actor, script, event, time, data and memory, process.self, and simple
// forms of process.start (fork) and thread.start (std::thread); an adapter whose implementation
// starts processes or threads in its own way replaces those two and calls `serve_as` in what it
// has started.
//
// Threads: `run` calls handlers one at a time on the thread that called it, `serve_as` likewise on
// its thread; with several such threads the handlers that they use must bear that. The table of
// handlers may not change once a second thread serves. Forks: whatever the handlers own is
// inherited by the child as fork leaves it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace assay::sdk {

using nlohmann::json;

/// A condition that an op raises: one of the protocol's error types, and what went wrong.
/// Any other exception that leaves a handler becomes an InternalError with its what().
class raised : public std::runtime_error {
 public:
  explicit raised(std::string type, const std::string& message = {})
      : std::runtime_error(message), type_(std::move(type)) {}
  /// For PatternError and TemplateError: where, in code points of the pattern or template.
  raised&& at(std::int64_t position) &&;
  /// For MessageError: the status code that a server answers with.
  raised&& with_status(int status) &&;
  /// For StopIteration: what the generator returned.
  raised&& with_value(json value) &&;

  const std::string& type() const { return type_; }
  const std::optional<std::int64_t>& position() const { return position_; }
  const std::optional<int>& status() const { return status_; }
  const std::optional<json>& value() const { return value_; }

 private:
  std::string type_;
  std::optional<std::int64_t> position_;
  std::optional<int> status_;
  std::optional<json> value_;
};

/// Performs one op: params in, result out; raises by throwing `raised`.
using handler = std::function<json(const json& params)>;

/// A handler that takes another's place and may call it.
using wrapper = std::function<json(const handler& previous, const json& params)>;

/// The bytes that {"base64": text} stands for; throws `raised("ValueError")` when it is not that.
std::string bytes_of(const json& value);
/// {"base64": text}.
json to_bytes(std::string_view bytes);

/// What one call of a function made of steps knows: see `adapter::call_script`.
struct script_frame {
  json arguments = json::array();
  json last;  ///< result of the last step, or what script.return gave
};

/// A table of handlers and the loop that serves them.
class adapter {
 public:
  /// What the report calls the implementation, its version and its language.
  adapter(std::string implementation, std::string version, std::string language);
  ~adapter();
  adapter(const adapter&) = delete;
  adapter& operator=(const adapter&) = delete;

  /// Areas (`queue`), groups (`regex.names`) or slugs; a leading `-` takes one back out. Adds to
  /// what was said before.
  adapter& supports(const std::vector<std::string>& names);

  /// The op's handler. Throws std::logic_error when it already has one.
  adapter& on(std::string_view op, handler perform);
  /// Takes the place of the op's handler, which it gets as its first argument: how a wrong adapter
  /// is made out of a right one. Throws std::logic_error when there is none.
  adapter& replace(std::string_view op, wrapper perform);
  /// Takes the op out: asked for it, the adapter then answers that it has no such op.
  adapter& remove(std::string_view op);

  /// Whether there is a handler, and the handler itself (throws std::out_of_range).
  bool has(std::string_view op) const;
  const handler& at(std::string_view op) const;

  /// Connects to ASSAY_SOCKET, says hello and serves requests until actor.exit or the end of file;
  /// returns the exit code for main. Run by hand, without ASSAY_SOCKET, it says what it is: 2.
  /// What goes wrong on the connection itself is said on stderr: 1.
  int run();

  /// Serves as another actor, over a connection of its own, on the calling thread of a process or
  /// thread that a handler has started: for process.start and thread.start. Returns the exit code
  /// that actor.exit gave, or 0 at the end of the connection; throws `raised` when actor.raise
  /// asked for an uncaught exception. In a forked child the parent's connection is let go of.
  int serve_as(const std::string& actor);
  /// Takes the name for a new actor; throws `raised("ValueError")` when it was taken before.
  void take_name(const std::string& actor);
  /// Which actor the calling thread serves as; "main" outside of any.
  static const std::string& actor_name();

  /// Performs steps as a function's body and returns its value; what a step raises leaves it.
  /// Steps and their rules: PROTOCOL.md, scripts.
  json call_script(const json& steps, json arguments = json::array());
  /// The same within a frame of the caller's; true when script.return ended it.
  bool run_steps(const json& steps, script_frame& frame);
  /// Performs a single step that is no control step (script.return, raise, argument, repeat, try);
  /// leaves its result in the frame.
  void run_step(const json& step, script_frame& frame);
  /// A step's params, complete and checked, with `use` filled in.
  static json step_params(const json& step, const script_frame& frame);

  /// One connection and its actor. For adapter.cc alone.
  struct session;

 private:
  json hello(const session& of) const;
  void serve(session& over);
  std::string answer(std::string_view line);
  json perform(std::string_view op, const handler& how, const json& params) const;
  std::string reply_of(const json& id, const json& result) const;
  std::string reply_raised(const json& id, const json& data) const;
  void add_builtin_ops();
  void add_script_ops();
  void start_process(const json& params);
  void start_thread(const json& params);
  json run_script(const json& params);
  bool run_try(const json& params, script_frame& frame);

  std::string implementation_;
  std::string version_;
  std::string language_;
  std::vector<std::string> supports_;
  std::map<std::string, handler, std::less<>> handlers_;
  std::mutex names_lock_;
  std::set<std::string> started_ = {"main"};
};

/// A thrown exception as the `data` of an error reply: `raised` as it is, a system_error by the
/// name of its errno, any other as InternalError.
json error_data(std::string_view op, const std::exception& thrown);

}  // namespace assay::sdk
