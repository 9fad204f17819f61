#include "conformance/harness/messenger_testee.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "conformance/harness/actor.h"
#include "conformance/harness/child_process.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/scratch_directory.h"
#include "conformance/harness/session.h"

namespace assay {

struct messenger_process::impl {
  scratch_directory directory;
  std::unique_ptr<child_process> process;
  int input = -1;  // the writing end of its standard input
  ~impl() {
    if (input >= 0) ::close(input);
  }
};

namespace {

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// In one line, and with nothing in it that a terminal would obey.
std::string printed(std::string_view text) {
  constexpr std::size_t most = 1000;
  const std::string quotes =
      json(std::string(text.substr(0, most))).dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() <= most ? quotes : fmt::format("{}… ({} bytes)", quotes, text.size());
}

void log(const char* direction, const std::string& text) {
  if (session* here = current_session()) here->log().add("messenger", direction, text);
}

// The port of the first UDP socket that the process has bound: proc(5), net/udp.
std::optional<std::uint16_t> bound_port(pid_t pid) {
  const auto open = proc::descriptors(pid);
  for (const char* table : {"udp", "udp6"}) {
    std::ifstream rows(fmt::format("/proc/{}/net/{}", pid, table));
    std::string row;
    std::getline(rows, row);  // the heading
    while (std::getline(rows, row)) {
      std::istringstream fields(row);
      std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
          timeout >> inode;
      if (std::find(open.begin(), open.end(), "socket:[" + inode + "]") == open.end()) continue;
      const auto colon = local.rfind(':');
      if (colon == local.npos) continue;
      return static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
    }
  }
  return std::nullopt;
}

session& with_messenger() {
  session* const here = current_session();
  if (here == nullptr) {
    throw std::logic_error("there is no testee: requirements are run by `assay check`");
  }
  if (here->testee().messenger_command.empty()) {
    throw testee_failure("fail", fmt::format("testee {} has no messenger", here->testee().name));
  }
  return *here;
}

}  // namespace

// ---- the test's own socket ----------------------------------------------------------------------

udp_peer::udp_peer() {
  descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor_ < 0) throw_errno("socket");
  sockaddr_in here = loopback(0);
  socklen_t size = sizeof here;
  if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    throw_errno("bind");
  }
  port_ = ntohs(here.sin_port);
}

udp_peer::~udp_peer() { ::close(descriptor_); }

void udp_peer::send(std::string_view data, std::uint16_t to) const {
  const sockaddr_in there = loopback(to);
  log("!", fmt::format("{} bytes are sent to it from port {}", data.size(), port_));
  if (::sendto(descriptor_, data.data(), data.size(), 0, reinterpret_cast<const sockaddr*>(&there),
               sizeof there) < 0) {
    throw_errno("sendto");
  }
}

