// What it costs to start a process and to wait for its end.
//
// Shows: children that do nothing, one at a time, from a parent of little or much memory. Does not
// show: what a child pays later for pages that it writes to, programs that are loaded (but for the
// rows that load /bin/true, and Python's), many at a time. The floor is fork, _exit and waitpid
// alone, in a child that looks up no function; peers/plain_fork.h says what is usual. Memory is
// touched before, and exit codes are checked.
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <memory_resource>
#include <vector>

#include "bench/peers/plain_fork.h"
#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/base/system_call.h"
#include "impl/process/large_memory.h"
#include "impl/process/process.h"

namespace assay::bench {
namespace {

constexpr const char* shows_start = "start a child that does nothing, wait for its end";
constexpr const char* shows_processor = "what parent and child have of a processor for that";
constexpr const char* program = "/bin/true";
constexpr int code = 7;

int reap(pid_t child) {
  int status = 0;
  ref::check(ref::retry_interrupted([&] { return ::waitpid(child, &status, 0); }), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

template <typename Once>
timing starts(std::int64_t count, const Once& once, double (*clock)() = wall_seconds) {
  bool is_right = true;
  const timing took = timed(
      count,
      [&] {
        for (std::int64_t i = 0; i < count; ++i) is_right = once() && is_right;
      },
      clock);
  require(is_right, "a wrong exit code");
  return took;
}

bool fork_and_wait() {
  const pid_t child = ref::check(::fork(), "fork");
  if (child == 0) ::_exit(code);
  return reap(child) == code;
}

bool plain_fork() { return plain_fork_and_wait(code); }

bool reference() {
  ref::process child([] { return code; });
  child.start();
  child.join();
  return child.exit_code() == code;
}

bool spawn_and_wait() {
  pid_t child = 0;
  std::array<char*, 2> arguments{const_cast<char*>(program), nullptr};
  const int error = ::posix_spawn(&child, program, nullptr, nullptr, arguments.data(), environ);
  return error == 0 && reap(child) == 0;
}

bool vfork_and_wait() {
  std::array<char*, 2> arguments{const_cast<char*>(program), nullptr};
  const pid_t child = ::vfork();
  if (child == 0) {
    ::execve(program, arguments.data(), environ);
    ::_exit(127);
  }
  return reap(ref::check(child, "vfork")) == 0;
}

void add_starts() {
  const auto add = [](const char* who, std::int64_t count, bool (*once)()) {
    add_row(std::string("process/start and join/") + who, shows_start, benchmark::kMicrosecond,
            [=] { return starts(scaled(count), once); });
    add_row(std::string("process/processor time of start and join/") + who, shows_processor,
            benchmark::kMicrosecond,
            [=] { return starts(scaled(count), once, processor_seconds); });
  };
  add("floor fork, _exit, waitpid", 300, fork_and_wait);
  add("reference", 300, reference);
  add("fork, _exit, waitpid as usual", 300, plain_fork);
  add("posix_spawn of a program", 100, spawn_and_wait);
  add("vfork and exec of a program", 100, vfork_and_wait);
  if (!has_python()) return;
  for (const char* how : {"fork", "forkserver", "spawn"}) {
    add_row(std::string("process/start and join/CPython ") + how, shows_start,
            benchmark::kMicrosecond, [=] {
              return python("process_cpython.py", {how, "0"});
            });
  }
  add_row("process/processor time of start and join/CPython fork", shows_processor,
          benchmark::kMicrosecond, [] {
            return python("process_cpython.py", {"fork", "0", "processor"});
          });
}

// ---- a parent with memory -----------------------------------------------------------------------

/// So many MiB of which every page has been written to, in pages of the ordinary size.
class small_pages {
 public:
  explicit small_pages(std::size_t bytes) : bytes_(bytes) {
    memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    ::madvise(memory_, bytes, MADV_NOHUGEPAGE);
    for (std::size_t i = 0; i < bytes; i += 4096) static_cast<char*>(memory_)[i] = 1;
  }
  ~small_pages() { ::munmap(memory_, bytes_); }
  small_pages(const small_pages&) = delete;
  small_pages& operator=(const small_pages&) = delete;

 private:
  std::size_t bytes_;
  void* memory_;
};

/// The same, in the memory that the reference has for what is to be forked along.
class large_pages {
 public:
  explicit large_pages(std::size_t bytes) : bytes_(bytes, 1, &ref::large_memory()) {}

 private:
  std::pmr::vector<char> bytes_;
};

template <typename Memory>
timing starts_with(std::size_t mebibytes, std::int64_t count, bool (*once)()) {
  const Memory memory(mebibytes << 20);
  return starts(count, once);
}

void add_starts_with(std::size_t mebibytes) {
  const std::string name =
      "process/start and join with " + std::to_string(mebibytes) + " MiB in use/";
  const std::string shows = "the same from a process that has written to so much memory";
  const std::int64_t count = mebibytes > 100 ? 8 : 40;
  const auto add = [&](const char* who, timing (*measure)(std::size_t, std::int64_t, bool (*)()),
                       bool (*once)()) {
    add_row(name + who, shows, benchmark::kMicrosecond,
            [=] { return measure(mebibytes, scaled(count), once); });
  };
  add("floor fork, in huge pages", starts_with<large_pages>, fork_and_wait);
  add("fork, _exit, waitpid", starts_with<small_pages>, fork_and_wait);
  add("reference", starts_with<small_pages>, reference);
  add("reference, large_memory", starts_with<large_pages>, reference);
  add("posix_spawn of a program", starts_with<small_pages>, spawn_and_wait);
  if (!has_python()) return;
  add_row(name + "CPython fork", shows, benchmark::kMicrosecond, [=] {
    return python("process_cpython.py", {"fork", std::to_string(mebibytes)});
  });
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    add_starts();
    for (const std::size_t mebibytes : {16, 128, 1024}) add_starts_with(mebibytes);
    add_testees("process");
  });
}
