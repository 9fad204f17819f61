// A child process that runs a function of this program, by fork(2).
//
//   ref::process worker([&] { return convert(files); }, {.name = "converter"});
//   worker.start();
//   if (!worker.join(2s)) worker.terminate();
//   worker.join();
//   std::printf("%d\n", *worker.exit_code());          // 0 … 255, or -15 for SIGTERM
//
// The child begins as a copy of the parent at the moment of `start`, not of the constructor. It has
// the parent's memory (copy-on-write: a page is copied when one of the two writes to it, so that
// starting costs page tables and no copy of the heap: some milliseconds for each GiB), its open
// descriptors, its environment and its directory. From then on nothing that one of them changes in
// its memory is seen by the other; arguments are what the function captured, so copies as well.
// Shared are only open files (and their offsets), pipes, sockets and MAP_SHARED memory.
//
// Threads are not inherited: the child has one, a copy of the one that called `start`. A lock that
// another thread held at that moment stays locked in the child for good. glibc makes malloc and
// stdio whole again; for locks of your own, start children before threads, or see
// pthread_atfork(3).
//
// The end of the child: its function returns, and the child waits for its own threads
// (ref::thread) and children, flushes stdio and ends by _exit. Destructors of static objects and
// atexit functions do not run in it: they are the parent's. An exception that leaves the function
// is reported on stderr, headed by the process's name, and the exit code is 1.
//
// The end of the parent: a normal one (return from main, std::exit) sends SIGTERM to the children
// that are daemons and waits for all. When the parent dies otherwise (a signal, _exit), ordinary
// children live on as orphans; a daemon gets SIGKILL from the kernel, which tells it by the signal
// `process::parent_death_signal`; do not block or handle that in daemons. The kernel sends it at
// the end of the starting thread already. The process is still there then and the daemon lives on,
// but what never restarts after a signal, such as poll(2), has been interrupted (EINTR, signal(7)).
//
// No zombies: a child that has ended is reaped by `join`, `is_alive` and `exit_code`, by the next
// `start`, and at the parent's end. A program that ignores SIGCHLD or reaps by itself learns no
// exit code: it is then 255.
//
// Ownership: objects may go away at any time; the child goes on and is waited for at the end of the
// program. Movable, not copyable. Threads: members may be called from several threads at once.
// Errors: std::logic_error for a use that is never right (a second start, a join before it, in
// another process than the one that started it, a child of a daemon), std::invalid_argument for
// close while the child runs and for any use after it, std::system_error where fork fails.
//
// Source: Python's multiprocessing.Process; fork(2), pidfd_open(2), PR_SET_PDEATHSIG of prctl(2).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ref {

struct process_options {
  std::string name = {};  ///< empty: Process-1, Process-2, … in the order of their making
  bool daemon = false;
};

class process {
 public:
  using options = process_options;
  /// nullopt waits for as long as it takes; zero and less does not wait.
  using timeout = std::optional<std::chrono::nanoseconds>;

  /// Only notes what is to be done. The target's result is the exit code, of which the lowest eight
  /// bits count.
  explicit process(std::function<int()> target, options how = {});
  process(process&& other) noexcept = default;
  process& operator=(process&& other) noexcept = default;
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() = default;

  /// Forks.
  void start();
  /// Waits until the child has ended; whether it has.
  bool join(timeout limit = std::nullopt);
  bool is_alive();
  /// The code of a normal end, the negative number of the signal otherwise; nullopt until then.
  std::optional<int> exit_code();
  std::optional<pid_t> pid() const;
  const std::string& name() const;
  bool is_daemon() const;

  /// SIGTERM and SIGKILL. They never meet another process, even after the child was reaped.
  void terminate();
  void kill();
  /// Lets go of the child, which must have ended, and of the descriptor that is held for it.
  void close();

  /// What the running process was named by its parent's `process`; "Main" in the first.
  static const std::string& current_name();
  /// A real-time signal, SIGRTMAX - 3.
  static int parent_death_signal();

  struct state;

 private:
  void signal(int number);
  std::shared_ptr<state> state_;
};

}  // namespace ref
