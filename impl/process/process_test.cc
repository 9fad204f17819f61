#include "impl/process/process.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "impl/base/system_call.h"
#include "impl/thread/test_state.h"
#include "impl/thread/thread.h"

namespace ref {
namespace {

using namespace std::chrono_literals;
using ::testing::Optional;

// A pipe that a child waits on, or that it tells something by.
class channel {
 public:
  channel() { check(::pipe(ends_.data()), "pipe"); }
  ~channel() {
    for (int end : ends_) ::close(end);
  }
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  void tell(char what) const {
    if (::write(ends_[1], &what, 1) != 1) std::abort();
  }
  /// '-' when nothing comes within the time.
  char hear(int milliseconds = 10'000) const {
    pollfd watched{ends_[0], POLLIN, 0};
    char what = '-';
    const int ready = retry_interrupted([&] { return ::poll(&watched, 1, milliseconds); });
    if (ready == 1 && ::read(ends_[0], &what, 1) != 1) what = '-';
    return what;
  }

 private:
  std::array<int, 2> ends_{};
};

std::optional<int> code_of(std::function<int()> target) {
  process child(std::move(target));
  child.start();
  child.join();
  return child.exit_code();
}

TEST(process_test, before_the_start_there_is_nothing) {
  process child([] { return 0; });
  EXPECT_EQ(child.pid(), std::nullopt);
  EXPECT_FALSE(child.is_alive());
  EXPECT_EQ(child.exit_code(), std::nullopt);
}

TEST(process_test, exit_codes) {
  EXPECT_THAT(code_of([] { return 0; }), Optional(0));
  EXPECT_THAT(code_of([] { return 7; }), Optional(7));
  EXPECT_THAT(code_of([] { return 256 + 3; }), Optional(3));
  EXPECT_THAT(code_of([] { return ::raise(SIGKILL); }), Optional(-SIGKILL));
  EXPECT_THAT(code_of([]() -> int { std::_Exit(9); }), Optional(9));
}

TEST(process_test, an_exception_is_reported_with_the_name) {
  ::testing::internal::CaptureStderr();
  process child([]() -> int { throw std::runtime_error("no luck"); }, {.name = "converter"});
  child.start();
  child.join();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "Process converter: uncaught exception: no luck\n");
  EXPECT_THAT(child.exit_code(), Optional(1));
}

TEST(process_test, terminate_and_kill) {
  channel gate;
  process first([&] { return int{gate.hear()}; });
  process second([&] { return int{gate.hear()}; });
  first.start();
  second.start();
  EXPECT_FALSE(first.join(0ns));
  EXPECT_TRUE(first.is_alive());
  first.terminate();
  second.kill();
  EXPECT_TRUE(first.join(10s));
  EXPECT_TRUE(second.join(10s));
  EXPECT_THAT(first.exit_code(), Optional(-SIGTERM));
  EXPECT_THAT(second.exit_code(), Optional(-SIGKILL));
  first.terminate();  // of one that has ended: nothing
}

TEST(process_test, misuse_is_an_error) {
  channel gate;
  process child([&] { return int{gate.hear()}; });
  EXPECT_THROW(child.join(), std::logic_error);
  EXPECT_THROW(child.kill(), std::logic_error);
  child.start();
  EXPECT_THROW(child.start(), std::logic_error);
  EXPECT_THROW(child.close(), std::invalid_argument);
  gate.tell('\0');
  child.join();
  child.close();
  child.close();
  EXPECT_THROW(child.is_alive(), std::invalid_argument);
}

TEST(process_test, another_process_cannot_join) {
  channel gate;
  process sibling([&] { return int{gate.hear()}; });
  sibling.start();
  EXPECT_THAT(code_of([&] {
                try {
                  sibling.join();
                } catch (const std::logic_error&) {
                  return 5;
                }
                return 0;
              }),
              Optional(5));
  gate.tell('\0');
  sibling.join();
}

TEST(process_test, a_daemon_has_no_children) {
  process daemon(
      [] {
        try {
          process([] { return 0; }).start();
        } catch (const std::logic_error&) {
          return 5;
        }
        return 0;
      },
      {.daemon = true});
  daemon.start();
  daemon.join();
  EXPECT_THAT(daemon.exit_code(), Optional(5));
}

TEST(process_test, names_count_up_and_nest) {
  EXPECT_THAT(code_of([] {
                process first([] { return 0; });
                process second([] { return 0; });
                const std::string mine = process::current_name();
                return first.name() == mine + ":1" && second.name() == mine + ":2" ? 4 : 0;
              }),
              Optional(4));
}

TEST(process_test, ended_children_are_reaped_by_the_next_start) {
  process first([] { return 0; });
  first.start();
  const pid_t pid = *first.pid();
  siginfo_t ended{};
  check(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), "waitid");
  process second([] { return 0; });
  second.start();
  EXPECT_EQ(::kill(pid, 0), -1);
  second.join();
}

