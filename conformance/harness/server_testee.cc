#include "conformance/harness/server_testee.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/server_site.h"
#include "conformance/harness/session.h"
#include "conformance/harness/tcp_table.h"
#include "conformance/protocol/type.h"

namespace assay {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Whether the server, and not a stranger at its port, listens.
bool listens(child_process& process, std::uint16_t port) {
  for (const std::uint64_t inode : listeners_at(port)) {
    const std::string socket = fmt::format("socket:[{}]", inode);
    for (const pid_t pid : process.family()) {
      const auto open = proc::descriptors(pid);
      if (std::find(open.begin(), open.end(), socket) != open.end()) return true;
    }
  }
  return false;
}

std::string tail(std::string text, std::size_t most) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.size() <= most ? text : "…" + text.substr(text.size() - most);
}

ending ending_of(child_process& process, int status) {
  process.end(std::chrono::nanoseconds(0));
  ending seen;
  if (WIFEXITED(status)) seen.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) seen.signal_number = WTERMSIG(status);
  seen.out = process.out();
  seen.err = process.err();
  return seen;
}

}  // namespace

std::uint16_t free_tcp_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const bool good =
      descriptor >= 0 &&
      ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!good) throw std::system_error(error, std::generic_category(), "a free port");
  return ntohs(address.sin_port);
}

struct server_process::impl {
  scratch_directory directory;
  std::filesystem::path root;
  std::uint16_t port = 0;
  std::unique_ptr<child_process> process;
  bool stopped = false;

  std::filesystem::path scratch() const { return directory.path() / "scratch"; }

  std::map<std::string, std::string> places() const {
    return {{"scratch", scratch()}, {"root", root}, {"port", std::to_string(port)}};
  }
  launch_options prepare(const testee_definition& testee, std::vector<std::string> command) const {
    for (const auto& [name, text] : testee.server->files) {
      std::ofstream(scratch() / name) << testee.expand(text, places());
    }
    launch_options options;
    options.command = std::move(command);
    options.directory = scratch();
    options.environment = {{"ASSAY_SCRATCH", scratch()}, {"TMPDIR", scratch()}};
    return options;
  }
  void start(const testee_definition& testee, const server_options& wanted,
             const std::filesystem::path& large);
  bool wait_until_it_listens(const std::string& name);
};

// False when the port was taken by somebody else.
bool server_process::impl::wait_until_it_listens(const std::string& name) {
  patience left(call_timeout());
  for (;;) {
    if (const auto status = process->status()) {
      process->end(std::chrono::nanoseconds(0));
      const std::string words = tail(process->err() + process->out(), 1500);
      for (const char* sign : {"ddress already in use", "EADDRINUSE", "ddress in use"}) {
        if (words.find(sign) != std::string::npos) return false;
      }
      throw testee_failure("crash", fmt::format("the server {} {} before it listened: {}", name,
                                                describe_wait_status(*status), words));
    }
    if (listens(*process, port)) return true;
    if (left.is_over()) {
      throw testee_failure(
          "hang", fmt::format("the server {} does not listen on port {} within {:.3g} s: {}", name,
                              port, std::chrono::duration<double>(left.waited()).count(),
                              tail(process->err(), 1500)));
    }
    pollfd ended{process->descriptor(), POLLIN, 0};
    ::poll(&ended, 1, 2);
  }
}

void server_process::impl::start(const testee_definition& testee, const server_options& wanted,
                                 const std::filesystem::path& large) {
  constexpr int attempts = 5;
  std::filesystem::create_directory(scratch());
  root = make_site(directory.path(), large);
  for (int attempt = 0; attempt < attempts; ++attempt) {
    port = wanted.port.value_or(free_tcp_port());
    auto command = testee.expand(testee.server->command, places());
    command.insert(command.end(), wanted.extra_arguments.begin(), wanted.extra_arguments.end());
    auto options = prepare(testee, std::move(command));
    options.descriptor_limit = wanted.descriptor_limit;
    process = std::make_unique<child_process>(options);
    if (wait_until_it_listens(testee.name)) return;
  }
  throw std::runtime_error("no port stayed free long enough to start a server");
}

