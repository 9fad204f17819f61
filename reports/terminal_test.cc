#include "reports/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(terminal, obeys_nothing_that_a_testee_says) {
  EXPECT_EQ(assay::printable("a\x1b[2J\r\tb\nc\x7f \xc2\x9b \xc3\xa9"),
            "a\\x1b[2J\\x0d\tb\nc\\x7f \\x9b \xc3\xa9");
  assay::requirement what;
  what.slug = "queue.get/order";
  assay::result one;
  one.testee = one.asked = "mine";
  one.what = &what;
  one.verdict = one.observed = "fail";
  one.message = "says \x1b[31mred";
  one.transcript = {{1.5, "main", "<", "\x1b[2J"}};
  const std::string text = assay::deviation_text(one, assay::terminal(stdout));
  EXPECT_THAT(text, HasSubstr("says \\x1b[31mred"));
  EXPECT_THAT(text, HasSubstr("main < \\x1b[2J"));
}

TEST(terminal, long_lines_are_cut_between_characters) {
  assay::requirement what;
  assay::result one;
  one.what = &what;
  one.transcript = {{1.5, "main", "<", std::string(299, 'a') + "\xc3\xa9\xc3\xa9"}};
  const std::string text = assay::deviation_text(one, assay::terminal(stdout));
  EXPECT_THAT(text, HasSubstr("a… (4 bytes more)"));
  EXPECT_THAT(text, Not(HasSubstr("\xc3")));
}

}  // namespace
