// The floor of the pool benchmarks: worker processes that send back the numbers that they get, over
// whatever carries 64-byte messages. No tasks, no results of other sizes, no exceptions, no deaths.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace assay::bench {

/// `Channel` is one of the queue benchmarks', inherited by fork.
template <typename Channel>
class bare_pool {
 public:
  explicit bare_pool(int workers) {
    for (int i = 0; i < workers; ++i) {
      const pid_t child = ::fork();
      if (child == 0) work();
      if (child > 0) workers_.push_back(child);
    }
  }
  ~bare_pool() {
    for (const pid_t each : workers_) ::kill(each, SIGKILL);
    for (const pid_t each : workers_) ::waitpid(each, nullptr, 0);
  }
  bare_pool(const bare_pool&) = delete;
  bare_pool& operator=(const bare_pool&) = delete;

  void put(std::uint64_t number) {
    std::array<char, message_bytes> message{};
    std::memcpy(message.data(), &number, sizeof number);
    tasks_.put({message.data(), message.size()});
  }
  std::uint64_t get() {
    const std::string_view message = results_.get();
    std::uint64_t number = 0;
    std::memcpy(&number, message.data(), sizeof number);
    return number;
  }

 private:
  static constexpr std::size_t bound = 1024;
  static constexpr std::size_t message_bytes = 64;

  [[noreturn]] void work() {
    for (;;) results_.put(tasks_.get());
  }

  Channel tasks_{bound, message_bytes};
  Channel results_{bound, message_bytes};
  std::vector<pid_t> workers_;
};

}  // namespace assay::bench
