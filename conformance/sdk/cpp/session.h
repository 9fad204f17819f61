// One actor's connection and the processes that it started. For adapter.cc alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/protocol/framing.h"
#include "conformance/sdk/cpp/adapter.h"

namespace assay::sdk {

/// Leaves every handler in a process that fork has just made; not a std::exception, so that no
/// handler catches it by accident.
struct forked_child {
  std::string actor;
};

/// Params of the right type whose value the request may not have: answered as bad params.
struct bad_params : std::runtime_error {
  using std::runtime_error::runtime_error;
};

pid_t process_id();
pid_t thread_id();
/// CLOCK_MONOTONIC, which all processes share.
std::int64_t monotonic_ns();

/// Owns the connection and a pidfd for each child.
struct adapter::session {
 public:
  /// Connects; throws std::system_error.
  session(const char* path, std::size_t line_limit);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Waits for a line and reaps children meanwhile; false at the end of file. Throws when a line
  /// is past the limit.
  bool read_line(std::string_view& line);
  /// False when assay is gone.
  bool write(std::string_view line);

  /// In the parent returns; in the child throws `forked_child`.
  void fork_child(std::string actor);

  void exit_with(int code) { exit_code_ = code; }
  const std::optional<int>& exit_code() const { return exit_code_; }

 private:
  struct child {
    pid_t pid;
    int pidfd;
  };
  void wait_and_reap();
  void reap_ended();

  int connection_;
  line_reader reader_;
  std::vector<child> children_;
  std::optional<int> exit_code_;
};

}  // namespace assay::sdk
