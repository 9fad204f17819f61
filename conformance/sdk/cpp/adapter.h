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
// The ops actor.exit, process.start and script.run are built in.
//
// Threads: `run` calls handlers one at a time on the thread that called it. Forks: process.start
// forks that thread in the middle of `run`; whatever the handlers own is inherited by the child as
// fork leaves it, and the child goes on in the same `run` over a connection of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
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

  const std::string& type() const { return type_; }
  const std::optional<std::int64_t>& position() const { return position_; }
  const std::optional<int>& status() const { return status_; }

 private:
  std::string type_;
  std::optional<std::int64_t> position_;
  std::optional<int> status_;
};

/// Performs one op: params in, result out; raises by throwing `raised`.
using handler = std::function<json(const json& params)>;

/// A handler that takes another's place and may call it.
using wrapper = std::function<json(const handler& previous, const json& params)>;

/// The bytes that {"base64": text} stands for; throws `raised("ValueError")` when it is not that.
std::string bytes_of(const json& value);
/// {"base64": text}.
json to_bytes(std::string_view bytes);

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

 private:
  struct session;

  json hello() const;
  void serve();
  std::string answer(std::string_view line);
  json perform(std::string_view op, const handler& how, const json& params) const;
  std::string reply_of(const json& id, const json& result) const;
  std::string reply_raised(const json& id, const json& data) const;
  void exit_actor(const json& params);
  void start_process(const json& params);
  json run_script(const json& params);

  std::string implementation_;
  std::string version_;
  std::string language_;
  std::vector<std::string> supports_;
  std::map<std::string, handler, std::less<>> handlers_;
  std::string actor_ = "main";
  std::set<std::string> started_ = {"main"};
  std::unique_ptr<session> session_;
};

}  // namespace assay::sdk
