// epoll-server as a program: its lines, its exit codes and its signals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <string>
#include <vector>

#include "impl/base/file_descriptor.h"
#include "impl/server/test_client.h"
#include "impl/server/test_folder.h"

namespace ref::server {
namespace {

using testing::connect_error;
using ::testing::EndsWith;
using testing::forbid_openat2;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::test_client;
using testing::test_folder;

struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> made{};
    check(::pipe2(made.data(), O_CLOEXEC), "pipe2");
    out = file_descriptor(made[0]);
    in = file_descriptor(made[1]);
  }
  file_descriptor out;
  file_descriptor in;
};

// All up to the end, or only the first line of it.
std::string text_of(int descriptor, bool first_line = false) {
  std::string text;
  char byte = 0;
  while (!(first_line && text.ends_with('\n'))) {
    const ssize_t got =
        check(retry_interrupted([&] { return ::read(descriptor, &byte, 1); }), "read");
    if (got == 0) break;
    text += byte;
  }
  return text;
}

// One run of the program. It is killed, if it is still there, when the object goes.
class run {
 public:
  // `openat2_error`: what openat2 fails with in the program, if not 0.
  explicit run(std::vector<std::string> arguments, int openat2_error = 0) {
    arguments.insert(arguments.begin(), EPOLL_SERVER);
    std::vector<char*> pointers;
    for (std::string& each : arguments) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    pid_ = check(::fork(), "fork");
    if (pid_ == 0) {
      ::dup2(output_.in.get(), STDOUT_FILENO);
      ::dup2(errors_.in.get(), STDERR_FILENO);
      if (openat2_error != 0 && !forbid_openat2(openat2_error)) ::_exit(100);
      ::execv(pointers[0], pointers.data());
      ::_exit(101);
    }
    output_.in.reset();
    errors_.in.reset();
  }
  ~run() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      exit_code();
    }
  }
  run(const run&) = delete;
  run& operator=(const run&) = delete;

  // Where it says that it listens.
  std::uint16_t port() {
    const std::string line = text_of(output_.out.get(), true);
    EXPECT_THAT(line, StartsWith("listening on 127.0.0.1:"));
    return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }
  void signal(int which) const { check(::kill(pid_, which), "kill"); }
  // Of this and of all other processes of the run, which have to end for it.
  std::string output() { return text_of(output_.out.get()); }
  std::string errors() { return text_of(errors_.out.get()); }
  // -N: signal N ended it.
  int exit_code() {
    int status = 0;
    check(retry_interrupted([&] { return ::waitpid(pid_, &status, 0); }), "waitpid");
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pipe_ends output_;
  pipe_ends errors_;
  pid_t pid_ = 0;
};

class Program : public ::testing::Test {
 protected:
  Program() { place_.write("a.txt", "a text\n"); }

  std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"0", "--host", "127.0.0.1", "--root", place_.root()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static void expect_served(std::uint16_t port) {
    test_client client(port);
    client.get("/a.txt", "Connection: close\r\n");
    EXPECT_THAT(client.rest(), EndsWith("\r\n\r\na text\n"));
  }

  test_folder place_;
};

TEST_F(Program, SaysHowItIsUsed) {
  run bare({});
  EXPECT_EQ(bare.output(),
            "please input format run 'epoll-server 8888' (--help lists the options)\n");
  EXPECT_EQ(bare.errors(), "");
  EXPECT_EQ(bare.exit_code(), 0);
  run help({"--help"});
  const std::string text = help.output();
  for (const char* option : {"PORT", "--root", "--host", "--workers", "--header-timeout",
                             "--idle-timeout", "--body-limit", "--connections"}) {
    EXPECT_THAT(text, HasSubstr(option));
  }
  EXPECT_EQ(help.errors(), "");
  EXPECT_EQ(help.exit_code(), 0);
}

TEST_F(Program, RefusesBadArguments) {
  const std::vector<std::vector<std::string>> rows = {
      {"x"},
      {""},
      {"65536"},
      {"80x"},
      {"-1"},
      {"99999999999999999999"},
      {"--root", "/tmp"},
      {"0", "1"},
      {"0", "--none"},
      {"0", "--root"},
      {"0", "--workers", "0"},
      {"0", "--workers", "257"},
      {"0", "--header-timeout", "0"},
      {"0", "--idle-timeout", "-1"},
      {"0", "--body-limit", "x"},
  };
  for (const auto& each : rows) {
    run bad(each);
    EXPECT_EQ(bad.output(), "") << ::testing::PrintToString(each);
    EXPECT_NE(bad.errors(), "") << ::testing::PrintToString(each);
    EXPECT_EQ(bad.exit_code(), 1) << ::testing::PrintToString(each);
  }
}

