#include "impl/coroutine/hub.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace ref::detail {
namespace {

constexpr int callbacks_per_pass = 1000;

// Marks what epoll hands back as the address of a green_watch, which never has this bit; without it
// it is a descriptor.
constexpr std::uint64_t watch_mark = std::uint64_t{1} << 63;

void say(const char* what) { std::fprintf(stderr, "green thread: %s\n", what); }

void say_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    say(thrown.what());
  } catch (...) {
    say("ended by an exception of no standard type");
  }
}

}  // namespace

void green_callbacks::forget(const void* object) {
  for (std::size_t i = head_; i != tail_; ++i) {
    if (ring_[i & mask_].object == object) ring_[i & mask_] = {callback::kind::nothing, nullptr};
  }
}

void green_callbacks::grow() {
  std::vector<callback> larger(2 * ring_.size());
  const std::size_t count = tail_ - head_;
  for (std::size_t i = 0; i < count; ++i) larger[i] = ring_[(head_ + i) & mask_];
  ring_.swap(larger);
  head_ = 0;
  tail_ = count;
  mask_ = ring_.size() - 1;
}

hub& hub::begin_thread() {
  greenlet::current();  // lives longer than the hub
  this_threads_ = new hub;
  // That of the main thread is left: the program is over then, and nothing is to run any more.
  thread_local std::unique_ptr<hub> owner;
  if (::getpid() != ::gettid()) owner.reset(this_threads_);
  return *this_threads_;
}

hub::hub() : greenlets_(this_thread) {
  greenlet::pointer root = &greenlet::current();
  while (root->parent()) root = root->parent();
  loop_ = greenlet::create(
      [this](const std::any&) {
        run_passes();
        return std::any();
      },
      root);
}

hub::~hub() {
  while (all_ != nullptr) {
    green& each = *all_;
    const auto kept = each.self_;
    end(each);
    each.greenlet_.reset();
    each.self_.reset();
  }
}

void hub::add(const std::shared_ptr<green>& made, green::duration delay) {
  made->hub_ = this;
  made->self_ = made;
  made->next_ = all_;
  if (all_ != nullptr) all_->previous_ = made.get();
  all_ = made.get();
  if (delay <= green::duration(0)) {
    callbacks_.push({callback::kind::start, made.get()});
    return;
  }
  const timer_key key{green_clock::now() + delay, ++serial_};
  timers_.emplace(key, green_group{key, {}, made});
}

void hub::kill(green& which) {
  if (which.state_ != green::state::scheduled) {
    callbacks_.push({callback::kind::kill, &which});
    return;
  }
  which.value_ = greenlet_exit{};  // at once: its turn may come before that of the kill
  end(which);
}

// ---- waiting ------------------------------------------------------------------------------------

void hub::wake(green_waiter& waiter) {
  if (waiter.is_woken) return;
  waiter.is_woken = true;
  waiter.is_queued = true;
  callbacks_.push({callback::kind::resume, &waiter});
}

bool hub::wait(green_waiter& waiter, green::timeout timeout) {
  if (timeout) {
    if (*timeout <= green::duration(0)) return false;
    start_timer(waiter, *timeout);
  }
  suspend();
  return !waiter.is_timed_out;
}

void hub::yield() {
  green_waiter waiter(*this);
  waiter.is_woken = waiter.is_queued = true;
  callbacks_.push({callback::kind::resume, &waiter});
  suspend();
}

// Gives control to whoever is next; without a detour over the hub's own stack where that is clear.
inline void hub::suspend() {
  if (is_direct_ && budget_ > 0 && !callbacks_.empty() &&
      callbacks_.front().what == callback::kind::resume) [[likely]] {
    auto& next = *static_cast<green_waiter*>(callbacks_.pop().object);
    --budget_;
    next.is_queued = false;
    if (next.who != greenlets_->current) next.who->switch_to();
    return;
  }
  loop_->switch_to();
}