bool udp_peer::has_datagram() const {
  pollfd ready{descriptor_, POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

udp_peer::datagram udp_peer::receive(const messenger_process& from_it) const {
  if (!from_it.await([&] { return has_datagram(); })) {
    throw testee_failure("fail", fmt::format("no datagram has come to port {}; it said: {}", port_,
                                             printed(from_it.said())));
  }
  sockaddr_in from{};
  socklen_t size = sizeof from;
  std::string data(1 << 16, '\0');
  const ssize_t got = ::recvfrom(descriptor_, data.data(), data.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0) throw_errno("recvfrom");
  data.resize(static_cast<std::size_t>(got));
  log("!", fmt::format("{} bytes came from its port {}", got, ntohs(from.sin_port)));
  return {std::move(data), ntohs(from.sin_port)};
}

// ---- the program --------------------------------------------------------------------------------

messenger_process::messenger_process(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
messenger_process::messenger_process(messenger_process&&) noexcept = default;

messenger_process::~messenger_process() {
  if (!impl_ || !impl_->process) return;
  log("<", fmt::format("says {}", printed(said())));
  impl_->process->end(std::chrono::nanoseconds(0));
}

pid_t messenger_process::pid() const { return impl_->process->pid(); }
std::string messenger_process::out() const { return impl_->process->out(); }
std::string messenger_process::err() const { return impl_->process->err(); }
bool messenger_process::is_running() const { return impl_->process->is_running(); }

std::uint16_t messenger_process::port() const {
  std::optional<std::uint16_t> port;
  await([&] { return (port = bound_port(pid())).has_value(); });
  if (!port) {
    throw testee_failure(is_running() ? "hang" : "fail",
                         "the messenger has bound no UDP socket; it said: " + said());
  }
  return *port;
}

bool messenger_process::await(const std::function<bool()>& condition) const {
  std::uint64_t switches = 0;
  auto rests_since = std::chrono::steady_clock::now();
  const auto is_over = [&] {
    if (condition() || !is_running()) return true;
    const auto now = std::chrono::steady_clock::now();
    const auto before = std::exchange(switches, proc::context_switches(pid(), pid()));
    if (proc::state(pid(), pid()) != 'S' || switches != before) rests_since = now;
    return now - rests_since > scaled(1s);
  };
  assay::await(is_over, call_timeout());
  return condition() || assay::await(condition, 100ms);  // its last words may come behind its end
}

bool messenger_process::await_said(std::string_view text) const {
  return await([&] { return said().find(text) != std::string::npos; });
}

bool messenger_process::await_asleep() const {
  const auto sleeps = [&] {
    int left = 0;
    return ::ioctl(impl_->input, FIONREAD, &left) == 0 && left == 0 &&
           proc::state(pid(), pid()) == 'S';
  };
  await(sleeps);
  return is_running() && sleeps();
}

void messenger_process::type(std::string_view text) const {
  log(">", "types " + printed(text));
  while (!text.empty()) {
    const ssize_t some = ::write(impl_->input, text.data(), text.size());
    if (some < 0 && errno != EAGAIN) return;  // it has ended, which the test will see
    if (some > 0) text.remove_prefix(static_cast<std::size_t>(some));
    pollfd room{impl_->input, POLLOUT, 0};
    if (!text.empty() && ::poll(&room, 1, static_cast<int>(call_timeout() / 1ms)) != 1) {
      throw testee_failure("hang", "the messenger does not read its input");
    }
  }
}

void messenger_process::end_input() {
  log(">", "ends its input");
  ::close(std::exchange(impl_->input, -1));
}

void messenger_process::signal(int number) const {
  log("!", "assay sends it " + signal_name(number));
  ::kill(pid(), number);
}

ending messenger_process::finish() {
  child_process& process = *impl_->process;
  const auto status = process.wait(call_timeout());
  if (!status) {
    throw testee_failure("hang", "the messenger has not ended; it said: " + said());
  }
  process.end(std::chrono::nanoseconds(0));
  ending seen;
  if (WIFEXITED(*status)) seen.exit_code = WEXITSTATUS(*status);
  if (WIFSIGNALED(*status)) seen.signal_number = WTERMSIG(*status);
  seen.out = process.out();
  seen.err = process.err();
  log("<", describe_wait_status(*status));
  return seen;
}

messenger_process start_messenger(const std::string& port) {
  session& here = with_messenger();
  auto state = std::make_unique<messenger_process::impl>();
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
  state->input = ends[1];
  ::fcntl(state->input, F_SETFL, O_NONBLOCK);
  launch_options options;
  options.command = here.testee().expand(here.testee().messenger_command, {{"port", port}});
  options.directory = state->directory.path();
  options.environment = {{"TMPDIR", state->directory.path()}};
  options.input = ends[0];
  log(">", fmt::format("run {}", json(options.command).dump()));
  try {
    state->process = std::make_unique<child_process>(options);
  } catch (...) {
    ::close(ends[0]);
    throw;
  }
  ::close(ends[0]);
  return messenger_process(std::move(state));
}

}  // namespace assay
