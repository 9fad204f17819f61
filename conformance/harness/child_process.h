// A program started for a test: in a process group of its own, with captured output, and ended
// with everything that it started.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay {

class network_namespace;
class output_capture;

struct launch_options {
  std::vector<std::string> command;                ///< program (looked up in PATH) and arguments
  std::filesystem::path directory;                 ///< working directory
  std::map<std::string, std::string> environment;  ///< added to that of assay
  const network_namespace* network = nullptr;      ///< where its sockets belong; null: as assay's
  std::optional<int> input;  ///< a descriptor to be standard input; without one /dev/null
  std::optional<int> descriptor_limit;  ///< RLIMIT_NOFILE; without one usual_descriptor_limit
};

/// The soft limit of open descriptors, here and in what is started, where the hard limit allows it:
/// a thousand clients need more than the usual 1024.
constexpr unsigned usual_descriptor_limit = 16384;
/// Raises this process's soft limit to it.
void raise_descriptor_limit();

/// How a process ended, from waitpid(2)'s status: "killed by SIGSEGV", "exited with code 3".
std::string describe_wait_status(int status);

/// "SIGSEGV".
std::string signal_name(int number);

/// A running or ended program. Owns the process, its process group and all that descends from it:
/// destruction kills what is left and reaps it. It needs the calling process to be a subreaper
/// (`become_subreaper`), which is what finds daemons that left their group and their parent. One
/// thread at a time.
///
/// The program gets no core dumps, /dev/null or what is given as standard input, default signal
/// handling, and dies with the thread that started it. Its output is drained all the time, so that
/// one that floods is neither blocked nor costs memory: the first and the last 64 KiB are kept.
class child_process {
 public:
  /// Throws std::system_error when the program cannot be started.
  explicit child_process(const launch_options& options);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  pid_t pid() const { return pid_; }
  /// False once it has ended; it is reaped then.
  bool is_running();
  /// waitpid(2)'s status; nullopt while it runs.
  std::optional<int> status();
  /// Waits for its end; nullopt when it still runs at the deadline.
  std::optional<int> wait(std::chrono::nanoseconds timeout);
  /// Readable (poll) once the process has ended. -1 once that was seen.
  int descriptor() const { return pidfd_; }

  /// All processes that belong to it and have not ended: itself and what descends from it, also
  /// those that fled to another group, session or parent.
  std::vector<pid_t> family();
  /// Ends all of them: SIGTERM to the group and, if any is left after `grace`, SIGKILL to each;
  /// waits until all are gone and reaped.
  void end(std::chrono::nanoseconds grace);

  std::string out() const;
  std::string err() const;

 private:
  void reap_strays();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> status_;
  std::vector<pid_t> older_;  // children that this process had before
  std::unique_ptr<output_capture> capture_;
};

/// Orphans of this process's descendants become its children from now on (PR_SET_CHILD_SUBREAPER).
void become_subreaper();

}  // namespace assay
