#include "reports/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

assay::requirement sample() {
  assay::requirement what;
  what.slug = "queue.get/order";
  what.area = "queue";
  what.sentence = "a < b & \"c\"";
  return what;
}

assay::result with_verdict(const assay::requirement& what, std::string verdict, bool expected) {
  assay::result one;
  one.testee = "mine";
  one.asked = "./mine/testee.toml";
  one.what = &what;
  one.verdict = verdict;
  one.observed = std::move(verdict);
  one.expected = expected;
  one.message = "got <1>\nand \x01\xef\xbf\xbf";
  one.transcript = {{1.5, "main", ">", "queue.get"}};
  return one;
}

TEST(junit, counts_and_escapes) {
  const assay::requirement what = sample();
  assay::run_result run;
  run.results = {with_verdict(what, "pass", true), with_verdict(what, "fail", false),
                 with_verdict(what, "crash", false), with_verdict(what, "not supported", true)};
  const std::string xml = assay::junit_xml(run);
  EXPECT_THAT(xml, HasSubstr("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""));
  EXPECT_THAT(xml, HasSubstr("message=\"a &lt; b &amp; &quot;c&quot;\""));
  EXPECT_THAT(xml, HasSubstr("got &lt;1&gt;\nand \\x01\\uffff"));
  EXPECT_THAT(xml, HasSubstr("assay check ./mine/testee.toml --filter queue.get/order"));
}

TEST(junit, expected_failure_is_skipped_with_its_reason) {
  const assay::requirement what = sample();
  assay::result one = with_verdict(what, "expected fail", true);
  one.observed = "fail";
  one.reason = "documented";
  const std::string xml = assay::junit_xml({{}, {one}});
  EXPECT_THAT(xml, HasSubstr("<skipped message=\"expected fail: documented\"/>"));
  EXPECT_THAT(xml, Not(HasSubstr("<failure")));
}

TEST(junit, unexpected_pass_is_a_failure) {
  const assay::requirement what = sample();
  assay::result one = with_verdict(what, "unexpected pass", false);
  one.observed = "pass";
  EXPECT_THAT(assay::junit_xml({{}, {one}}), HasSubstr("<failure type=\"unexpected pass\""));
}

}  // namespace
