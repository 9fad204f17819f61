#include "impl/base/deadline.h"

#include <gtest/gtest.h>

namespace ref {
namespace {

using namespace std::chrono_literals;

TEST(deadline, zero_and_negative_spans_have_passed) {
  EXPECT_TRUE(deadline::in(0ns).passed());
  EXPECT_TRUE(deadline::in(-1s).passed());
  EXPECT_EQ(deadline::in(-1s).remaining(), 0ns);
  EXPECT_EQ(deadline::in(-1s).poll_timeout_ms(), 0);
}

TEST(deadline, never_does_not_pass) {
  EXPECT_FALSE(deadline::never().passed());
  EXPECT_EQ(deadline::never().poll_timeout_ms(), -1);
  EXPECT_EQ(deadline::never().remaining(), std::chrono::nanoseconds::max());
}

TEST(deadline, a_span_beyond_the_clock_never_passes) {
  EXPECT_TRUE(deadline::in(std::chrono::nanoseconds::max()).is_never());
}

TEST(deadline, milliseconds_are_rounded_up) {
  EXPECT_GT(deadline::in(1h).poll_timeout_ms(), 3'500'000);
  EXPECT_GE(deadline::in(10h + 500us).poll_timeout_ms(), 35'999'000);
  EXPECT_EQ(deadline::in(24h * 365).poll_timeout_ms(), 2147483647);
}

TEST(deadline, as_timespec_is_the_same_time) {
  const deadline when = deadline::at(deadline::clock::time_point(12s + 34ns));
  EXPECT_EQ(when.as_timespec().tv_sec, 12);
  EXPECT_EQ(when.as_timespec().tv_nsec, 34);
}

TEST(deadline, earlier_is_less) { EXPECT_LT(deadline::in(1s), deadline::in(1h)); }

}  // namespace
}  // namespace ref
