#include "conformance/harness/child_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/process/v2/posix/vfork_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "conformance/harness/network_namespace.h"
#include "conformance/harness/output_capture.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/testee.h"

extern char** environ;

namespace assay {
namespace {

namespace process = boost::process::v2;
using clock = std::chrono::steady_clock;

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct descriptor_pair {
  int read = -1;
  int write = -1;
  descriptor_pair() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
    read = ends[0];
    write = ends[1];
  }
  ~descriptor_pair() {
    if (read >= 0) ::close(read);
    if (write >= 0) ::close(write);
  }
  int release_read() { return std::exchange(read, -1); }
};

// Boost.Process initialiser: on_setup runs before the fork; on_exec_setup and on_exec_error run in
// the new process, which has this one's memory until it is another program. So neither of them may
// leave anything behind.
struct child_setup {
  const launch_options& options;
  int out;
  int err;
  pid_t parent;
  std::vector<std::string> environment;
  std::vector<const char*> pointers;

  process::error_code on_setup(process::posix::vfork_launcher& launcher,
                               const process::filesystem::path&, const char* const*&) {
    for (char** each = environ; *each != nullptr; ++each) {
      const std::string_view variable = *each;
      const std::string name(variable.substr(0, variable.find('=')));
      if (options.environment.count(name) == 0) environment.emplace_back(variable);
    }
    for (const auto& [name, value] : options.environment) environment.push_back(name + "=" + value);
    for (const auto& each : environment) pointers.push_back(each.c_str());
    pointers.push_back(nullptr);
    launcher.env = pointers.data();
    return {};
  }

  process::error_code on_exec_setup(process::posix::vfork_launcher&,
                                    const process::filesystem::path&, const char* const*&) {
    if (options.network != nullptr && !options.network->enter()) {
      return {errno, boost::system::system_category()};
    }
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const int in = options.input ? *options.input : ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (in < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0 ||
        ::chdir(options.directory.c_str()) < 0) {
      return {errno, boost::system::system_category()};
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    raise_descriptor_limit();
    if (options.descriptor_limit) {
      const auto limit = static_cast<rlim_t>(*options.descriptor_limit);
      const rlimit descriptors{limit, limit};
      if (::setrlimit(RLIMIT_NOFILE, &descriptors) != 0) {
        return {errno, boost::system::system_category()};
      }
    }
    for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    return {};
  }

  // Boost's launcher would go on to exit(3), which would clean up after the parent.
  template <typename... Arguments>
  void on_exec_error(const Arguments&...) {
    ::_exit(127);
  }
};

bool contains(const std::vector<pid_t>& list, pid_t pid) {
  return std::find(list.begin(), list.end(), pid) != list.end();
}

// The processes that child_process objects of this program started and have not reaped.
std::vector<pid_t>& running_roots() {
  static std::vector<pid_t> roots;
  return roots;
}

}  // namespace

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

std::string describe_wait_status(int status) {
  if (WIFSIGNALED(status)) return "was killed by " + signal_name(WTERMSIG(status));
  return fmt::format("exited with code {}", WEXITSTATUS(status));
}

void become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw_errno("prctl(PR_SET_CHILD_SUBREAPER)");
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= usual_descriptor_limit) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, usual_descriptor_limit);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

child_process::child_process(const launch_options& options) {
  const auto program = find_program(options.command.at(0));
  if (program.empty()) {
    throw std::system_error(ENOENT, std::generic_category(), options.command[0]);
  }
  descriptor_pair out, err;
  older_ = proc::children(::getpid());
  boost::asio::io_context context;
  process::posix::vfork_launcher launcher;
  child_setup setup{options, out.write, err.write, ::getpid(), {}, {}};
  process::error_code error;
  const std::vector<std::string> arguments(options.command.begin() + 1, options.command.end());
  auto started = launcher(context.get_executor(), error,
                          process::filesystem::path(program.string()), arguments, setup);
  if (error) {
    if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
    throw std::system_error(error.value(), std::generic_category(),
                            "cannot start " + options.command[0]);
  }
  // From here on this object owns the process; Boost's would kill it on destruction.
  pid_ = launcher.pid;
  started.detach();
  pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  running_roots().push_back(pid_);
  capture_ = std::make_unique<output_capture>(out.release_read(), err.release_read());
}

child_process::~child_process() {
  try {
    end(std::chrono::nanoseconds(0));
  } catch (const std::exception&) {
    // A process that cannot be killed is the kernel's affair; there is nobody to tell here.
  }
  if (pidfd_ >= 0) ::close(pidfd_);
}

bool child_process::is_running() { return !status().has_value(); }

std::optional<int> child_process::status() {
  if (status_) return status_;
  int value = 0;
  const pid_t got = ::waitpid(pid_, &value, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  status_ = got == pid_ ? value : 0;
  std::erase(running_roots(), pid_);
  return status_;
}

std::optional<int> child_process::wait(std::chrono::nanoseconds timeout) {
  patience left(timeout);
  while (!status()) {
    if (left.is_over()) return std::nullopt;
    pollfd ended{pidfd_, POLLIN, 0};
    const auto until = left.next_look() - clock::now();
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until).count();
    ::poll(&ended, 1, static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1000)));
  }
  return status_;
}

std::vector<pid_t> child_process::family() {
  std::vector<pid_t> all;
  const auto add = [&all](pid_t pid) {
    if (proc::exists(pid) && !contains(all, pid)) all.push_back(pid);
  };
  if (!status()) add(pid_);
  for (pid_t each : proc::children(::getpid())) {
    // A child of ours that is nobody's root came to us when its parent died.
    if (each != pid_ && (contains(running_roots(), each) || contains(older_, each))) continue;
    const pid_t group = ::getpgid(each);
    if (group != pid_ && contains(running_roots(), group)) continue;
    add(each);
    for (pid_t below : proc::descendants(each)) add(below);
  }
  return all;
}

void child_process::reap_strays() {
  for (pid_t each : proc::children(::getpid())) {
    if (each == pid_ || contains(running_roots(), each) || contains(older_, each)) continue;
    ::waitpid(each, nullptr, WNOHANG);
  }
}

void child_process::end(std::chrono::nanoseconds grace) {
  const auto deadline = clock::now() + grace;
  std::vector<pid_t> left = family();
  if (!left.empty() && grace.count() > 0) {
    ::kill(-pid_, SIGTERM);
    for (pid_t each : left) {
      if (::getpgid(each) != pid_) ::kill(each, SIGTERM);
    }
    while (!(left = family()).empty() && clock::now() < deadline) {
      pollfd ended{pidfd_, POLLIN, 0};
      ::poll(&ended, status_ ? 0 : 1, 2);
      reap_strays();
    }
  }
  // Killed ones hand their children to us: again until nobody is left. Five seconds bound what a
  // process in an uninterruptible sleep may take.
  const auto last = clock::now() + std::chrono::seconds(5);
  while (!(left = family()).empty() && clock::now() < last) {
    if (!status_) ::kill(-pid_, SIGKILL);
    for (pid_t each : left) ::kill(each, SIGKILL);
    pollfd ended{pidfd_, POLLIN, 0};
    ::poll(&ended, status_ ? 0 : 1, 1);
    reap_strays();
  }
  status();
  reap_strays();
  capture_->finish();
}

std::string child_process::out() const { return capture_->out(); }
std::string child_process::err() const { return capture_->err(); }

}  // namespace assay