void hub::start_timer(green_waiter& waiter, green::duration time) {
  const auto due = green_clock::now() + time;
  const auto same = begun_.find(time);
  const auto found = same == begun_.end() ? timers_.end() : timers_.find(same->second);
  timer_key key{due, ++serial_};
  if (found == timers_.end()) {
    waiter.timer = &timers_.emplace(key, green_group{key, {}, nullptr}).first->second;
  } else {
    key.second = found->first.second;
    auto group = timers_.extract(found);
    group.key() = key;
    waiter.timer = &timers_.insert(std::move(group)).position->second;
    waiter.timer->key = key;
  }
  waiter.timer->waiters.push_back(&waiter);
  begun_[time] = key;
}

void hub::stop_timer(green_waiter& waiter) {
  green_group& group = *std::exchange(waiter.timer, nullptr);
  std::erase(group.waiters, &waiter);
  if (group.waiters.empty()) timers_.erase(timer_key(group.key));
}

bool hub::wait_for(int descriptor, short events, green::timeout timeout) {
  static_cast<void>(epoll());  // made before anything refers to it
  green_waiter waiter(*this);
  struct registration {
    hub& in;
    int descriptor;
    green_waiter& waiter;
    ~registration() {
      auto& all = in.descriptors_[descriptor];
      std::erase_if(all, [&](const auto& each) { return each.waiter == &waiter; });
      in.watch(descriptor);
    }
  };
  descriptors_[descriptor].push_back({&waiter, events});
  const registration registered{*this, descriptor, waiter};
  watch(descriptor);
  return wait(waiter, timeout);
}

// Tells epoll what is still waited for at this descriptor.
void hub::watch(int descriptor) {
  const auto found = descriptors_.find(descriptor);
  if (found == descriptors_.end()) return;
  if (found->second.empty()) {
    descriptors_.erase(found);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    return;
  }
  epoll_event wanted{};
  wanted.data.fd = descriptor;
  for (const auto& each : found->second) wanted.events |= static_cast<unsigned short>(each.events);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &wanted) == 0) return;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &wanted) == 0) return;
  // A file that epoll does not take is always ready: the caller's own call will tell.
  for (const auto& each : found->second) wake(*each.waiter);
}

int hub::epoll() {
  if (!epoll_) epoll_ = file_descriptor(::epoll_create1(EPOLL_CLOEXEC));
  return epoll_.get();
}

