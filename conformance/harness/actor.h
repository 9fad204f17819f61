// Actors: the processes and threads of a testee that answer ops, one connection each.
//
//   actor& consumer = main_actor().start_process("consumer");
//   pending_call get = consumer.begin("queue.get", {{"queue", "q"}});
//   EXPECT_TRUE(get.is_blocked());                    // asked of the kernel
//   main_actor().call("queue.put", {{"queue", "q"}, {"item", 1}});
//   EXPECT_THAT(get.finish(), returned(1));
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class network_namespace;

using nlohmann::json;
using namespace std::chrono_literals;

/// Factor on every upper bound of time, from ASSAY_TIME_SCALE (default 1, larger under sanitizers).
double time_scale();

/// An upper bound scaled by `time_scale()`.
std::chrono::nanoseconds scaled(std::chrono::nanoseconds bound);

/// The longest that a call may take before it is a hang: 10 s, scaled.
std::chrono::nanoseconds call_timeout();

/// Sets it for this process, not yet scaled. For tests of hanging testees.
void set_call_timeout(std::chrono::nanoseconds timeout);

/// What a call came to: a result or a raised condition.
class outcome {
 public:
  static outcome of_result(json result, std::chrono::nanoseconds elapsed);
  static outcome of_error(json error, std::chrono::nanoseconds elapsed);
  /// Says for how much of the time processors were waited for; see patience.h.
  void set_starved(std::chrono::nanoseconds time) { starved_ = time; }

  bool ok() const { return ok_; }
  /// The result; a failed expectation that is thrown when the call raised something.
  const json& result() const;
  /// The error type of PROTOCOL.md (`Empty`); empty when the call returned.
  std::string error_type() const;
  std::string error_message() const;
  /// The whole error object's data: type, position, status.
  const json& error_data() const { return error_; }
  /// From just before the request was written until the reply was read.
  std::chrono::nanoseconds elapsed() const { return elapsed_; }
  /// The same without the time for which processors were waited for: what upper bounds are for.
  std::chrono::nanoseconds own_time() const {
    return std::max<std::chrono::nanoseconds>(elapsed_ - starved_, 0ns);
  }
  /// One line for messages: `raised Empty ("…") after 51 ms`.
  std::string describe() const;

 private:
  bool ok_ = false;
  json result_;
  json error_;
  std::chrono::nanoseconds elapsed_{};
  std::chrono::nanoseconds starved_{};
};

std::ostream& operator<<(std::ostream& out, const outcome& value);

class actor;

/// A request that was sent and not yet answered. One at a time for each actor.
class pending_call {
 public:
  /// Waits for the reply. Past the timeout the testee has hung: the test ends with that verdict.
  outcome finish(std::chrono::nanoseconds timeout = call_timeout());
  /// True once the kernel shows that the actor's thread read the request and sleeps without having
  /// replied; false once a reply came. A thread that uses the processor for half a second (scaled)
  /// instead of sleeping fails the test; neither within `call_timeout()` ends it as a hang.
  bool is_blocked();
  /// Whether a reply is there; does not wait.
  bool is_done();

 private:
  friend class actor;
  pending_call(actor& owner, std::int64_t id) : actor_(&owner), id_(id) {}
  actor* actor_;
  std::int64_t id_;
};

/// Drives one actor. Owned by the testee that it belongs to; a reference stays good for the test.
class actor {
 public:
  struct impl;
  explicit actor(std::unique_ptr<impl> state);
  ~actor();
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;

  const std::string& name() const;
  pid_t pid() const;
  pid_t tid() const;

  /// Sends one op and waits for its outcome. Throws the ending (crash, hang, malformed reply) that
  /// becomes the verdict when the testee does not answer properly; arguments that do not fit
  /// protocol.json are the spec's own mistake and throw std::logic_error.
  outcome call(std::string_view op, json params = json::object(),
               std::chrono::nanoseconds timeout = call_timeout());
  /// Sends one op and does not wait.
  pending_call begin(std::string_view op, json params = json::object());
  /// Sends many ops without waiting in between; outcomes in order. `timeout` bounds each reply.
  std::vector<outcome> call_all(const std::vector<std::pair<std::string, json>>& calls,
                                std::chrono::nanoseconds timeout = call_timeout());

  /// Asks this actor for a new process (op process.start) and waits for its hello.
  actor& start_process(std::string_view name);
  /// Asks this actor for a thread of its process (op thread.start) and waits for its hello.
  actor& start_thread(std::string_view name, bool daemon = false);

  /// Kills the actor's process and waits until the kernel shows it dead (gone or a zombie).
  /// Later calls to this actor are the spec's mistake; the testee's other actors go on.
  void kill(int signal_number);
  /// True once the actor's process is gone or a zombie; for a thread, once the thread is.
  bool is_dead() const;
  /// Waits for that; false when it does not come within `call_timeout()`.
  bool await_death() const;
  /// How the process ended (0 for a clean end), once it is dead and while nobody has reaped it.
  std::optional<int> wait_status() const;
  /// The spec itself ends this actor by an op that is not asked of it: its end is no crash.
  void expect_death();

  impl& state();  ///< for the harness itself

 private:
  friend class pending_call;
  std::unique_ptr<impl> impl_;
};

/// What an actor wrote by the op event.log.
struct event {
  json value;
  std::chrono::nanoseconds time;  ///< CLOCK_MONOTONIC
  pid_t pid;
  pid_t tid;
};

/// All events of the running test so far, in the order in which they were written.
std::vector<event> events();
/// Their values alone.
std::vector<json> event_values();
/// Waits until there are this many; fewer when they do not come within the timeout, scaled.
std::vector<event> await_events(std::size_t count, std::chrono::nanoseconds timeout = 5s);

/// Waits, by looking again and again, until the condition holds; whether it did in time, scaled.
bool await(const std::function<bool()>& condition, std::chrono::nanoseconds timeout = 5s);

/// What the testee's processes have written to their standard error so far (its first and last 64
/// KiB).
std::string standard_error();

/// The main actor of the testee under test, started for this requirement if none runs yet.
actor& main_actor();

/// The main actor of another process of the testee, whose sockets belong to that network; `name` is
/// what the exchange calls it. Events and scratch_path() are those of main_actor(), not its own.
actor& actor_in(const network_namespace& where, std::string name);

/// A path in the running test's scratch directory, which is emptied at its end.
std::string scratch_path(std::string_view name);

/// Bytes as PROTOCOL.md writes them, and back.
json to_base64(std::string_view bytes);
std::string from_base64(const json& value);

}  // namespace assay
