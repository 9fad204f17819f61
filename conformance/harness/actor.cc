#include "conformance/harness/actor.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>

#include <stdexcept>

#include "conformance/harness/connection.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"

namespace assay {

actor::actor(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
actor::~actor() = default;

const std::string& actor::name() const { return impl_->name; }
pid_t actor::pid() const { return impl_->pid; }
pid_t actor::tid() const { return impl_->tid; }
actor::impl& actor::state() { return *impl_; }

outcome actor::call(std::string_view op, json params, std::chrono::nanoseconds timeout) {
  begin(op, std::move(params));
  return impl_->receive(timeout);
}

pending_call actor::begin(std::string_view op, json params) {
  if (!impl_->waiting.empty() || !impl_->ready.empty()) {
    throw std::logic_error(fmt::format(
        "the spec calls {} on actor {} before it finished the call before", op, name()));
  }
  const auto id = impl_->enqueue(op, params);
  impl_->flush();
  return {*this, id};
}

std::vector<outcome> actor::call_all(const std::vector<std::pair<std::string, json>>& calls,
                                     std::chrono::nanoseconds timeout) {
  constexpr std::size_t window = 512;
  std::vector<outcome> outcomes;
  outcomes.reserve(calls.size());
  std::size_t next = 0;
  while (outcomes.size() < calls.size()) {
    for (; next < calls.size() && next - outcomes.size() < window; ++next) {
      impl_->enqueue(calls[next].first, calls[next].second);
    }
    outcomes.push_back(impl_->receive(timeout));
  }
  return outcomes;
}

actor& actor::start_process(std::string_view name) {
  const outcome started = call("process.start", {{"actor", name}});
  if (!started.ok()) impl_->fail("fail", "process.start " + started.describe());
  return impl_->context.wait_for_actor(name);
}

actor& actor::start_thread(std::string_view name, bool daemon) {
  const outcome started = call("thread.start", {{"actor", name}, {"daemon", daemon}});
  if (!started.ok()) impl_->fail("fail", "thread.start " + started.describe());
  return impl_->context.wait_for_actor(name);
}

void actor::kill(int signal_number) {
  impl_->killed = true;
  impl_->context.log.add(name(), "!", fmt::format("assay sends it signal {}", signal_number));
  ::kill(impl_->pid, signal_number);
  patience left(scaled(5s));
  while (!is_dead()) {
    if (left.is_over()) {
      impl_->fail("hang", fmt::format("actor {} does not end by signal {}", name(), signal_number));
    }
    ::poll(nullptr, 0, 1);
  }
}

bool actor::is_dead() const {
  if (!proc::exists(impl_->pid)) return true;
  return impl_->tid != impl_->pid && !proc::state(impl_->pid, impl_->tid);
}

bool actor::await_death() const {
  return await([this] { return is_dead(); }, call_timeout());
}

std::optional<int> actor::wait_status() const { return proc::wait_status(impl_->pid); }

void actor::expect_death() { impl_->exiting = true; }

outcome pending_call::finish(std::chrono::nanoseconds timeout) {
  return actor_->impl_->receive(timeout);
}

bool pending_call::is_blocked() { return actor_->impl_->is_blocked(); }

bool pending_call::is_done() { return actor_->impl_->poll_reply(); }

}  // namespace assay