server_process::server_process(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
server_process::server_process(server_process&&) noexcept = default;

server_process::~server_process() {
  if (impl_ && impl_->process) impl_->process->end(std::chrono::milliseconds(200));
}

std::uint16_t server_process::port() const { return impl_->port; }
pid_t server_process::pid() const { return impl_->process->pid(); }
std::vector<pid_t> server_process::pids() const { return impl_->process->family(); }
std::filesystem::path server_process::root() const { return impl_->root; }
http_connection server_process::connect() const { return http_connection::open(impl_->port); }
bool server_process::is_running() const { return impl_->process->is_running(); }
bool server_process::wait(std::chrono::nanoseconds timeout) const {
  return impl_->process->wait(timeout).has_value();
}
bool server_process::was_stopped() const { return impl_->stopped; }
std::string server_process::out() const { return impl_->process->out(); }
std::string server_process::err() const { return impl_->process->err(); }

std::string server_process::describe_end() const {
  const auto status = impl_->process->status();
  if (!status) return {};
  const std::string words = tail(err() + out(), 1500);
  return describe_wait_status(*status) + (words.empty() ? "" : "; it said: " + words);
}

std::optional<ending> server_process::stop(int signal_number, std::chrono::nanoseconds timeout) {
  impl_->stopped = true;
  child_process& process = *impl_->process;
  if (session* here = current_session()) {
    here->log().add("server", "!", "assay sends it " + signal_name(signal_number));
  }
  ::kill(process.pid(), signal_number);
  const auto status = process.wait(scaled(timeout));
  if (!status) {
    process.end(std::chrono::nanoseconds(0));
    return std::nullopt;
  }
  return ending_of(process, *status);
}

namespace {

session& with_server() {
  session* const here = current_session();
  if (here == nullptr) {
    throw std::logic_error("there is no testee: requirements are run by `assay check`");
  }
  if (!here->testee().server) {
    throw testee_failure("fail", fmt::format("testee {} has no server", here->testee().name));
  }
  return *here;
}

}  // namespace

server_process session::start_server(const server_options& options) {
  auto state = std::make_unique<server_process::impl>();
  if (!large_file_) {
    large_file_ = std::make_unique<scratch_directory>();
    write_large_file(large_file_->path() / "large.bin");
  }
  state->start(testee_, options, large_file_->path() / "large.bin");
  log_.add("server", "!",
           fmt::format("started on port {}, pid {}", state->port, state->process->pid()));
  return server_process(std::move(state));
}

server_process& session::server() {
  if (server_ && !server_used_ && !server_->is_running()) {
    log_.add("server", "!", "it ended since the last requirement; a new one is started");
    server_.reset();
  }
  if (!server_) {
    server_ = std::make_unique<server_process>(start_server({}));
    usual_descriptors_ = proc::descriptors(server_->pid()).size();
  } else if (!server_used_) {
    log_.add("server", "!",
             fmt::format("runs on port {}, pid {}", server_->port(), server_->pid()));
  }
  server_used_ = true;
  return *server_;
}

void session::judge_server() {
  if (!server_ || !server_used_) return;
  constexpr std::size_t leak = 200;
  constexpr std::int64_t memory = std::int64_t{1} << 30;
  // A connection breaks a moment before its process is gone.
  if (verdict_ == "fail") server_->wait(scaled(std::chrono::milliseconds(50)));
  const std::string end = server_->describe_end();
  if (!end.empty() && !server_->was_stopped()) {
    const std::string message = "the server " + end;
    log_.add("server", "!", message);
    if (verdict_.empty() || verdict_ == "fail") add_ending("crash", message);
  }
  // The next requirement finds either a server in good health or a new one.
  if (!end.empty() || !verdict_.empty() ||
      proc::descriptors(server_->pid()).size() > usual_descriptors_ + leak ||
      proc::resident_bytes(server_->pid()).value_or(0) > memory) {
    server_.reset();
  }
}

server_process& server() { return with_server().server(); }

server_process start_server(const server_options& options) {
  return with_server().start_server(options);
}

bool has_plain_command() { return !with_server().testee().server->plain_command.empty(); }

std::optional<ending> run_server_program(const std::vector<std::string>& arguments,
                                         std::chrono::nanoseconds timeout) {
  session& here = with_server();
  if (!has_plain_command()) return std::nullopt;
  const testee_definition& testee = here.testee();
  const scratch_directory directory;
  launch_options options;
  options.command = testee.expand(testee.server->plain_command,
                                  {{"scratch", directory.path()}, {"root", directory.path()}});
  options.command.insert(options.command.end(), arguments.begin(), arguments.end());
  options.directory = directory.path();
  options.environment = {{"TMPDIR", directory.path()}};
  here.log().add("server", ">", fmt::format("run {}", json(options.command).dump()));
  child_process process(options);
  const auto status = process.wait(scaled(timeout));
  if (!status) return std::nullopt;
  ending seen = ending_of(process, *status);
  here.log().add(
      "server", "<",
      fmt::format("{}; standard output: {}; standard error: {}", describe_wait_status(*status),
                  tail(seen.out, 500), tail(seen.err, 500)));
  return seen;
}

}  // namespace assay
