#include "impl/thread/thread.h"

#include <gmock/gmock.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "impl/thread/test_state.h"

namespace ref {
namespace {

using namespace std::chrono_literals;

TEST(thread_test, runs_its_function_and_is_joined) {
  int answer = 0;
  thread worker([&] { answer = 42; });
  EXPECT_TRUE(worker.join());
  EXPECT_EQ(answer, 42);
  EXPECT_FALSE(worker.is_alive());
}

TEST(thread_test, join_gives_up_after_its_time) {
  std::promise<void> gate;
  thread worker([&] { gate.get_future().wait(); });
  EXPECT_FALSE(worker.join(0ns));
  EXPECT_FALSE(worker.join(-1s));
  EXPECT_FALSE(worker.join(5ms));
  EXPECT_TRUE(worker.is_alive());
  gate.set_value();
  EXPECT_TRUE(worker.join(10s));
}

TEST(thread_test, destructor_joins) {
  std::atomic<bool> is_done = false;
  {
    thread worker([&] { is_done = true; });
  }
  EXPECT_TRUE(is_done);
}

TEST(thread_test, assignment_joins_what_was_there) {
  std::atomic<int> done = 0;
  thread worker([&] { ++done; });
  worker = thread([&] { ++done; });
  EXPECT_GE(done, 1);
  worker.join();
  EXPECT_EQ(done, 2);
}

TEST(thread_test, several_may_join) {
  std::promise<void> gate;
  thread worker([&] { gate.get_future().wait(); });
  std::vector<thread> joiners;
  std::atomic<int> joined = 0;
  for (int i = 0; i < 4; ++i) joiners.emplace_back([&] { joined += worker.join() ? 1 : 0; });
  gate.set_value();
  joiners.clear();
  EXPECT_EQ(joined, 4);
}

TEST(thread_test, some_may_join_in_time_and_others_for_ever) {
  std::promise<void> gate;
  thread worker([&] { gate.get_future().wait(); });
  std::vector<thread> joiners;
  std::atomic<int> joined = 0;
  for (int i = 0; i < 4; ++i) {
    joiners.emplace_back(
        [&, i] { joined += i % 2 == 0 ? worker.join() : worker.join(std::chrono::minutes(1)); });
  }
  EXPECT_FALSE(worker.join(std::chrono::milliseconds(1)));
  gate.set_value();
  joiners.clear();
  EXPECT_EQ(joined, 4);
  EXPECT_TRUE(worker.join(std::chrono::nanoseconds(0)));
}

TEST(thread_test, names_are_given_or_counted) {
  thread named([] {}, {.name = "reader"});
  EXPECT_EQ(named.name(), "reader");
  thread counted([] {});
  EXPECT_THAT(counted.name(), ::testing::StartsWith("Thread-"));
}

std::string name_in_kernel() {
  char name[16] = {};
  ::pthread_getname_np(::pthread_self(), name, sizeof name);
  return name;
}

TEST(thread_test, the_kernel_is_told_names_that_are_given) {
  std::string named;
  std::string counted;
  thread([&] { named = name_in_kernel(); }, {.name = "reader of all pages"}).join();
  thread([&] { counted = name_in_kernel(); }).join();
  EXPECT_EQ(named, "reader of all p");
  EXPECT_EQ(counted, name_in_kernel());
}

// Which the C library may well give the ended thread's place, and so its handle.
TEST(thread_test, a_later_thread_may_join_one_that_has_been_joined) {
  thread early([] {});
  early.join();
  bool joined = false;
  thread([&] { joined = early.join(); }).join();
  EXPECT_TRUE(joined);
}

TEST(thread_test, many_may_be_joined_in_any_order) {
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  std::vector<thread> workers;
  for (int i = 0; i < 100; ++i) workers.emplace_back([=] { opened.wait(); });
  gate.set_value();
  for (std::size_t i = 0; i < workers.size(); i += 3) EXPECT_TRUE(workers[i].join());
  for (std::size_t i = workers.size(); i-- > 0;) EXPECT_TRUE(workers[i].join(10s));
  for (const thread& each : workers) EXPECT_FALSE(each.is_alive());
}

TEST(thread_test, an_exception_is_told_and_kept) {
  ::testing::internal::CaptureStderr();
  thread worker([] { throw std::runtime_error("no luck"); }, {.name = "reader"});
  worker.join();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "Thread reader: uncaught exception: no luck\n");
  EXPECT_THROW(std::rethrow_exception(worker.exception()), std::runtime_error);
}

TEST(thread_test, nothing_thrown_is_no_exception) {
  thread worker([] {});
  worker.join();
  EXPECT_EQ(worker.exception(), nullptr);
}

TEST(thread_test, joining_itself_is_an_error) {
  std::promise<thread*> self;
  std::promise<bool> refused;
  thread worker([&] {
    thread* const me = self.get_future().get();
    try {
      me->join();
      refused.set_value(false);
    } catch (const std::logic_error&) {
      refused.set_value(true);
    }
  });
  self.set_value(&worker);
  EXPECT_TRUE(refused.get_future().get());
}

// Performs the work in a forked child; its wait status.
template <typename Work>
int in_child(Work work) {
  const pid_t pid = ::fork();
  if (pid == 0) work();
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

// The bytes that child processes wrote to a pipe.
class late_writer {
 public:
  late_writer() {
    if (::pipe(ends_) != 0) std::abort();
  }
  ~late_writer() { ::close(ends_[0]); }
  /// Writes once this process's first thread has come to the state.
  void write_at(char state) const {
    if (comes_to(::getpid(), state) && ::write(ends_[1], "x", 1) != 1) std::abort();
  }
  std::size_t bytes() {
    ::close(ends_[1]);
    char text[8];
    return static_cast<std::size_t>(::read(ends_[0], text, sizeof text));
  }

 private:
  int ends_[2];
};

TEST(thread_test, the_end_of_the_program_waits) {
  late_writer writer;
  EXPECT_EQ(in_child([&] {
              static std::atomic<bool> ends{false};
              static auto* const unjoined = new thread([&] {
                ends.wait(false);
                writer.write_at('S');
              });
              static_cast<void>(unjoined);
              ends = true;
              ends.notify_all();
              std::exit(0);
            }),
            0);
  EXPECT_EQ(writer.bytes(), 1u);
}

TEST(thread_test, the_end_of_the_program_does_not_wait_for_daemons) {
  EXPECT_EQ(in_child([] {
              static auto* const unjoined =
                  new thread([] { std::this_thread::sleep_for(60s); }, {.daemon = true});
              static_cast<void>(unjoined);
              std::exit(0);
            }),
            0);
}

TEST(thread_test, a_sudden_end_waits_for_nobody) {
  EXPECT_EQ(in_child([] {
              new thread([] { std::this_thread::sleep_for(60s); });
              ::_exit(0);
            }),
            0);
}

TEST(thread_test, a_thread_outlives_the_main_thread_that_ends_alone) {
  late_writer writer;
  EXPECT_EQ(in_child([&] {
              new thread([&] {
                writer.write_at('Z');
                ::_exit(0);
              });
              ::syscall(SYS_exit, 0);  // as pthread_exit does at last
            }),
            0);
  EXPECT_EQ(writer.bytes(), 1u);
}

TEST(thread_test, a_std_thread_that_nobody_joins_ends_the_program) {
  const int status = in_child([] {
    ::close(STDERR_FILENO);
    {
      std::thread lost([] { std::this_thread::sleep_for(60s); });
    }
    ::_exit(0);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

TEST(thread_test, a_forked_child_may_drop_what_it_inherited) {
  std::promise<void> gate;
  auto worker = std::make_unique<thread>([&] { gate.get_future().wait(); });
  EXPECT_EQ(in_child([&] {
              worker.reset();
              std::exit(0);
            }),
            0);
  gate.set_value();
}

TEST(thread_test, a_forked_child_has_none_of_the_threads) {
  std::promise<void> gate;
  thread worker([&] { gate.get_future().wait(); });
  EXPECT_EQ(in_child([&] {
              const bool right = !worker.is_alive() && worker.join();
              thread::wait_for_all();
              ::_exit(right ? 0 : 1);
            }),
            0);
  gate.set_value();
}

}  // namespace
}  // namespace ref
