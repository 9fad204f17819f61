#include "impl/process/process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impl/base/deadline.h"
#include "impl/base/file_descriptor.h"
#include "impl/base/one_thread.h"
#include "impl/base/system_call.h"
#include "impl/process/few_blocks.h"
#include "impl/process/flush_output.h"
#include "impl/thread/thread.h"

namespace ref {

struct process::state {
  state(std::function<int()> what, std::string its_name, bool is_daemon)
      : target(std::move(what)), name(std::move(its_name)), daemon(is_daemon) {}

  std::function<int()> target;
  const std::string name;
  const bool daemon;
  const pid_t parent = ::getpid();
  std::mutex lock;  // of all below
  std::optional<pid_t> pid;
  file_descriptor handle;  // a pidfd, which no other process can take over
  std::optional<int> exit_code;
  bool is_closed = false;
  std::shared_ptr<state> next;  // of the children that run; the family's lock guards it

  // Before the lock: in a forked child it may be locked for good.
  void check_parent(const char* use) const {
    if (parent != ::getpid()) {
      throw std::logic_error(std::string("can only ") + use + " a process of one's own");
    }
  }
  void check_open() const {
    if (is_closed) throw std::invalid_argument("process " + name + " is closed");
  }
  bool reap();
  bool wait(const deadline& until);
};

namespace {

// The children that run, and what this process is itself. The list goes through the children's
// states.
struct alignas(128) family {
  const pid_t process = ::getpid();
  const std::string* name = nullptr;  // null in a process that is nobody's child
  bool is_daemon = false;
  int made = 0;
  std::mutex lock;
  std::shared_ptr<process::state> running;  // the last that was started, which has the next
  std::atomic<bool> has_started = false;    // a child, ever
};

void end_family();

// All that is written to for a child is in one page, the states of children too, unless there are
// many: after a fork each page that is written to is copied, for either side.
struct alignas(4096) family_page {
  // A child has no children yet, and what fork copied may be locked: it begins a family of its own,
  // in the same place. What lay there is its parent's and is not destroyed.
  alignas(family) std::byte place_of_family[sizeof(family)];
  few_blocks<256, 14> states;
};
static_assert(sizeof(family_page) == 4096);
constinit family_page page{};

std::shared_ptr<process::state> make_state(std::function<int()> target, std::string name,
                                           bool is_daemon) {
  static_assert(sizeof(process::state) + 4 * sizeof(void*) <= 256, "no block would hold it");
  using allocator = block_allocator<process::state, decltype(page.states)>;
  return std::allocate_shared<process::state>(allocator(page.states), std::move(target),
                                              std::move(name), is_daemon);
}

family& this_family() {
  static const bool is_prepared = [] {
    new (page.place_of_family) family;
    std::atexit(end_family);
    return true;
  }();
  static_cast<void>(is_prepared);
  return *std::launder(reinterpret_cast<family*>(page.place_of_family));
}

std::vector<std::shared_ptr<process::state>> running_children() {
  family& of = this_family();
  const std::lock_guard lock(of.lock);
  std::vector<std::shared_ptr<process::state>> all;
  for (auto each = of.running; each; each = each->next) all.push_back(each);
  return all;
}

void forget(process::state& ended) {
  family& of = this_family();
  const std::lock_guard lock(of.lock);
  auto* place = &of.running;
  while (*place && place->get() != &ended) place = &(*place)->next;
  if (*place) *place = std::move(ended.next);
}

void forget_ended() {
  if (!this_family().has_started) return;
  for (const auto& each : running_children()) {
    const std::lock_guard lock(each->lock);
    if (each->reap()) forget(*each);
  }
}

void send(const process::state& to, int number) {
  // An error says that it has ended already.
  static_cast<void>(::syscall(SYS_pidfd_send_signal, to.handle.get(), number, nullptr, 0));
}

// Daemons are told to end; then all are waited for.
void end_family() {
  family& of = this_family();
  // Forked by other means than ours: the children are the parent's.
  if (of.process != ::getpid() || !of.has_started) return;
  const auto children = running_children();
  for (const auto& each : children) {
    const std::lock_guard lock(each->lock);
    if (each->daemon && !each->reap()) send(*each, SIGTERM);
  }
  for (const auto& each : children) each->wait(deadline::never());
}

pid_t parent_of_daemon = 0;

// The kernel sends it when the thread ends that started us. If only that thread is gone, the
// process is still our parent.
void on_parent_death(int) {
  if (::getppid() != parent_of_daemon) static_cast<void>(::kill(::getpid(), SIGKILL));
}

void die_with(pid_t parent) {
  parent_of_daemon = parent;
  struct sigaction action {};
  action.sa_handler = on_parent_death;
  action.sa_flags = SA_RESTART;
  check(::sigaction(process::parent_death_signal(), &action, nullptr), "sigaction");
  check(::prctl(PR_SET_PDEATHSIG, process::parent_death_signal()), "prctl");
  on_parent_death(0);  // it may be dead already
}

int run_target(const process::state& self) {
  try {
    if (self.daemon) die_with(self.parent);
    return self.target();
  } catch (...) {
    static_cast<void>(std::fprintf(stderr, "Process %s: uncaught exception: %s\n",
                                   self.name.c_str(),
                                   message_of(std::current_exception()).c_str()));
    return 1;
  }
}

[[noreturn]] void live_as_child(const process::state& self) {
  auto* const mine = new (page.place_of_family) family;
  mine->name = &self.name;  // for good: the child ends here
  mine->is_daemon = self.daemon;
  const int code = run_target(self);
  if (!has_one_thread()) thread::wait_for_all();  // the call alone brings in a page of code
  end_family();
  flush_output();
  ::_exit(code & 0xff);
}

std::string next_name() {
  family& of = this_family();
  const std::lock_guard lock(of.lock);
  const std::string number = std::to_string(++of.made);
  return of.name == nullptr ? "Process-" + number : *of.name + ":" + number;
}

int code_of(const siginfo_t& ended) {
  return ended.si_code == CLD_EXITED ? ended.si_status : -ended.si_status;
}

}  // namespace

// Whether the child has ended, which is noted. With the lock held.
bool process::state::reap() {
  if (exit_code || !pid) return exit_code.has_value();
  siginfo_t ended{};
  const int result = retry_interrupted([&] {
    return ::waitid(P_PIDFD, static_cast<id_t>(handle.get()), &ended, WEXITED | WNOHANG);
  });
  if (result == 0 && ended.si_pid == 0) return false;
  constexpr int unknown = 255;  // somebody else reaped it
  exit_code = result == 0 ? code_of(ended) : unknown;
  return true;
}

// Without the lock, so that others may ask meanwhile.
bool process::state::wait(const deadline& until) {
  if (until.is_never()) {
    siginfo_t ended{};
    // It is left to be reaped: of several that wait here, one does.
    retry_interrupted([&] {
      return ::waitid(P_PIDFD, static_cast<id_t>(handle.get()), &ended, WEXITED | WNOWAIT);
    });
  }
  for (;;) {
    {
      const std::lock_guard hold(lock);
      if (reap()) return true;
    }
    pollfd watched{handle.get(), POLLIN, 0};
    if (until.passed()) return false;
    ::poll(&watched, 1, until.poll_timeout_ms());
  }
}

process::process(std::function<int()> target, options how)
    : state_(make_state(std::move(target), how.name.empty() ? next_name() : how.name, how.daemon)) {
}

void process::start() {
  state_->check_parent("start");
  forget_ended();
  const std::lock_guard hold(state_->lock);
  state_->check_open();
  if (state_->pid) throw std::logic_error("process " + state_->name + " was started before");
  family& of = this_family();
  if (of.is_daemon) throw std::logic_error("a daemon may not have children");
  flush_output();  // or both would write what is buffered
  const pid_t pid = check(::fork(), "fork");
  if (pid == 0) live_as_child(*state_);
  state_->pid = pid;
  // A number that nobody else can have got: the child is not reaped before this.
  state_->handle.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const std::lock_guard lock(of.lock);
  state_->next = std::exchange(of.running, state_);
  of.has_started = true;
}

bool process::join(timeout limit) {
  state_->check_parent("join");
  {
    const std::lock_guard hold(state_->lock);
    state_->check_open();
    if (!state_->pid) throw std::logic_error("process " + state_->name + " was never started");
  }
  const bool has_ended = state_->wait(limit ? deadline::in(*limit) : deadline::never());
  if (has_ended) forget(*state_);
  return has_ended;
}

bool process::is_alive() {
  state_->check_parent("ask about");
  const std::lock_guard hold(state_->lock);
  state_->check_open();
  return state_->pid && !state_->reap();
}

std::optional<int> process::exit_code() {
  state_->check_parent("ask about");
  const std::lock_guard hold(state_->lock);
  state_->check_open();
  state_->reap();
  return state_->exit_code;
}

std::optional<pid_t> process::pid() const {
  state_->check_parent("ask about");
  const std::lock_guard hold(state_->lock);
  state_->check_open();
  return state_->pid;
}

const std::string& process::name() const { return state_->name; }
bool process::is_daemon() const { return state_->daemon; }

void process::signal(int number) {
  state_->check_parent("signal");
  const std::lock_guard hold(state_->lock);
  state_->check_open();
  if (!state_->pid) throw std::logic_error("process " + state_->name + " was never started");
  send(*state_, number);
}

void process::terminate() { signal(SIGTERM); }
void process::kill() { signal(SIGKILL); }

void process::close() {
  state_->check_parent("close");
  const std::lock_guard hold(state_->lock);
  if (state_->is_closed) return;
  if (state_->pid && !state_->reap()) {
    throw std::invalid_argument("process " + state_->name + " runs and cannot be closed");
  }
  state_->is_closed = true;
  state_->handle.reset();
  state_->target = nullptr;
}

const std::string& process::current_name() {
  static const std::string main = "Main";
  const std::string* const given = this_family().name;
  return given == nullptr ? main : *given;
}

int process::parent_death_signal() { return SIGRTMAX - 3; }

}  // namespace ref
