// Steps that the requirements of the areas process and thread are written in.
//
//   auto worker = create_process("worker", {.daemon = true});   // made by main, not started
//   actor& served = worker.start();
//   worker.join({.timeout = 50ms});
//   EXPECT_THAT(worker.state().exit_code, Optional(-SIGTERM));
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay {

/// What the spec says of a process object at its making; what is not set is not sent.
struct creation {
  std::optional<std::string> name = std::nullopt;
  bool daemon = false;
  json args = json::array();
  json kwargs = json::object();
};

/// What the op process.state tells.
struct process_view {
  std::optional<pid_t> pid;
  bool alive;
  std::optional<int> exit_code;
  std::string name;
  bool daemon;
};

using seconds = std::chrono::duration<double>;

/// A process object in the actor that made it.
class made_process {
 public:
  made_process(actor& maker, std::string name) : maker_(&maker), name_(std::move(name)) {}

  /// Starts it and waits for its hello.
  actor& start() { return maker_->start_process(name_); }
  outcome try_start() { return call("process.start"); }
  outcome join(std::optional<seconds> timeout = std::nullopt);
  pending_call begin_join();
  process_view state();
  outcome try_state() { return call("process.state"); }
  outcome terminate() { return call("process.terminate"); }
  outcome kill() { return call("process.kill"); }
  outcome close() { return call("process.close"); }
  /// What it was given at its making: {"args", "kwargs"}.
  json arguments() { return call("process.arguments").result(); }
  /// The same object as another actor sees it.
  made_process on(actor& other) const { return {other, name_}; }

 private:
  outcome call(std::string_view op, json more = json::object());

  actor* maker_;
  std::string name_;
};

/// Makes a process object in `maker` (main when left out).
made_process create_process(std::string_view name, const creation& how = {});
made_process create_process(actor& maker, std::string_view name, const creation& how = {});

/// Makes a process, starts it and has its function end with this code; then waits for its end.
made_process ended_process(std::string_view name, int code = 0);

/// A thread object in the actor that started it.
class made_thread {
 public:
  made_thread(actor& maker, std::string name) : maker_(&maker), name_(std::move(name)) {}
  outcome join(std::optional<seconds> timeout = std::nullopt);
  pending_call begin_join();
  json state();

 private:
  actor* maker_;
  std::string name_;
};

/// Has an actor's function return with this code: the actor answers first, and ends afterwards.
void finish(actor& which, int code = 0);
/// Has it left by an uncaught exception.
void fail(actor& which, std::string_view type, std::string_view message);
/// Has its process end by _exit, which gives no reply.
void exit_now(actor& which, int code = 0);
/// Whether the actor ends within the time, scaled. For what must end.
bool ends(const actor& which, std::chrono::nanoseconds within = 2s);
/// Whether it is still there after a while, when its process sleeps: long for one that has nothing
/// left to do.
bool stays(const actor& which, std::chrono::nanoseconds meanwhile = 40ms);

/// Whether this comes on the testee's standard error.
bool says(std::string_view text);
/// Whether anything comes there within a while.
bool says_anything();

/// Has all of them sleep this long, and returns how long it took until the last was done: the least
/// of some trials, so that a busy machine does not count.
std::chrono::nanoseconds time_of_sleeps(const std::vector<actor*>& sleepers,
                                        std::chrono::nanoseconds each);

/// A pipe of the main process; those that are started later inherit it.
void open_pipe(std::string_view name);
void write_pipe(actor& by, std::string_view pipe, std::string_view text);
pending_call begin_read(actor& by, std::string_view pipe);

/// Global variables of the actor's process.
void set_data(actor& of, std::string_view name, const json& value);
json get_data(actor& of, std::string_view name);
void append_data(actor& of, std::string_view name, const json& value);

/// Ids as the actor itself learns them from the kernel.
struct identity {
  pid_t pid, ppid, tid;
};
identity identity_of(actor& which);

}  // namespace assay
