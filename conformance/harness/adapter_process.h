// A testee's adapter while it runs: its process, the socket that its actors connect to, its actors.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/child_process.h"
#include "conformance/harness/connection.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/scratch_directory.h"
#include "conformance/harness/testee.h"

namespace assay {

/// What the main actor says of its implementation in its hello.
struct hello_info {
  std::string implementation;
  std::string version;
  std::string language;
  std::vector<std::string> supports;
};

/// Owns the process, its descendants, its scratch directory and the actors; nothing is left of them
/// after destruction.
class adapter_process {
 public:
  /// Starts the adapter, in a network of its own if one is given, and waits for the hello of its
  /// main actor. Throws testee_failure when none comes, std::system_error when the program cannot
  /// be started.
  adapter_process(const testee_definition& testee, const protocol& rules, transcript& log,
                  const network_namespace* network = nullptr);
  ~adapter_process();

  actor& main_actor() { return *actors_.front(); }
  /// The actor with this name once it has said hello.
  actor& wait_for_actor(std::string_view name);
  const hello_info& info() const { return info_; }
  /// Working directory of the adapter.
  std::filesystem::path scratch() const { return directory_.path() / "scratch"; }

  /// What is wrong with the testee now that the test is over, before anything is ended.
  std::optional<testee_failure> unasked_death();
  /// Hangs up, waits for the actors to end by that, and ends everything that is left. When all
  /// actors ended as they should and processes stayed behind, that is told as a failure.
  std::optional<testee_failure> end();
  /// All that was captured of its standard error.
  std::string standard_error() const { return process_ ? process_->err() : std::string(); }
  /// What it wrote to its standard error, clipped from the left; may be empty.
  std::string error_output() const;

 private:
  // A connection whose hello has not come.
  struct newcomer;
  using clock = std::chrono::steady_clock;

  void listen();
  void launch(const testee_definition& testee, const network_namespace* network);
  void accept_one();
  bool read_hello(newcomer& from);
  void take_hello(newcomer& from, const json& hello);
  void poll_newcomers(clock::time_point until);
  actor* find(std::string_view name);
  std::string ending_of(pid_t pid);
  [[noreturn]] void fail_without_hello(std::string_view name);
  bool actors_end(patience left);

  const protocol& rules_;
  transcript& log_;
  scratch_directory directory_;
  int listener_ = -1;
  connection_context context_;
  std::unique_ptr<child_process> process_;
  std::vector<std::unique_ptr<newcomer>> newcomers_;
  std::vector<std::unique_ptr<actor>> actors_;
  hello_info info_;
  bool ended_ = false;
};

}  // namespace assay
