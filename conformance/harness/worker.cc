#include "conformance/harness/worker.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>
#include <thread>

#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/harness/session.h"

namespace assay {
namespace {

using nlohmann::json;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int descriptor, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t written = ::send(descriptor, data, size, MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("send between runner and worker");
    data += written;
    size -= static_cast<std::size_t>(written);
  }
}

void write_message(int descriptor, const json& message) {
  // Testees may say anything; what is not UTF-8 is shown as the replacement character.
  const std::string text = message.dump(-1, ' ', false, json::error_handler_t::replace);
  const std::uint32_t size = static_cast<std::uint32_t>(text.size());
  write_all(descriptor, reinterpret_cast<const char*>(&size), sizeof size);
  write_all(descriptor, text.data(), text.size());
}

std::optional<json> read_message(int descriptor) {
  const auto read_exactly = [descriptor](char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t got = ::recv(descriptor, data, size, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      data += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  };
  std::uint32_t size = 0;
  if (!read_exactly(reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string text(size, '\0');
  if (!read_exactly(text.data(), text.size())) return std::nullopt;
  return json::parse(text);
}

// Hands GoogleTest's failures to the session, which makes the verdict of them.
class failure_listener : public ::testing::EmptyTestEventListener {
  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (!part.failed() || current_session() == nullptr) return;
    std::string file = part.file_name() != nullptr ? part.file_name() : "";
    if (const auto at = file.rfind("conformance/"); at != std::string::npos) file.erase(0, at);
    current_session()->add_failure(
        file.empty() ? part.message()
                     : fmt::format("{}:{}: {}", file, part.line_number(), part.message()));
  }
};

void initialise_googletest() {
  int count = 1;
  char name[] = "assay";
  char* arguments[] = {name, nullptr};
  ::unsetenv("GTEST_OUTPUT");
  ::unsetenv("GTEST_FILTER");
  ::testing::InitGoogleTest(&count, arguments);
  auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new failure_listener);
}

// However `parent` ends, this process and all that descends from it end with it: testees may have
// left their groups, and only here are they all found. Signals from the terminal go to everybody,
// so that what they do to the parent decides.
void end_with(pid_t parent) {
  for (const int each : {SIGHUP, SIGINT, SIGTERM}) ::signal(each, SIG_IGN);
  const int gone = static_cast<int>(::syscall(SYS_pidfd_open, parent, 0));
  if (gone < 0 || ::getppid() != parent) ::_exit(0);
  std::thread([gone] {
    pollfd ended{gone, POLLIN, 0};
    while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
    }
    // The children of those that are killed become this process's: again until nobody is left.
    const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (auto all = proc::descendants(::getpid());
         !all.empty() && std::chrono::steady_clock::now() < last;
         all = proc::descendants(::getpid())) {
      for (const pid_t each : all) ::kill(each, SIGKILL);
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    ::_exit(0);
  }).detach();
}

// The worker's side. One session lives as long as the testee does not change, so that a server
// serves many requirements.
class worker_side {
 public:
  worker_side(int descriptor, const std::vector<testee_definition>& testees)
      : descriptor_(descriptor), testees_(testees) {}

  void serve() {
    initialise_googletest();
    while (const auto request = read_message(descriptor_)) {
      write_message(descriptor_, request->contains("describe")
                                     ? describe_testee(request->at("describe"))
                                     : run(request->at("run")));
    }
    session_.reset();
  }

 private:
  json describe_testee(std::size_t testee) {
    session_.reset();
    try {
      const hello_info hello = describe(testees_.at(testee));
      return {{"implementation", hello.implementation},
              {"version", hello.version},
              {"language", hello.language},
              {"supports", hello.supports}};
    } catch (const testee_failure& failure) {
      return {{"verdict", failure.verdict()}, {"message", failure.what()}};
    } catch (const std::exception& failure) {
      return {{"verdict", "fail"}, {"message", failure.what()}};
    }
  }

  json run(const json& what) {
    const std::size_t testee = what.at(0);
    const requirement& required = *find_requirement(what.at(1).get<std::string>());
    if (!session_ || testee_ != testee) {
      session_.reset();
      session_ = std::make_unique<session>(testees_.at(testee));
      testee_ = testee;
    }
    session_->begin(required);
    GTEST_FLAG_SET(filter, required.suite + "." + required.name);
    [[maybe_unused]] const int failed = RUN_ALL_TESTS();
    const observation seen = session_->end();
    json transcript = json::array();
    for (const auto& line : seen.transcript) {
      transcript.push_back({line.t_ms, line.actor, line.direction, line.text});
    }
    return {{"verdict", seen.verdict},
            {"message", seen.message},
            {"duration_ns", seen.duration.count()},
            {"transcript", std::move(transcript)}};
  }

  int descriptor_;
  const std::vector<testee_definition>& testees_;
  std::unique_ptr<session> session_;
  std::size_t testee_ = 0;
};

}  // namespace

worker::worker(const std::vector<testee_definition>& testees, const std::vector<int>& inherited) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_errno("socketpair");
  const pid_t parent = ::getpid();
  // What is buffered is this process's to write, once.
  std::fflush(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) {
    ::close(ends[0]);
    for (int other : inherited) ::close(other);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    end_with(parent);
    int status = 0;
    try {
      worker_side(ends[1], testees).serve();
    } catch (const std::exception& error) {
      if (::getppid() == parent) fmt::print(stderr, "assay: a worker ended: {}\n", error.what());
      status = 1;
    }
    std::fflush(nullptr);
    ::_exit(status);
  }
  ::close(ends[1]);
  descriptor_ = ends[0];
}

worker::~worker() { end(); }

void worker::send(const nlohmann::json& request) {
  busy_ = true;
  since_ = std::chrono::steady_clock::now();
  try {
    write_message(descriptor_, request);
  } catch (const std::system_error&) {
    // The worker is gone; receive() finds the end of its connection and reports it.
  }
}

std::chrono::nanoseconds worker::busy_for() const {
  return std::chrono::steady_clock::now() - since_;
}

worker::progress worker::receive() {
  char chunk[65536];
  const ssize_t got = ::recv(descriptor_, chunk, sizeof chunk, MSG_DONTWAIT);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return progress::none;
  if (got <= 0) return progress::ended;
  buffer_.append(chunk, static_cast<std::size_t>(got));
  std::uint32_t size = 0;
  if (buffer_.size() < sizeof size) return progress::none;
  ::memcpy(&size, buffer_.data(), sizeof size);
  if (buffer_.size() - sizeof size < size) return progress::none;
  reply_ = buffer_.substr(sizeof size, size);
  buffer_.erase(0, sizeof size + size);
  busy_ = false;
  return progress::reply;
}

nlohmann::json worker::take_reply() { return json::parse(std::exchange(reply_, {})); }

std::string worker::end() {
  if (pid_ < 0) return {};
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (busy_) {
    // Its testees first: once the worker is dead they belong to somebody else.
    ::kill(pid_, SIGSTOP);
    for (pid_t each : proc::descendants(pid_)) ::kill(each, SIGKILL);
    ::kill(pid_, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  busy_ = false;
  if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace assay
