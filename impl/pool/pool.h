// A pool of worker processes that perform tasks.
//
//   std::string shout(std::string_view text);            // a plain function: workers have it by
//   fork ref::pool pool({.size = 4}); auto answer = pool.apply_async(shout, "hello");
//   answer.get(2s);                                      // "HELLO", or what shout threw
//   for (const std::string& each : pool.map(shout, texts)) use(each);
//   pool.close();
//   pool.join();
//
// A task is a function of this program and a string of bytes; so is its result. Any function works
// that was in the program when the pool was made: the workers are copies of the process, with its
// code at the same addresses. What tasks change in memory stays in their worker.
//
// Workers are started at once, as many as the size says, and are used again and again. Tasks wait
// in one queue in shared memory (ref::queue) and begin in the order in which they were given; never
// do more run at the same time than there are workers. An exception that leaves a task is kept
// until the result is asked for, and is thrown there as `task_error`: nobody else hears of it.
//
// Death: a worker may die at any instruction, by SIGKILL too. The task that it had fails with
// `worker_died`, another worker takes its place, and everything else goes on. At the end of this
// process, however it comes, its workers end too, with whatever they are doing.
//
// Ownership: the destructor terminates the pool. Not copied, not moved. Threads: all members may be
// called from several threads; callbacks run on a thread of the pool, one at a time, and must not
// wait for other results. Results that nobody waits for and that no callback is due for stay in
// shared memory until somebody asks. Fork: a child of this process does not have the pool; workers
// are daemons and cannot start processes themselves (ref::process).
//
// Source: Python's multiprocessing.pool.Pool, whose names these are. Different on purpose: the size
// counts the processors that this process may use; a killed worker's task fails instead of waiting
// for ever; after terminate, results that are missing fail instead of never coming.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ref {

using task_function = std::string (*)(std::string_view argument);

/// What a task threw: the type's name and what() of it. Tasks may throw it themselves, to choose
/// the type's name.
class task_error : public std::runtime_error {
 public:
  task_error(std::string type, const std::string& message)
      : std::runtime_error(message), type_(std::move(type)) {}
  const std::string& type() const { return type_; }

 private:
  std::string type_;
};

/// The worker died while it had the task.
struct worker_died : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The pool was terminated before the task had a result.
struct pool_terminated : std::runtime_error {
  pool_terminated() : std::runtime_error("the pool was terminated") {}
};
/// The result did not come in time.
struct result_timeout : std::runtime_error {
  result_timeout() : std::runtime_error("the result did not come in time") {}
};

namespace pool_detail {
struct task_state;
struct stream_state;
class engine;
}  // namespace pool_detail

/// nullopt waits for as long as it takes; zero and less does not wait.
using pool_timeout = std::optional<std::chrono::nanoseconds>;

/// The result of one task, now or later. Copies are the same result.
class async_result {
 public:
  bool ready() const;
  /// Whether it is there and no exception; std::logic_error while it is not there.
  bool successful() const;
  /// Waits; whether it is there.
  bool wait(pool_timeout limit = std::nullopt) const;
  /// The result, every time it is asked for. Throws result_timeout, task_error, worker_died,
  /// pool_terminated.
  std::string get(pool_timeout limit = std::nullopt) const;

 private:
  friend class pool;
  explicit async_result(std::shared_ptr<pool_detail::task_state> state);
  std::shared_ptr<pool_detail::task_state> state_;
};

/// The results of many tasks, one after the other.
class result_stream {
 public:
  /// The next one; nullopt after the last. Throws as async_result::get, and then goes on behind.
  std::optional<std::string> next(pool_timeout limit = std::nullopt);

 private:
  friend class pool;
  explicit result_stream(std::shared_ptr<pool_detail::stream_state> state);
  std::shared_ptr<pool_detail::stream_state> state_;
};

struct pool_options {
  int size = 0;                            ///< 0: the processors that this process may use
  std::uint64_t max_tasks_per_worker = 0;  ///< then it is replaced; 0: never
  std::function<void()> initializer = {};  ///< performed in each worker before its first task
};

class pool {
 public:
  using callback = std::function<void(const std::string& result)>;
  using error_callback = std::function<void(std::exception_ptr error)>;

  /// Starts the workers. Throws std::invalid_argument for a negative size, std::system_error where
  /// fork fails.
  explicit pool(pool_options options = {});
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  int size() const;

  /// Hands a task in and does not wait. All of these throw std::invalid_argument after close.
  async_result apply_async(task_function task, std::string_view argument, callback done = {},
                           error_callback failed = {});
  /// Hands it in and waits for its result.
  std::string apply(task_function task, std::string_view argument);
  /// One task for each argument, the results in the arguments' order. `chunk` arguments go to a
  /// worker at a time (0: a quarter of a worker's share, 4096 at most). The first exception, in
  /// that order, is thrown once all have ended.
  std::vector<std::string> map(task_function task, const std::vector<std::string>& arguments,
                               std::size_t chunk = 0);
  /// The same without waiting, results one by one: in order, or as they come.
  result_stream imap(task_function task, const std::vector<std::string>& arguments);
  result_stream imap_unordered(task_function task, const std::vector<std::string>& arguments);

  /// No more tasks; those that were handed in are performed. Calling it again does nothing.
  void close();
  /// Ends the workers now.
  void terminate();
  /// Waits until the workers have ended. std::logic_error before close or terminate.
  void join();

 private:
  result_stream stream(task_function task, const std::vector<std::string>& arguments,
                       bool in_order);
  std::unique_ptr<pool_detail::engine> engine_;
};

}  // namespace ref
