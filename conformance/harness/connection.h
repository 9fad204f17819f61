// The connection to one actor: requests out, replies in, each checked against the protocol.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "conformance/harness/actor.h"
#include "conformance/harness/testee_failure.h"
#include "conformance/harness/transcript.h"
#include "conformance/protocol/framing.h"
#include "conformance/protocol/protocol.h"

namespace assay {

/// What a connection needs from the testee that it belongs to.
struct connection_context {
  const protocol& rules;
  transcript& log;
  /// How the process ended, in words; empty when it does not end in time.
  std::function<std::string(pid_t)> ending_of;
  /// Starts the wait for the hello of a named actor.
  std::function<actor&(std::string_view)> wait_for_actor;
  /// What the testee wrote to its standard error, for messages; may be empty.
  std::function<std::string()> last_words;
  /// Whether an actor beside main is a thread where either would do; see other_actor.h.
  bool others_are_threads = false;
};

/// State of an actor. Owns the socket. Reading and writing go on together, so that neither side's
/// full buffer can stop the other.
struct actor::impl {
 public:
  using clock = std::chrono::steady_clock;
  struct request {
    std::int64_t id;
    std::string op;
    clock::time_point sent;
  };

  impl(const connection_context& context, int descriptor, line_reader reader);
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// Puts a request into the outgoing buffer.
  std::int64_t enqueue(std::string_view op, const json& params);
  /// Writes what is in the outgoing buffer.
  void flush();
  /// The outcome of the oldest request; throws the ending instead, past the timeout `hang`.
  outcome receive(std::chrono::nanoseconds timeout);
  /// Whether that is there; reads what has come and does not wait.
  bool poll_reply();
  bool is_blocked();
  /// One round of waiting, reading and writing; at most until the deadline.
  void step(clock::time_point deadline);
  void hang_up();

  [[noreturn]] void fail(const char* verdict, const std::string& message);
  [[noreturn]] void fail_crashed();
  [[noreturn]] void fail_hung(const std::string& what, std::chrono::nanoseconds after);

  const connection_context& context;
  std::string name;
  pid_t pid = -1;
  pid_t tid = -1;
  int descriptor = -1;
  bool killed = false;   ///< by the spec
  bool exiting = false;  ///< asked to, by actor.exit
  bool broken = false;   ///< it failed; nothing more can come
  std::deque<request> waiting;
  std::deque<outcome> ready;

 private:
  class line_patience;

  void count_sent(ssize_t bytes);
  void read_available();
  void take_lines();
  outcome check_reply(json& reply, const request& asked);
  outcome check_error(const json& error, const request& asked, std::chrono::nanoseconds elapsed);

  line_reader reader_;
  std::string outgoing_;
  std::size_t written_ = 0;
  std::int64_t last_id_ = 0;
  std::uint64_t moved_ = 0;  // bytes, in both directions
  bool ended_ = false;
  clock::time_point last_reply_{};
};

}  // namespace assay
