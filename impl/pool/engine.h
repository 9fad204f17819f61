// The workers of a pool, and the thread that looks after them: it watches for workers that end and
// starts others in their place. Results are heard by those who wait for them (receiver.h).
//
// Which task is lost with a worker is known for certain. A worker's receipt, in shared memory, says
// which item of the queue it has (see ref::queue::try_get_into); it is cleared once the result is
// in the queue of results. When a worker has ended, the watcher reads its receipt and those of the
// others, then tells whoever hears results by that same queue: whatever had been finished before
// the end is heard before it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "impl/base/file_descriptor.h"
#include "impl/pool/pool.h"
#include "impl/pool/receiver.h"
#include "impl/pool/task_state.h"
#include "impl/process/process.h"
#include "impl/queue/queue.h"

namespace ref::pool_detail {

class engine {
 public:
  explicit engine(pool_options options);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  int size() const { return static_cast<int>(workers_.size()); }
  const std::shared_ptr<receiver>& results() const { return receiver_; }
  /// Hands a task in, of one argument or of several; its state has its callbacks already.
  void submit(std::shared_ptr<task_state> state, task_function task, std::string_view argument);
  void submit(std::shared_ptr<task_state> state, task_function task, const std::string* first,
              std::size_t count);
  void close();
  void terminate();
  void join();

 private:
  struct worker {
    std::unique_ptr<process> running;
    file_descriptor ended;  // a pidfd
    bool is_over = false;   // nobody takes its place
  };

  void start_worker(std::size_t index);
  int work(std::size_t index);
  void watch();
  bool wait_for_ends(std::vector<std::size_t>& ended);
  void bury(std::size_t index);
  std::uint64_t lost_with(std::size_t index);
  void send(std::shared_ptr<task_state> state);

  pool_options options_;
  queue tasks_;
  std::shared_ptr<receiver> receiver_ = std::make_shared<receiver>();
  std::atomic<std::uint64_t>* receipts_;  // shared with the workers, one each
  std::vector<worker> workers_;
  file_descriptor wake_watcher_;
  std::atomic<bool> is_terminating_{false};
  std::size_t early_ends_ = 0;  // of workers that had no task, one after the other

  std::mutex mutex_;
  bool is_closed_ = false;
  std::uint64_t submitted_ = 0;
  std::string message_;           // of the task that is being handed in
  std::set<std::uint64_t> ends_;  // serials of the items that tell a worker to end

  std::mutex join_mutex_;
  std::thread watcher_;
};

}  // namespace ref::pool_detail
