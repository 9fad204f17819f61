#include "impl/coroutine/green.h"

#include <algorithm>

#include "impl/coroutine/hub.h"
#include "impl/coroutine/spares.h"

namespace ref {
namespace {

using detail::green_waiter;
using detail::hub;

// What is left of a timeout for several waits.
class time_left {
 public:
  explicit time_left(green::timeout all) {
    if (all) until_ = detail::green_clock::now() + *all;
  }
  green::timeout get() const {
    if (!until_) return std::nullopt;
    return std::max(green::duration(0), green::duration(*until_ - detail::green_clock::now()));
  }

 private:
  std::optional<detail::green_clock::time_point> until_;
};

// Stands in a list of waiters for as long as it lives.
template <typename List>
class place {
 public:
  place(List& in, green_waiter& waiter) : in_(in), waiter_(waiter) { in_.push_back(&waiter_); }
  ~place() { std::erase(in_, &waiter_); }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

 private:
  List& in_;
  green_waiter& waiter_;
};

void wake_first(std::deque<green_waiter*>& waiters) {
  for (green_waiter* each : waiters) {
    if (each->is_woken) continue;
    each->owner.wake(*each);
    return;
  }
}

}  // namespace

std::shared_ptr<green> green::spawn(body run, duration delay) {
  auto made = std::allocate_shared<green>(detail::recycled<green>(), key(), std::move(run));
  hub::of_thread().add(made, delay);
  return made;
}

bool green::join(timeout wait) {
  if (is_ready()) return true;
  green_waiter waiter(*hub_);
  const place here(joiners_, waiter);
  hub_->wait(waiter, wait);
  return is_ready();
}

std::any green::get(timeout wait) {
  if (!join(wait)) throw green_timeout("the green thread has not ended in time");
  if (error_) std::rethrow_exception(error_);
  return value_;
}

void green::kill() {
  if (is_ready()) return;
  hub_->kill(*this);
  join();
}

bool green::join_all(const std::vector<std::shared_ptr<green>>& all, timeout wait) {
  const time_left left(wait);
  for (const auto& each : all) each->join(left.get());
  return std::all_of(all.begin(), all.end(), [](const auto& each) { return each->is_ready(); });
}

void green::sleep(duration time) {
  hub& here = hub::of_thread();
  if (time <= duration(0)) return here.yield();
  green_waiter waiter(here);
  here.wait(waiter, time);
}

bool green::wait_for(int descriptor, short events, timeout wait) {
  return hub::of_thread().wait_for(descriptor, events, wait);
}

bool green::is_current() {
  const greenlet* parent = greenlet::current().parent().get();
  return parent != nullptr && parent == hub::of_thread().loop();
}

bool green_queue::put(std::any item, green::timeout wait) {
  const time_left left(wait);
  while (is_full()) {
    green_waiter waiter(hub::of_thread());
    const place here(putters_, waiter);
    if (!waiter.owner.wait(waiter, left.get())) return false;
  }
  items_.push_back(std::move(item));
  wake_first(getters_);
  return true;
}

std::optional<std::any> green_queue::get(green::timeout wait) {
  const time_left left(wait);
  while (items_.empty()) {
    green_waiter waiter(hub::of_thread());
    const place here(getters_, waiter);
    if (!waiter.owner.wait(waiter, left.get())) return std::nullopt;
  }
  std::any item = std::move(items_.front());
  items_.pop_front();
  wake_first(putters_);
  return item;
}

}  // namespace ref
