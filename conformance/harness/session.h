// The testee under test, from requirement to requirement: what the runner drives and what the free
// functions of actor.h and server_testee.h (main_actor(), server()) speak to.
//
//   session under_test(testee);
//   under_test.begin(requirement);
//   RUN_ALL_TESTS();                       // filtered to the requirement; failures come in through
//   observation seen = under_test.end();   // add_failure
//
// Without GoogleTest, for one call:
//
//   session under_test(load_testee("reference"));
//   under_test.begin();
//   outcome got = main_actor().call("regex.search", {{"pattern", "b"}, {"text", "abc"}});
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/adapter_process.h"
#include "conformance/harness/requirement.h"
#include "conformance/harness/server_testee.h"
#include "conformance/harness/testee.h"
#include "conformance/harness/testee_failure.h"
#include "conformance/harness/transcript.h"

namespace assay {

/// What a requirement came to on a testee.
struct observation {
  std::string verdict;  ///< pass, fail, crash, hang, malformed reply or not here
  std::string message;  ///< empty for a pass
  std::vector<transcript_line> transcript;
  std::chrono::nanoseconds duration{};
};

/// Owns everything that runs of a testee. One at a time in a process, used by one thread. Its
/// process becomes a subreaper.
class session {
 public:
  explicit session(const testee_definition& testee);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Starts a test; the testee itself starts when it is first needed.
  void begin(const requirement& what);
  void begin();
  /// Ends it: judges it and ends what it started. Only a healthy shared server lives on.
  observation end();

  /// A failed expectation.
  void add_failure(const std::string& text);
  /// The testee could not go on; the first such ending is the verdict.
  void add_ending(const std::string& verdict, const std::string& message);

  const testee_definition& testee() const { return testee_; }
  transcript& log() { return log_; }
  actor& main_actor();
  actor& actor_in(const network_namespace& where, std::string name);
  server_process& server();
  server_process start_server(const server_options& options);
  /// What the adapter and its processes have written to their standard error so far.
  std::string standard_error() const;
  /// Private to the running test; the working directory of its adapter if one runs.
  std::filesystem::path scratch();

 private:
  std::unique_ptr<adapter_process> start_adapter(const network_namespace* network);
  void judge_server();
  void judge_adapters();
  void judge(adapter_process& adapter);

  testee_definition testee_;
  transcript log_;
  std::chrono::steady_clock::time_point start_;
  std::unique_ptr<adapter_process> adapter_;
  std::vector<std::unique_ptr<adapter_process>> in_networks_;
  std::unique_ptr<scratch_directory> scratch_;
  std::unique_ptr<scratch_directory> large_file_;  // of the servers' sites
  std::unique_ptr<server_process> server_;
  std::size_t usual_descriptors_ = 0;  // of the server, when it was started
  bool server_used_ = false;
  std::string verdict_;
  std::vector<std::string> messages_;
};

/// The session between begin() and end(); null outside.
session* current_session();

/// The protocol of the data directory, loaded once.
const protocol& protocol_rules();

/// Starts the testee's adapter once and asks what it is; for a testee that is only a server, runs
/// its version command. Throws testee_failure when it does not even say hello, or says that it
/// supports something else than its testee.toml.
hello_info describe(const testee_definition& testee);

}  // namespace assay
