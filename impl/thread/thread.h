// A thread with a name, whose failure is said and kept, and whose end is never forgotten.
//
//   ref::thread reader([&] { read_all(file); }, {.name = "reader"});
//   if (!reader.join(200ms)) report_progress();
//   reader.join();
//   if (reader.exception()) recover();                 // its exception, already told on stderr
//
// Unlike std::thread: an object that goes away joins its thread instead of ending the program by
// std::terminate; an exception that leaves the function is reported on stderr, headed by the
// thread's name, and kept, while the process goes on; and the program's normal end (a return from
// main, std::exit) waits for every thread that is no daemon. C++ itself ends all threads then.
//
// A daemon is not waited for: its object lets go of it, and the end of the process ends it wherever
// it is. It must not use objects that main or static destructors take away.
//
// Ends by _exit, abort or a signal wait for nobody: the kernel ends all threads of the process.
//
// Ownership: the object owns the thread; movable, not copyable. Threads: all members but the
// destructor and moves may be called from several threads at once. Fork: a child has none of its
// parent's threads. There an inherited object is one of a thread that has ended: join returns at
// once, and the destructor does nothing.
//
// Errors: the constructor throws std::system_error where the system refuses a thread; `join` by the
// thread itself throws std::logic_error, since it would wait for ever.
//
// Source: Python's threading.Thread, pthreads(7).
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ref {

struct thread_options {
  /// The kernel is told it, too (its first 15 bytes): debuggers and top show it. Empty: Thread-1,
  /// Thread-2, … in the order of their making; the kernel's name is then the program's.
  std::string name = {};
  bool daemon = false;
};

class thread {
 public:
  using options = thread_options;
  /// nullopt waits for as long as it takes; zero and less does not wait.
  using timeout = std::optional<std::chrono::nanoseconds>;

  /// Starts at once.
  explicit thread(std::function<void()> target, options how = {});
  thread(thread&& other) noexcept = default;
  thread& operator=(thread&& other) noexcept;
  thread(const thread&) = delete;
  thread& operator=(const thread&) = delete;
  /// Joins, unless it is a daemon.
  ~thread();

  /// Waits until the thread has ended; whether it has. The kernel's thread is gone then, too.
  bool join(timeout limit = std::nullopt);
  bool is_alive() const;
  const std::string& name() const;
  bool is_daemon() const;
  /// What left the function, once the thread has ended; null where nothing did.
  std::exception_ptr exception() const;

  /// Waits for all threads of this process that are no daemons. The normal end of the program does
  /// so; a program that ends by _exit may want to.
  static void wait_for_all();

  struct state;

 private:
  void let_go() noexcept;
  std::shared_ptr<state> state_;
};

/// What an exception says, for people: `what()` of a std::exception, else "unknown exception".
std::string message_of(const std::exception_ptr& thrown);

}  // namespace ref