void hub::enroll(green_watch& watch, int descriptor) {
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  wanted.data.u64 = watch_mark | reinterpret_cast<std::uintptr_t>(&watch);
  if (::epoll_ctl(epoll(), EPOLL_CTL_ADD, descriptor, &wanted) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void hub::strike_off(int descriptor) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void hub::notice(green_watch& watch, std::uint32_t events) {
  watch.seen_ |= events;
  for (const auto& each : watch.waiting_) {
    if ((events & each.events) == 0) continue;
    watch.seen_ &= ~each.events | EPOLLERR | EPOLLHUP;
    wake(*each.who);
  }
}

// ---- passes -------------------------------------------------------------------------------------

void hub::run_passes() {
  for (;;) {
    run_callbacks();
    const bool polls = !descriptors_.empty() || watchers_ > 0;
    if (callbacks_.empty() && timers_.empty() && !polls) {
      loop_->parent()->throw_in(std::make_exception_ptr(
          green_stuck("this would wait for ever: no green thread is left")));
      continue;
    }
    if (polls || callbacks_.empty()) poll();
    if (!timers_.empty()) run_timers();
  }
}

void hub::run_callbacks() {
  begun_.clear();
  budget_ = callbacks_per_pass;
  while (budget_ > 0 && !callbacks_.empty()) {
    --budget_;
    perform(callbacks_.pop());
  }
  is_direct_ = false;
}

void hub::perform(callback next) {
  is_direct_ = next.what == callback::kind::resume || next.what == callback::kind::start;
  switch (next.what) {
    case callback::kind::nothing:
      break;
    case callback::kind::resume: {
      auto& waiter = *static_cast<green_waiter*>(next.object);
      waiter.is_queued = false;
      waiter.who->switch_to();
      break;
    }
    case callback::kind::start:
      start(*static_cast<green*>(next.object));
      break;
    case callback::kind::notify:
      notify(*static_cast<green*>(next.object));
      break;
    case callback::kind::kill: {
      auto& which = *static_cast<green*>(next.object);
      if (which.state_ == green::state::running) which.greenlet_->throw_exit();
      break;
    }
  }
}

void hub::start(green& which) {
  if (which.state_ != green::state::scheduled) return;
  which.state_ = green::state::running;
  which.greenlet_ =
      greenlet::create([&which](const std::any&) { return which.hub_->run(which); }, loop_);
  which.greenlet_->switch_to();
  if (which.is_ready()) which.greenlet_.reset();  // for the next one to begin in its place
}

std::any hub::run(green& self) {
  try {
    self.value_ = self.run_();
  } catch (const greenlet_exit& exit) {
    self.value_ = exit;
  } catch (...) {
    self.error_ = std::current_exception();
    say_error(self.error_);
  }
  self.run_ = nullptr;
  end(self);
  return {};
}

void hub::end(green& which) {
  which.state_ = green::state::ended;
  (which.previous_ != nullptr ? which.previous_->next_ : all_) = which.next_;
  if (which.next_ != nullptr) which.next_->previous_ = which.previous_;
  which.next_ = which.previous_ = nullptr;
  callbacks_.push({callback::kind::notify, &which});
}

void hub::notify(green& which) {
  const auto kept = std::move(which.self_);
  while (!which.joiners_.empty()) {
    green_waiter& joiner = *which.joiners_.front();
    which.joiners_.erase(which.joiners_.begin());
    if (joiner.is_woken) continue;
    joiner.is_woken = true;
    joiner.who->switch_to();
  }
}

void hub::run_timers() {
  begun_.clear();  // or who sleeps again would join, and put off, the group that is being woken
  const auto now = green_clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    const auto first = timers_.begin();
    green_group& group = first->second;
    if (group.begins) {
      const auto begins = std::move(group.begins);
      timers_.erase(first);
      start(*begins);
      continue;
    }
    green_waiter& waiter = *group.waiters.front();
    group.waiters.pop_front();
    waiter.timer = nullptr;
    if (group.waiters.empty()) timers_.erase(first);
    if (waiter.is_woken) continue;
    waiter.is_woken = waiter.is_timed_out = true;
    waiter.who->switch_to();
  }
}

void hub::poll() {
  timespec left{};
  const bool is_limited = !callbacks_.empty() || !timers_.empty();
  if (callbacks_.empty() && !timers_.empty()) {
    const auto until = timers_.begin()->first.first - green_clock::now();
    const auto nanoseconds = std::max<std::int64_t>(green::duration(until).count(), 0);
    left = {nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  }
  epoll_event ready[64];
  const int count = ::epoll_pwait2(epoll(), ready, 64, is_limited ? &left : nullptr, nullptr);
  if (count < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  }
  for (int i = 0; i < count; ++i) {
    if ((ready[i].data.u64 & watch_mark) != 0) {
      notice(*reinterpret_cast<green_watch*>(ready[i].data.u64 & ~watch_mark), ready[i].events);
      continue;
    }
    const auto found = descriptors_.find(ready[i].data.fd);
    if (found == descriptors_.end()) continue;
    for (const auto& each : found->second) {
      const auto wanted = static_cast<unsigned short>(each.events) | EPOLLERR | EPOLLHUP;
      if ((ready[i].events & wanted) != 0) wake(*each.waiter);
    }
  }
}

}  // namespace ref::detail
