// A forked process that runs requirements for the runner, one at a time, and reports over a socket.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "conformance/harness/testee.h"

namespace assay {

/// Messages are JSON texts behind a length. Requests: {"describe": testee} or
/// {"run": [testee, "slug"]}, where testee is an index; each has one reply.
///
/// Owns the process; destruction ends it with everything that it started. Not for threads: the
/// caller must be single-threaded, because workers are forked without exec.
class worker {
 public:
  /// Forks. `inherited` are descriptors of other workers, which the new one must not keep open.
  worker(const std::vector<testee_definition>& testees, const std::vector<int>& inherited);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  int descriptor() const { return descriptor_; }

  void send(const nlohmann::json& request);
  bool is_busy() const { return busy_; }
  std::chrono::nanoseconds busy_for() const;

  enum class progress { none, reply, ended };
  /// Reads what has come; call when the descriptor is readable.
  progress receive();
  /// The reply that `receive` announced.
  nlohmann::json take_reply();
  /// Kills the worker and all its descendants; tells how it ended ("killed by SIGSEGV").
  std::string end();

 private:
  pid_t pid_ = -1;
  int descriptor_ = -1;
  bool busy_ = false;
  std::chrono::steady_clock::time_point since_;
  std::string buffer_;
  std::string reply_;
};

}  // namespace assay
