#include "conformance/harness/crawler_testee.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "conformance/harness/child_process.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/scratch_directory.h"
#include "conformance/harness/session.h"

namespace assay {

struct crawler_process::impl {
  scratch_directory directory;
  std::unique_ptr<child_process> process;
  std::chrono::nanoseconds longest_wait{};  // of those that its arguments ask for
};

namespace {

using clock = std::chrono::steady_clock;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

// The largest of the times that options let it rest or wait for an answer.
std::chrono::nanoseconds longest_wait(const std::vector<std::string>& command) {
  double longest = 0;
  for (std::size_t i = 0; i + 1 < command.size(); ++i) {
    if (command[i] != "--rest" && command[i] != "--timeout") continue;
    longest = std::max(longest, std::strtod(command[i + 1].c_str(), nullptr));
  }
  // More than that is a hang anyway, and a time that is too large for the clock's type would not.
  longest = std::min(longest, seconds(call_timeout()));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(longest));
}

// A number that changes whenever one of the threads of these processes runs; nullopt while one is
// running or about to.
std::optional<std::uint64_t> rest_of(const std::vector<pid_t>& family) {
  std::uint64_t switches = 0;
  for (const pid_t pid : family) {
    for (const pid_t tid : proc::threads(pid)) {
      if (proc::state(pid, tid) == 'R') return std::nullopt;
      switches += proc::context_switches(pid, tid);
    }
  }
  return switches + family.size();
}

session& with_crawler() {
  session* const here = current_session();
  if (here == nullptr) {
    throw std::logic_error("there is no testee: requirements are run by `assay check`");
  }
  if (here->testee().crawler_command.empty()) {
    throw testee_failure("fail", fmt::format("testee {} has no crawler", here->testee().name));
  }
  return *here;
}

crawler_process start(session& here, std::vector<std::string> command) {
  auto state = std::make_unique<crawler_process::impl>();
  launch_options options;
  options.command = std::move(command);
  options.directory = state->directory.path();
  options.environment = {{"TMPDIR", state->directory.path()}};
  state->longest_wait = longest_wait(options.command);
  here.log().add("crawler", ">", fmt::format("run {}", json(options.command).dump()));
  state->process = std::make_unique<child_process>(options);
  return crawler_process(std::move(state));
}

}  // namespace

crawler_process::crawler_process(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
crawler_process::crawler_process(crawler_process&&) noexcept = default;

crawler_process::~crawler_process() {
  if (impl_ && impl_->process) impl_->process->end(std::chrono::nanoseconds(0));
}

pid_t crawler_process::pid() const { return impl_->process->pid(); }
std::vector<pid_t> crawler_process::pids() const { return impl_->process->family(); }
bool crawler_process::is_running() const { return impl_->process->is_running(); }
std::string crawler_process::err() const { return impl_->process->err(); }

void crawler_process::signal(int number) const {
  if (session* here = current_session()) {
    here->log().add("crawler", "!", "assay sends it " + signal_name(number));
  }
  ::kill(pid(), number);
}

ending crawler_process::finish() {
  child_process& process = *impl_->process;
  const auto start = clock::now();
  const auto longest_sleep = impl_->longest_wait + scaled(2s);
  patience left(call_timeout());
  auto ran_last = start;
  std::optional<std::uint64_t> before;
  for (;;) {
    const auto family = process.family();
    if (family.empty() && process.status()) break;
    const auto now = clock::now();
    if (const auto rest = rest_of(family); !rest || rest != before) {
      before = rest;
      ran_last = now;
    }
    const bool sleeps = now - ran_last > longest_sleep;
    if (sleeps || left.is_over()) {
      throw testee_failure(
          "hang",
          fmt::format(
              "the crawler{} still there after {:.3g} s{}; it said: {}",
              process.is_running() ? " is" : "'s children are", seconds(now - start),
              sleeps ? fmt::format(", all asleep for {:.3g} s", seconds(now - ran_last)) : "",
              process.err() + process.out()));
    }
    // Looking costs processor time that the crawler could use: rarely, once it takes long.
    pollfd ended{process.descriptor(), POLLIN, 0};
    ::poll(&ended, process.is_running() ? 1 : 0, now - start < 100ms ? 2 : 20);
  }
  const auto status = process.status();
  process.end(std::chrono::nanoseconds(0));
  ending seen;
  if (WIFEXITED(*status)) seen.exit_code = WEXITSTATUS(*status);
  if (WIFSIGNALED(*status)) seen.signal_number = WTERMSIG(*status);
  seen.out = process.out();
  seen.err = process.err();
  if (session* here = current_session()) {
    here->log().add("crawler", "<",
                    fmt::format("{}; standard error: {}", describe_wait_status(*status), seen.err));
  }
  return seen;
}

crawler_process start_crawler(const std::string& url, const std::filesystem::path& directory,
                              const std::vector<std::string>& options) {
  session& here = with_crawler();
  auto command =
      here.testee().expand(here.testee().crawler_command, {{"url", url}, {"directory", directory}});
  command.insert(command.end(), options.begin(), options.end());
  return start(here, std::move(command));
}

ending run_crawler(const std::string& url, const std::filesystem::path& directory,
                   const std::vector<std::string>& options) {
  return start_crawler(url, directory, options).finish();
}

ending run_crawler_program(const std::vector<std::string>& arguments) {
  session& here = with_crawler();
  std::vector<std::string> command;
  for (const auto& each : here.testee().crawler_command) {
    if (each != "{url}" && each != "{directory}") command.push_back(each);
  }
  command = here.testee().expand(command, {});
  command.insert(command.end(), arguments.begin(), arguments.end());
  return start(here, std::move(command)).finish();
}

}  // namespace assay
