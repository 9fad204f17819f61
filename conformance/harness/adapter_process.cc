#include "conformance/harness/adapter_process.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "conformance/harness/fixtures.h"
#include "conformance/harness/proc.h"
#include "conformance/protocol/type.h"

namespace assay {
namespace {

constexpr std::size_t most_newcomers = 32;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

const value_type& hello_type() {
  static type_table table;
  static const value_type& type = [&]() -> const value_type& {
    table.read(
        {{"implementation", {{"name", "string"}, {"version", "string"}, {"language", "string"}}},
         {"params",
          {{"protocol", "int"},
           {"actor", "string"},
           {"pid", "int"},
           {"tid", "int"},
           {"implementation?", "implementation"},
           {"supports?", "string[]"}}},
         {"hello", {{"jsonrpc", "string"}, {"method", "string"}, {"params", "params"}}}});
    table.finish();
    return table.parse("hello");
  }();
  return type;
}

pid_t peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0 ? credentials.pid
                                                                                 : -1;
}

}  // namespace

struct adapter_process::newcomer {
  newcomer(int socket, std::size_t limit) : descriptor(socket), reader(socket, limit) {}
  ~newcomer() {
    if (descriptor >= 0) ::close(descriptor);
  }
  newcomer(const newcomer&) = delete;
  newcomer& operator=(const newcomer&) = delete;
  int descriptor;
  line_reader reader;
};

adapter_process::adapter_process(const testee_definition& testee, const protocol& rules,
                                 transcript& log, const network_namespace* network)
    : rules_(rules),
      log_(log),
      context_{rules,
               log,
               [this](pid_t pid) { return ending_of(pid); },
               [this](std::string_view name) -> actor& { return wait_for_actor(name); },
               [this] {
                 const std::string text = error_output();
                 return text.empty() ? text : "; its standard error: " + text;
               },
               testee.others_are_threads} {
  become_subreaper();
  try {
    std::filesystem::create_directory(scratch());
    listen();
    launch(testee, network);
    wait_for_actor("main");
  } catch (...) {
    if (process_) process_->end(std::chrono::nanoseconds(0));
    if (listener_ >= 0) ::close(listener_);
    throw;
  }
}

adapter_process::~adapter_process() {
  for (auto& each : actors_) each->state().hang_up();
  if (process_ && !ended_) process_->end(std::chrono::nanoseconds(0));
  if (listener_ >= 0) ::close(listener_);
}

void adapter_process::listen() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_.path() / "socket";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) throw_errno("socket");
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, SOMAXCONN) != 0) {
    throw_errno("listen on the testee's socket");
  }
}

void adapter_process::launch(const testee_definition& testee, const network_namespace* network) {
  launch_options options;
  options.command = testee.expand(testee.adapter_command, {{"scratch", scratch()}});
  options.directory = scratch();
  options.network = network;
  options.environment = {{"ASSAY_SOCKET", directory_.path() / "socket"},
                         {"ASSAY_PROTOCOL", fixtures_directory() / "protocol.json"},
                         {"ASSAY_SCRATCH", scratch()},
                         {"TMPDIR", scratch()}};
  process_ = std::make_unique<child_process>(options);
}

void adapter_process::accept_one() {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;
  newcomers_.push_back(std::make_unique<newcomer>(socket, rules_.line_limit()));
  // Each may come with half a line that is kept.
  if (newcomers_.size() > most_newcomers) {
    throw testee_failure("malformed reply",
                         fmt::format("more than {} connections say no hello", most_newcomers));
  }
}

// False when the newcomer is done with: it became an actor, or it left.
bool adapter_process::read_hello(newcomer& from) {
  const auto filled = from.reader.fill();
  std::string_view line;
  const auto status = from.reader.next_line(line);
  if (status == read_status::none) return filled != read_status::end;
  if (status == read_status::too_long) {
    throw testee_failure("malformed reply", "the first line of a connection is too long");
  }
  json hello;
  try {
    hello = parse_line(line, rules_.nesting_limit());
  } catch (const malformed_line& error) {
    throw testee_failure("malformed reply", fmt::format("expected a hello, got {}: {}",
                                                        error.what(), escape_bytes(line, 200)));
  }
  log_.add("assay", "<", line);
  take_hello(from, hello);
  return false;
}

void adapter_process::take_hello(newcomer& from, const json& hello) {
  const auto reject = [&](const std::string& what) {
    throw testee_failure("malformed reply",
                         fmt::format("hello: {}; got {}", what, clip(hello, 300)));
  };
  if (const auto bad = hello_type().check(hello, "hello")) reject(bad->describe());
  if (hello["jsonrpc"] != "2.0" || hello["method"] != "hello") reject("expected the method hello");
  const json& params = hello["params"];
  if (params["protocol"] != rules_.version()) {
    reject(fmt::format("expected the protocol version {}", rules_.version()));
  }
  const std::string name = params["actor"];
  const pid_t pid = params["pid"];
  const pid_t tid = params["tid"];
  if (const pid_t peer = peer_of(from.descriptor); peer != pid) {
    reject(fmt::format("it gives the pid {}, but the kernel says that {} connected", pid, peer));
  }
  if (!proc::state(pid, tid)) reject(fmt::format("{} is no thread of process {}", tid, pid));
  if (find(name) != nullptr) reject(fmt::format("there is an actor named '{}' already", name));
  if (actors_.empty() != (name == "main")) reject("expected actor 'main', which says hello first");
  if (name == "main") {
    if (!params.contains("implementation") || !params.contains("supports")) {
      reject("the main actor tells its implementation and what it supports");
    }
    const json& implementation = params["implementation"];
    info_ = {implementation["name"], implementation["version"], implementation["language"],
             params["supports"]};
  }
  const int socket = std::exchange(from.descriptor, -1);
  auto state = std::make_unique<actor::impl>(context_, socket, std::move(from.reader));
  state->name = name;
  state->pid = pid;
  state->tid = tid;
  actors_.push_back(std::make_unique<actor>(std::move(state)));
}

