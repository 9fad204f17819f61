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

/// Params of the right type whose value the request may not have: answered as bad params.
struct bad_params : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The params of a request or step; an empty object where it has none.
const json& params_of(const json& holder);

pid_t process_id();
pid_t thread_id();
/// CLOCK_MONOTONIC, which all processes share.
std::int64_t monotonic_ns();

/// Owns the connection and a pidfd for each child. Used by the thread that made it.
struct adapter::session {
 public:
  /// Connects; throws std::system_error.
  session(std::string actor, const char* path, std::size_t line_limit);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Waits for a line and reaps children meanwhile; false at the end of file. Throws when a line
  /// is past the limit.
  bool read_line(std::string_view& line);
  /// False when assay is gone.
  bool write(std::string_view line);

  /// A child that it is to reap.
  void add_child(pid_t pid);
  /// In a forked child: lets go of the connection and the children, which are the parent's.
  void abandon();

  const std::string& actor() const { return actor_; }
  void exit_with(int code) { exit_code_ = code; }
  void raise_at_end(raised what) { uncaught_ = std::move(what); }
  bool is_over() const { return exit_code_ || uncaught_; }
  const std::optional<int>& exit_code() const { return exit_code_; }
  const std::optional<raised>& uncaught() const { return uncaught_; }

 private:
  struct child {
    pid_t pid;
    int pidfd;
  };
  void wait_and_reap();
  void reap_ended();

  std::string actor_;
  int connection_;
  line_reader reader_;
  std::vector<child> children_;
  std::optional<int> exit_code_;
  std::optional<raised> uncaught_;
};

}  // namespace assay::sdk
