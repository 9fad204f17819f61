#include "impl/coroutine/green_watch.h"

#include <algorithm>

#include "impl/coroutine/hub.h"

namespace ref {

green_watch::green_watch(int descriptor) : hub_(detail::hub::of_thread()), descriptor_(descriptor) {
  hub_.enroll(*this, descriptor_);
}

green_watch::~green_watch() { hub_.strike_off(descriptor_); }

bool green_watch::wait(short events, green::timeout wait) {
  constexpr std::uint32_t always = POLLERR | POLLHUP;  // they do not end, so that they stay seen
  const auto wanted = static_cast<std::uint32_t>(static_cast<unsigned short>(events));
  if ((seen_ & (wanted | always)) != 0) {
    seen_ &= ~wanted | always;
    return true;
  }
  detail::green_waiter waiter(hub_);
  struct entry {
    green_watch& in;
    detail::green_waiter& waiter;
    ~entry() {
      std::erase_if(in.waiting_, [&](const auto& each) { return each.who == &waiter; });
      --in.hub_.watchers_;
    }
  };
  waiting_.push_back({&waiter, wanted | always});
  ++hub_.watchers_;
  const entry entered{*this, waiter};
  return hub_.wait(waiter, wait);
}

}  // namespace ref
