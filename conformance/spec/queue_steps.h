// Steps that the requirements of the area queue are written in.
//
//   auto queue = open_queue(3);                       // on the main actor, as "q"
//   auto consumer = queue.on(start("consumer"));      // the same queue in another process
//   pending_call get = consumer.begin_get();
//   queue.put("hello");
//   EXPECT_THAT(get.finish(), returned("hello"));
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay {

/// Arguments of put and get; what is not set is not sent.
struct waiting {
  std::optional<bool> block = std::nullopt;
  std::optional<std::chrono::duration<double>> timeout = std::nullopt;
};

/// A queue by its name, used by one actor.
class queue_of_actor {
 public:
  queue_of_actor(actor& user, std::string name) : user_(&user), name_(std::move(name)) {}

  queue_of_actor on(actor& other) const { return {other, name_}; }

  outcome put(const json& item, waiting how = {});
  outcome get(waiting how = {});
  outcome put_nowait(const json& item);
  outcome get_nowait();
  outcome qsize() { return call("queue.qsize"); }
  outcome empty() { return call("queue.empty"); }
  outcome full() { return call("queue.full"); }
  outcome close() { return call("queue.close"); }
  pending_call begin_put(const json& item, waiting how = {});
  pending_call begin_get(waiting how = {});

  /// Puts items one after another and expects each to be accepted.
  void put_all(const std::vector<json>& items);
  /// Gets this many items; ends early where a get raises something.
  std::vector<json> get_all(std::size_t count);
  /// What is left, by gets with a short timeout, until one raises Empty.
  std::vector<json> drain();
  /// Waits until `empty` says that something is there, for implementations in which that lags.
  void await_item();
  /// Waits until qsize is this or less, while another process gets.
  void await_qsize(int at_most);
  /// Waits until qsize is this or more, while another process puts.
  void await_qsize_from(int at_least);

  /// A step for `run`.
  json step(std::string_view op, json more = json::object()) const;
  /// Performs steps in a row without a round trip in between; the result of script.run.
  json run(const std::vector<json>& steps, int repeat = 1);
  /// The same without waiting for its end.
  pending_call begin_run(const std::vector<json>& steps, int repeat = 1);

 private:
  void await(const std::function<bool()>& done);
  outcome call(std::string_view op, json more = json::object());
  json with_name(json more) const;

  actor* user_;
  std::string name_;
};

/// Opens a queue on the main actor and expects that to work.
queue_of_actor open_queue(const json& maxsize = 0, std::string_view name = "q");
/// The outcome of opening one.
outcome try_open_queue(const json& maxsize);
/// A new process of the testee, forked from the main actor.
actor& start(std::string_view name);

/// Bytes as an item.
json bytes_item(std::size_t size, char filling);

/// Of the events of a script: the results of the step with this index, in order; null for raised.
std::vector<json> results_of(const json& script_result, int step);
/// The error types that any step raised.
std::vector<std::string> errors_of(const json& script_result);

}  // namespace assay
