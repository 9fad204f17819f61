#include "impl/base/deadline.h"

#include <algorithm>
#include <climits>

namespace ref {

using std::chrono::nanoseconds;

deadline deadline::in(nanoseconds span) {
  const auto now = clock::now();
  if (span <= nanoseconds::zero()) return at(now);
  if (span >= clock::time_point::max() - now) return never();
  return at(now + span);
}

nanoseconds deadline::remaining() const {
  if (is_never()) return nanoseconds::max();
  return std::max(nanoseconds(when_ - clock::now()), nanoseconds::zero());
}

int deadline::poll_timeout_ms() const {
  if (is_never()) return -1;
  // Rounded up: a wait rounded down would end early and spin through the last millisecond.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(remaining()).count();
  return static_cast<int>(std::min<decltype(left)>(left, INT_MAX));
}

timespec deadline::as_timespec() const {
  const auto since = std::chrono::duration_cast<nanoseconds>(when_.time_since_epoch()).count();
  return {.tv_sec = static_cast<time_t>(since / 1'000'000'000),
          .tv_nsec = static_cast<long>(since % 1'000'000'000)};
}

}  // namespace ref
