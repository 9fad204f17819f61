#include "conformance/harness/output_capture.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace assay {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(bounded_text, keeps_both_ends) {
  bounded_text text;
  const std::string block(1000, 'x');
  text.append("first");
  for (int i = 0; i < 1000; ++i) text.append(block);
  text.append("last");
  EXPECT_THAT(text.text(), StartsWith("firstxxx"));
  EXPECT_THAT(text.text(), EndsWith("xxxlast"));
  const std::size_t left_out = 5 + 1'000'000 + 4 - 2 * bounded_text::part;
  EXPECT_THAT(text.text(), HasSubstr("\n… (" + std::to_string(left_out) + " bytes left out) …\n"));
}

TEST(bounded_text, is_whole_while_it_is_short) {
  bounded_text text;
  std::string expected;
  for (int i = 0; i < 2 * 1024; ++i) {
    const std::string piece = std::to_string(i % 10) + std::string(63, '.');
    text.append(piece);
    expected += piece;
    ASSERT_EQ(text.text(), expected);
  }
}

TEST(output_capture, finish_takes_what_was_written_before) {
  int out[2], err[2];
  ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
  ASSERT_EQ(::pipe2(err, O_CLOEXEC), 0);
  output_capture capture(out[0], err[0]);
  ASSERT_EQ(::write(out[1], "to out", 6), 6);
  ASSERT_EQ(::write(err[1], "to err", 6), 6);
  // Their writing ends stay open, as in a daemon that was left behind.
  capture.finish();
  EXPECT_EQ(capture.out(), "to out");
  EXPECT_EQ(capture.err(), "to err");
  ::close(out[1]);
  ::close(err[1]);
}

}  // namespace
}  // namespace assay
