#include "impl/base/system_call.h"

#include <gmock/gmock.h>

#include <string>
#include <system_error>

namespace ref {
namespace {

using ::testing::StartsWith;

TEST(system_call, success_returns_the_result) { EXPECT_EQ(check(7, "read"), 7); }

TEST(system_call, zero_is_a_result) { EXPECT_EQ(check(0L, "read"), 0L); }

TEST(system_call, failure_carries_errno_operation_and_context) {
  errno = ENOENT;
  try {
    check(-1, "open", "/nowhere");
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_EQ(error.code().category(), std::system_category());
    EXPECT_THAT(error.what(), StartsWith("open /nowhere: "));
  }
}

TEST(system_call, error_numbers_are_checked_too) {
  EXPECT_NO_THROW(check_number(0, "pthread_mutex_lock"));
  EXPECT_THROW(check_number(EBUSY, "pthread_mutex_lock"), std::system_error);
}

TEST(system_call, interruption_is_retried_and_other_failures_are_not) {
  int calls = 0;
  EXPECT_EQ(retry_interrupted([&] {
              errno = EINTR;
              return ++calls < 3 ? -1 : calls;
            }),
            3);
  calls = 0;
  EXPECT_EQ(retry_interrupted([&] {
              ++calls;
              errno = EIO;
              return -1;
            }),
            -1);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace ref
