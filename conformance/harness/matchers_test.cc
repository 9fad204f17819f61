#include "conformance/harness/matchers.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using ::testing::Not;

outcome empty_after(std::chrono::nanoseconds elapsed) {
  return outcome::of_error({{"type", "Empty"}, {"message", "m"}}, elapsed);
}

template <typename Matcher>
std::string explanation(const Matcher& matcher, const outcome& value) {
  ::testing::StringMatchResultListener listener;
  matcher.MatchAndExplain(value, &listener);
  return listener.str();
}

TEST(matchers, raised_looks_at_type_position_status_and_time) {
  EXPECT_THAT(empty_after(50ms), raised("Empty"));
  EXPECT_THAT(empty_after(50ms), Not(raised("Full")));
  EXPECT_THAT(outcome::of_result(1, 1ms), Not(raised("Empty")));
  EXPECT_THAT(empty_after(50ms), raised("Empty").after(at_least(50ms)));
  EXPECT_THAT(empty_after(50ms - 1ns), Not(raised("Empty").after(at_least(50ms))));
  EXPECT_THAT(empty_after(scaled(1050ms) + 1s), Not(raised("Empty").after(at_least(50ms))));
  EXPECT_THAT(empty_after(1ms), raised("Empty").after(at_once()));
  EXPECT_THAT(empty_after(scaled(501ms)), Not(raised("Empty").after(at_once())));
  auto starved = empty_after(scaled(501ms));
  starved.set_starved(scaled(2ms));
  EXPECT_THAT(starved, raised("Empty").after(at_once()));
  EXPECT_THAT(starved, Not(raised("Empty").after(at_least(scaled(501ms) + 1ns))));
  const auto error = outcome::of_error(
      {{"type", "PatternError"}, {"message", "m"}, {"position", 3}, {"status", 400}}, 1ms);
  EXPECT_THAT(error, raised("PatternError").at_position(3));
  EXPECT_THAT(error, Not(raised("PatternError").at_position(4)));
  EXPECT_THAT(error, raised("PatternError").with_status({404, 400}));
  EXPECT_THAT(error, Not(raised("PatternError").with_status({404})));
  EXPECT_EQ(explanation(raised("Empty").at_position(1), empty_after(1ms)),
            "whose position is absent");
}

TEST(matchers, returned_compares_values) {
  const auto got = outcome::of_result({{"a", {1, 2}}}, 1ms);
  EXPECT_THAT(got, returned());
  EXPECT_THAT(got, returned(json{{"a", {1, 2}}}));
  EXPECT_THAT(got, Not(returned(json{{"a", {1, 3}}})));
  EXPECT_THAT(empty_after(1ms), Not(returned()));
  EXPECT_EQ(explanation(returned(json{{"a", {1, 3}}}), got), "which differs first at /a/1");
}

TEST(outcome, describes_itself_in_a_line) {
  EXPECT_EQ(outcome::of_result({1, 2}, 1500us).describe(), "returned [1,2] after 1.5 ms");
  EXPECT_EQ(empty_after(51ms).describe(), "raised Empty (\"m\") after 51.0 ms");
  EXPECT_EQ(from_base64(to_base64("\xff")), "\xff");
}

}  // namespace
}  // namespace assay
