#include "impl/base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <system_error>

#include "impl/base/system_call.h"

namespace ref {
namespace {

file_descriptor open_null() {
  return file_descriptor(check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null"));
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

TEST(file_descriptor, owns_nothing_by_default) {
  file_descriptor none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none.get(), -1);
}

TEST(file_descriptor, closes_at_the_end_of_its_life) {
  int number = -1;
  {
    file_descriptor file = open_null();
    number = file.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(file_descriptor, moving_leaves_one_owner) {
  file_descriptor first = open_null();
  const int number = first.get();
  file_descriptor second = std::move(first);
  EXPECT_EQ(second.get(), number);
  EXPECT_FALSE(first);
  second = open_null();
  EXPECT_TRUE(second);
}

TEST(file_descriptor, assignment_closes_what_was_owned) {
  file_descriptor kept = open_null();
  file_descriptor other = open_null();
  const int old = kept.get();
  kept = std::move(other);
  EXPECT_FALSE(is_open(old));
  EXPECT_TRUE(is_open(kept.get()));
}

TEST(file_descriptor, release_does_not_close) {
  file_descriptor file = open_null();
  const int number = file.release();
  EXPECT_FALSE(file);
  EXPECT_TRUE(is_open(number));
  file.reset(number);
}

TEST(file_descriptor, duplicate_is_another_close_on_exec_descriptor) {
  file_descriptor file = open_null();
  file_descriptor copy = file.duplicate();
  EXPECT_NE(copy.get(), file.get());
  EXPECT_TRUE(::fcntl(copy.get(), F_GETFD) & FD_CLOEXEC);
  EXPECT_THROW(file_descriptor().duplicate(), std::system_error);
}

}  // namespace
}  // namespace ref
