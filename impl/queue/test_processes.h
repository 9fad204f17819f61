// Child processes for the queue's tests.
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include "impl/base/system_call.h"

namespace ref::queue_testing {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// A forked child; killed and reaped at the end if it has not been waited for.
class child {
 public:
  template <typename Work>
  explicit child(Work work) : pid_(check(::fork(), "fork")) {
    if (pid_ != 0) return;
    int code = 1;
    try {
      work();
      code = 0;
    } catch (const std::exception& error) {
      static_cast<void>(std::fprintf(stderr, "child: %s\n", error.what()));
    }
    ::_exit(code);
  }
  child(child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}
  child& operator=(child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() {
    if (pid_ > 0) kill();
  }

  pid_t pid() const { return pid_; }
  /// True for exit code 0.
  bool ended_well() {
    const int status = reap();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    reap();
  }
  /// The wait status; 0 is returned at once for one that was waited for.
  int reap() {
    int status = 0;
    if (pid_ > 0) retry_interrupted([&] { return ::waitpid(pid_, &status, 0); });
    pid_ = 0;
    return status;
  }
  /// Waits until the kernel shows the child asleep.
  void wait_until_asleep() const {
    const std::string path = "/proc/" + std::to_string(pid_) + "/stat";
    for (;;) {
      char line[512] = {};
      if (std::FILE* file = std::fopen(path.c_str(), "r")) {
        static_cast<void>(std::fgets(line, sizeof(line), file));
        static_cast<void>(std::fclose(file));
      }
      const char* name_end = std::strrchr(line, ')');
      if (name_end == nullptr || name_end[2] == 'S' || name_end[2] == 'Z') return;
      ::sched_yield();
    }
  }

 private:
  pid_t pid_;
};

/// A value in memory that parent and children share.
template <typename Value>
class shared_value {
 public:
  shared_value()
      : value_(new (::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Value()) {}
  ~shared_value() { ::munmap(value_, sizeof(Value)); }
  shared_value(const shared_value&) = delete;
  shared_value& operator=(const shared_value&) = delete;
  Value* operator->() { return value_; }
  Value& operator*() { return *value_; }

 private:
  Value* value_;
};

}  // namespace ref::queue_testing