void adapter_process::poll_newcomers(clock::time_point until) {
  std::vector<pollfd> polled{{listener_, POLLIN, 0}, {process_->descriptor(), POLLIN, 0}};
  for (const auto& each : newcomers_) polled.push_back({each->descriptor, POLLIN, 0});
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
  ::poll(polled.data(), polled.size(), static_cast<int>(std::max<std::int64_t>(0, left.count())));
  if (polled[0].revents != 0) accept_one();
  for (std::size_t i = 0; i + 2 < polled.size(); ++i) {
    if (polled[i + 2].revents != 0 && !read_hello(*newcomers_[i])) newcomers_[i].reset();
  }
  std::erase(newcomers_, nullptr);
}

actor& adapter_process::wait_for_actor(std::string_view name) {
  patience left(call_timeout());
  for (;;) {
    if (actor* known = find(name)) return *known;
    const bool was_running = process_->is_running();
    if (left.is_over()) fail_without_hello(name);
    poll_newcomers(was_running ? left.next_look() : clock::now());
    // What it said before it ended has been read by now.
    if (!was_running && find(name) == nullptr && newcomers_.empty()) fail_without_hello(name);
  }
}

void adapter_process::fail_without_hello(std::string_view name) {
  const auto status = process_->status();
  std::string message;
  if (status) {
    // Its last words are complete once nobody can write them any more.
    process_->end(std::chrono::nanoseconds(0));
    message = fmt::format("the testee {} before the hello of actor {}{}",
                          describe_wait_status(*status), name, context_.last_words());
  } else {
    const auto waited = std::chrono::duration<double>(call_timeout()).count();
    message =
        fmt::format("actor {} {} within {:.3g} s{}", name,
                    newcomers_.empty() ? "does not connect" : "connects, but does not say hello",
                    waited, context_.last_words());
  }
  log_.add("assay", "!", message);
  throw testee_failure(status ? "crash" : "hang", message);
}

actor* adapter_process::find(std::string_view name) {
  for (const auto& each : actors_) {
    if (each->name() == name) return each.get();
  }
  return nullptr;
}

std::string adapter_process::ending_of(pid_t pid) {
  patience left(scaled(std::chrono::seconds(1)));
  for (;;) {
    if (pid == process_->pid()) {
      if (const auto status = process_->status()) return describe_wait_status(*status);
    } else if (const auto status = proc::wait_status(pid)) {
      return describe_wait_status(*status);
    } else if (!proc::exists(pid)) {
      return "ended";
    }
    if (left.is_over()) return {};
    ::poll(nullptr, 0, 1);
  }
}

std::string adapter_process::error_output() const {
  constexpr std::size_t most = 1500;
  std::string text = process_ ? process_->err() : std::string();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (text.size() > most) text = "…" + text.substr(text.size() - most);
  return text;
}

std::optional<testee_failure> adapter_process::unasked_death() {
  for (const auto& each : actors_) {
    const auto& state = each->state();
    if (state.killed || state.exiting || state.broken || !each->is_dead()) continue;
    return testee_failure("crash", fmt::format("actor {} {}, unasked{}", each->name(),
                                               ending_of(each->pid()), context_.last_words()));
  }
  return std::nullopt;
}

// Whether all actors' processes are gone in time.
bool adapter_process::actors_end(patience left) {
  for (const auto& each : actors_) {
    while (!each->is_dead()) {
      if (left.is_over()) return false;
      ::poll(nullptr, 0, 1);
    }
  }
  return true;
}

std::optional<testee_failure> adapter_process::end() {
  using namespace std::chrono_literals;
  std::optional<testee_failure> found;
  // Who was killed, or waits inside of an op, cannot be blamed for what it leaves behind.
  const bool all_idle = std::all_of(actors_.begin(), actors_.end(), [](const auto& each) {
    const auto& state = each->state();
    return !state.killed && !state.broken && state.waiting.empty();
  });
  newcomers_.clear();
  for (auto& each : actors_) each->state().hang_up();
  if (all_idle && !actors_.empty()) {
    const patience enough(scaled(1s));
    if (!actors_end(enough)) {
      log_.add("assay", "!", "the end of its connection did not end the testee; it is killed");
    } else {
      const auto status = process_->wait(scaled(200ms));
      // A clean end is the exit status 0; sanitizers, too, tell what they found by another one.
      if (status && *status != 0 && !actors_.front()->state().exiting) {
        found.emplace("crash", fmt::format("the testee {} when its connection ended{}",
                                           describe_wait_status(*status), context_.last_words()));
      }
      std::vector<pid_t> family = process_->family();
      for (patience left = enough; !family.empty() && !left.is_over();) {
        ::poll(nullptr, 0, 1);
        family = process_->family();
      }
      if (!family.empty() && !found) {
        std::vector<std::string> names;
        for (pid_t each : family) {
          names.push_back(
              fmt::format("{} ({})", each, clip(std::string_view(proc::command_line(each)), 80)));
        }
        found.emplace("fail",
                      fmt::format("leaves orphans: its actors ended, but not the processes {}",
                                  fmt::join(names, ", ")));
      }
    }
  }
  process_->end(scaled(200ms));
  ended_ = true;
  if (found) log_.add("assay", "!", found->what());
  return found;
}

}  // namespace assay