TEST(process_test, who_reaps_by_himself_learns_no_code) {
  process child([] { return 0; });
  child.start();
  int status = 0;
  check(::waitpid(*child.pid(), &status, 0), "waitpid");
  EXPECT_TRUE(child.join());
  EXPECT_THAT(child.exit_code(), Optional(255));
}

TEST(process_test, the_end_waits_for_children_and_their_threads) {
  channel told, ends;
  EXPECT_THAT(code_of([&] {
                const pid_t parent = ::getpid();
                process([&, parent] {
                  new thread([&, parent] {
                    for (int processes = 2; processes > 0; --processes) ends.hear();
                    if (comes_to(parent, 'S') && comes_to(::getpid(), 'S')) told.tell('x');
                  });
                  ends.tell('c');
                  return 0;
                }).start();
                ends.tell('p');
                return 0;
              }),
              Optional(0));
  EXPECT_EQ(told.hear(0), 'x');
}

TEST(process_test, the_end_terminates_daemons) {
  channel gate;
  EXPECT_THAT(code_of([&] {
                process daemon([&] { return int{gate.hear()}; }, {.daemon = true});
                daemon.start();
                return 0;
              }),
              Optional(0));
}

// A parent that starts a child and is killed. 'x' comes from a child that lives on.
char heard_of_orphan() {
  channel told, gate;
  process parent([&] {
    process child([&] {
      told.tell('s');
      gate.hear();
      told.tell('x');
      return 0;
    });
    child.start();
    return ::raise(SIGKILL);
  });
  parent.start();
  parent.join();
  const char first = told.hear();
  if (first != 's') return first;
  gate.tell('g');
  return told.hear();
}

TEST(process_test, an_orphan_lives_on) { EXPECT_EQ(heard_of_orphan(), 'x'); }

TEST(process_test, a_daemon_dies_with_its_parent) {
  channel told;
  pid_t daemon_pid = 0;
  {
    channel pids;
    process parent([&] {
      process child([&] { return int{told.hear()}; }, {.daemon = true});
      child.start();
      const pid_t pid = *child.pid();
      for (std::size_t i = 0; i < sizeof pid; ++i)
        pids.tell(reinterpret_cast<const char*>(&pid)[i]);
      return ::raise(SIGKILL);
    });
    parent.start();
    for (std::size_t i = 0; i < sizeof daemon_pid; ++i) {
      reinterpret_cast<char*>(&daemon_pid)[i] = pids.hear();
    }
    parent.join();
  }
  const std::string stat = "/proc/" + std::to_string(daemon_pid) + "/fd/0";
  const auto until = std::chrono::steady_clock::now() + 10s;
  // A zombie has no descriptors any more.
  while (::access(stat.c_str(), F_OK) == 0 && std::chrono::steady_clock::now() < until) {
    ::poll(nullptr, 0, 1);
  }
  EXPECT_NE(::access(stat.c_str(), F_OK), 0);
}

TEST(process_test, a_daemon_outlives_the_thread_that_started_it) {
  channel told, gate;
  process daemon(
      [&] {
        told.tell('s');
        gate.hear();
        return 6;
      },
      {.daemon = true});
  thread([&] { daemon.start(); }).join();
  EXPECT_EQ(told.hear(), 's');
  EXPECT_FALSE(daemon.join(20ms));
  gate.tell('g');
  EXPECT_TRUE(daemon.join());
  EXPECT_THAT(daemon.exit_code(), Optional(6));
}

TEST(process_test, output_is_written_once) {
  ::testing::internal::CaptureStdout();
  std::printf("once");
  EXPECT_THAT(code_of([] {
                std::printf(" each");
                return 0;
              }),
              Optional(0));
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "once each");
}

TEST(process_test, several_threads_may_join) {
  channel gate;
  process child([&] { return int{gate.hear()}; });
  child.start();
  std::array<bool, 3> joined{};
  {
    thread first([&] { joined[0] = child.join(); });
    thread second([&] { joined[1] = child.join(10s); });
    gate.tell('\0');
    joined[2] = child.join();
  }
  EXPECT_THAT(joined, ::testing::Each(true));
}

}  // namespace
}  // namespace ref