TEST_F(Program, SaysWhyItDoesNotStart) {
  run none({"0", "--host", "127.0.0.1", "--root", place_.at("none")});
  EXPECT_EQ(none.errors(),
            "epoll-server: open " + place_.at("none") + ": No such file or directory\n");
  EXPECT_EQ(none.exit_code(), 1);
  run file({"0", "--host", "127.0.0.1", "--root", place_.at("a.txt")});
  EXPECT_THAT(file.errors(), HasSubstr("Not a directory"));
  EXPECT_EQ(file.exit_code(), 1);
  run host({"0", "--host", "nowhere", "--root", place_.root()});
  EXPECT_THAT(host.errors(), HasSubstr("nowhere is no IPv4 or IPv6 address"));
  EXPECT_EQ(host.exit_code(), 1);
}

TEST_F(Program, SaysThatItsPortIsTaken) {
  run first(arguments());
  const std::string port = std::to_string(first.port());
  for (const char* workers : {"1", "2"}) {
    run second({port, "--host", "127.0.0.1", "--root", place_.root(), "--workers", workers});
    EXPECT_EQ(second.errors(),
              "epoll-server: bind 127.0.0.1 port " + port + ": Address already in use\n");
    EXPECT_EQ(second.output(), "");
    EXPECT_EQ(second.exit_code(), 1);
  }
}

// Sent as soon as it says that it listens, so that many come before it has begun to serve.
// ThreadSanitizer loses a signal that comes while it makes its notes for a thread's signals, in the
// first call that waits: there only a process that has served a client is sure to get one.
#ifdef __SANITIZE_THREAD__
constexpr bool loses_early_signals = true;
#else
constexpr bool loses_early_signals = false;
#endif

TEST_F(Program, EndsAtSignals) {
  for (const char* workers : {"1", "3"}) {
    if (loses_early_signals && workers != std::string("1")) break;
    for (int i = 0; i < 10; ++i) {
      run server(arguments({"--workers", workers}));
      const std::uint16_t port = server.port();
      if (i % 2 == 0 || loses_early_signals) expect_served(port);
      server.signal(i % 4 < 2 ? SIGTERM : SIGINT);
      EXPECT_EQ(server.output(), "") << "no process is left";
      EXPECT_EQ(server.errors(), "");
      EXPECT_EQ(server.exit_code(), 0);
      const file_descriptor socket(check(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
      EXPECT_EQ(connect_error(socket.get(), port), ECONNREFUSED);
    }
  }
}

TEST_F(Program, LeavesNoWorkerWhenItIsKilled) {
  run server(arguments({"--workers", "3"}));
  for (std::uint16_t port = server.port(), i = 0; i < 20; ++i) expect_served(port);
  server.signal(SIGKILL);
  EXPECT_EQ(server.output(), "");
  EXPECT_EQ(server.exit_code(), -SIGKILL);
}

TEST_F(Program, LivesThroughResets) {
  place_.write("huge", "");
  check(::truncate(place_.at("huge").c_str(), 64 << 20), "truncate");
  run server(arguments());
  const std::uint16_t port = server.port();
  for (int i = 0; i < 10; ++i) {
    test_client client(port);
    client.get("/huge");
    client.head();
    client.reset();
  }
  expect_served(port);
}

TEST_F(Program, ServesWhereOpenat2IsMissing) {
  place_.write("../outside/secret", "secret");
  place_.link("out", "../outside/secret");
  place_.link("sub/in", "../a.txt");
  for (const int error : {ENOSYS, EPERM}) {
    run server(arguments(), error);
    const std::uint16_t port = server.port();
    expect_served(port);
    test_client inside(port);
    inside.get("/sub/in", "Connection: close\r\n");
    EXPECT_THAT(inside.rest(), EndsWith("\r\n\r\na text\n")) << error;
    test_client outside(port);
    outside.get("/out", "Connection: close\r\n");
    EXPECT_THAT(outside.rest(), StartsWith("HTTP/1.1 404 ")) << error;
    inside.close();
    outside.close();
    server.signal(SIGTERM);
    EXPECT_EQ(server.exit_code(), 0) << error;
  }
}

}  // namespace
}  // namespace ref::server
