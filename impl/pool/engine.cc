#include "impl/pool/engine.h"

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "impl/base/system_call.h"
#include "impl/pool/message.h"

namespace ref::pool_detail {
namespace {

constexpr int ended_as_told = 0;
constexpr int wants_successor = 113;  // it has done its number of tasks
// Buffers of a worker up to this size are used again.
constexpr std::size_t kept_bytes = 4 << 20;
// So many workers for each place that end without ever having had a task: the pool is given up.
constexpr std::size_t patience = 3;

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

pool_options checked(pool_options options) {
  if (options.size < 0) throw std::invalid_argument("a pool needs at least one worker");
  if (options.size == 0) options.size = usable_processors();
  return options;
}

std::atomic<std::uint64_t>* shared_counters(std::size_t count) {
  void* memory = ::mmap(nullptr, count * sizeof(std::atomic<std::uint64_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return new (memory) std::atomic<std::uint64_t>[count]();
}

std::string describe(int exit_code) {
  return exit_code < 0 ? "the worker was killed by signal " + std::to_string(-exit_code)
                       : "the worker ended with exit code " + std::to_string(exit_code);
}

// At the end of the program workers are ended by ref::process; no pool may start others then. Kept
// reachable to the very end, since threads of pools go on until it comes.
struct live_engines {
  std::mutex mutex;
  std::set<engine*> all;
};
live_engines& live() {
  static auto* const engines = new live_engines;
  return *engines;
}
void terminate_all() {
  const std::lock_guard lock(live().mutex);
  for (engine* each : live().all) each->terminate();
}

}  // namespace

engine::engine(pool_options options)
    : options_(checked(std::move(options))),
      receipts_(shared_counters(static_cast<std::size_t>(options_.size))),
      workers_(static_cast<std::size_t>(options_.size)),
      wake_watcher_(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  for (std::size_t i = 0; i < workers_.size(); ++i) start_worker(i);
  // Behind the first start of a process, so that it runs before what ref::process has registered.
  static const bool is_registered = std::atexit(terminate_all) == 0;
  {
    const std::lock_guard lock(live().mutex);
    if (is_registered) live().all.insert(this);
  }
  watcher_ = std::thread([this] { watch(); });
}

engine::~engine() {
  {
    const std::lock_guard lock(live().mutex);
    live().all.erase(this);
  }
  terminate();
  join();
  ::munmap(receipts_, workers_.size() * sizeof *receipts_);
}

// ---- workers ------------------------------------------------------------------------------------

void engine::start_worker(std::size_t index) {
  receipts_[index] = 0;
  worker& place = workers_[index];
  place.running = std::make_unique<process>(
      [this, index] { return work(index); },
      process_options{.name = "pool worker " + std::to_string(index + 1), .daemon = true});
  place.running->start();
  const auto pidfd = ::syscall(SYS_pidfd_open, *place.running->pid(), 0);
  place.ended = file_descriptor(check(static_cast<int>(pidfd), "pidfd_open"));
}

// In the worker. It touches the two queues and its receipt, and no lock of this process.
int engine::work(std::size_t index) {
  if (options_.initializer) options_.initializer();
  std::atomic<std::uint64_t>& receipt = receipts_[index];
  std::string message;
  std::string results;
  for (std::uint64_t done = 0;;) {
    tasks_.try_get_into(message, deadline::never(), receipt);
    results.clear();
    if (!perform(message, receipt, results)) return ended_as_told;
    receiver_->results().put(results);
    receipt = 0;
    if (++done == options_.max_tasks_per_worker) return wants_successor;
    if (message.capacity() > kept_bytes) std::string().swap(message);
    if (results.capacity() > kept_bytes) std::string().swap(results);
  }
}

// ---- the watcher --------------------------------------------------------------------------------

void engine::watch() {
  std::vector<std::size_t> ended;
  while (wait_for_ends(ended)) {
    for (std::size_t index : ended) bury(index);
  }
  receiver_->results().put(write_quit());
}

// False once every place is over.
bool engine::wait_for_ends(std::vector<std::size_t>& ended) {
  ended.clear();
  std::vector<pollfd> watched{{wake_watcher_.get(), POLLIN, 0}};
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (workers_[i].is_over) continue;
    if (is_terminating_) workers_[i].running->kill();
    watched.push_back({workers_[i].ended.get(), POLLIN, 0});
    places.push_back(i);
  }
  if (places.empty()) return false;
  if (::poll(watched.data(), watched.size(), -1) < 0) return true;
  if (watched[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_watcher_.get(), &count, sizeof count);
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (watched[i + 1].revents != 0) ended.push_back(places[i]);
  }
  return true;
}

void engine::bury(std::size_t index) {
  worker& place = workers_[index];
  place.running->join();
  const int code = place.running->exit_code().value_or(0);
  const bool had_task = receipts_[index] != 0;
  const std::uint64_t lost = lost_with(index);
  bool was_told = code == ended_as_told;
  if (lost != 0) {
    const std::lock_guard lock(mutex_);
    was_told = was_told || ends_.contains(lost);
  }
  if (lost != 0 && !was_told && !is_terminating_) {
    receiver_->results().put(write_lost(lost, describe(code)));
  }
  early_ends_ = code == wants_successor || had_task ? 0 : early_ends_ + 1;
  const bool is_hopeless = early_ends_ > patience * workers_.size();
  if (was_told || is_terminating_ || is_hopeless) {
    place.is_over = true;
    if (is_hopeless) is_terminating_ = true;
    return;
  }
  start_worker(index);
}

// The item that the ended worker had taken and not finished; 0 for none.
std::uint64_t engine::lost_with(std::size_t index) {
  const std::uint64_t receipt = receipts_[index];
  if (receipt == 0 || receipt > tasks_.taken()) return 0;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (i != index && receipts_[i] == receipt) return 0;
  }
  return receipt;
}

// ---- the owner ----------------------------------------------------------------------------------

void engine::submit(std::shared_ptr<task_state> state, task_function task,
                    std::string_view argument) {
  const std::lock_guard lock(mutex_);
  message_.clear();
  write_task(message_, task, argument);
  send(std::move(state));
}

void engine::submit(std::shared_ptr<task_state> state, task_function task, const std::string* first,
                    std::size_t count) {
  const std::lock_guard lock(mutex_);
  message_.clear();
  write_task(message_, task, first, count);
  send(std::move(state));
}

// Sends what is in `message_`. With the lock held, so that serials are the queue's own numbers.
void engine::send(std::shared_ptr<task_state> state) {
  if (is_closed_ || !receiver_->expect(std::move(state))) {
    throw std::invalid_argument("the pool is not running");
  }
  try {
    tasks_.put(message_);
  } catch (...) {
    receiver_->expect_no_more();
    throw;
  }
  ++submitted_;
  if (message_.capacity() > kept_bytes) std::string().swap(message_);
}

void engine::close() {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  is_closed_ = true;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    if (!receiver_->expect(nullptr)) return;  // over by itself: no worker is left
    ends_.insert(++submitted_);
    tasks_.put(write_end());
  }
}

void engine::terminate() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  is_terminating_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_watcher_.get(), &one, sizeof one);
}

void engine::join() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_closed_) throw std::logic_error("the pool is still running");
  }
  const std::lock_guard lock(join_mutex_);
  if (watcher_.joinable()) watcher_.join();
  receiver_->wait_for_end();
}

}  // namespace ref::pool_detail
