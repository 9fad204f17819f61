#include "conformance/harness/crawler_testee.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include "conformance/harness/child_process.h"
#include "conformance/harness/scratch_directory.h"
#include "conformance/harness/session.h"

namespace assay {

struct crawler_process::impl {
  scratch_directory directory;
  std::unique_ptr<child_process> process;
};

namespace {

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
  const auto timeout = call_timeout();
  const auto status = process.wait(timeout);
  if (!status || !await([&] { return process.family().empty(); })) {
    throw testee_failure(
        "hang",
        fmt::format("the crawler{} still there after {:.3g} s; it said: {}",
                    status ? "'s children are" : " is",
                    std::chrono::duration<double>(timeout).count(), process.err() + process.out()));
  }
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
