#include "reports/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assay {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view page =
    "<html><script type=\"application/json\" id=\"assay-data\">\n{ \"template\": true }\n</script>"
    "<script>main()</script></html>";

// What a browser would read back: the text between the element's tags, as JSON.
json read_back(const std::string& html) {
  const auto from = html.find('>', html.find("id=\"assay-data\"")) + 1;
  return json::parse(html.substr(from, html.find("</script>", from) - from));
}

TEST(html, data_takes_the_place_of_the_template) {
  const json data{{"results", {{"schema", 1}}}, {"sabotage", nullptr}, {"bench", nullptr}};
  const std::string html = insert_data(page, data);
  EXPECT_EQ(read_back(html), data);
  EXPECT_THAT(html, Not(HasSubstr("template")));
  EXPECT_THAT(html, HasSubstr("</script><script>main()</script></html>"));
}

TEST(html, nothing_in_the_data_can_leave_its_element) {
  for (const char* attack : {"</script><script>alert(1)</script>", "<!-- <script>", "</SCRIPT >",
                             "]]>", "<", "\\u003c/script>", "a\u2028b", "\"quoted\\\""}) {
    const json data{{"results", attack}};
    const std::string html = insert_data(page, data);
    EXPECT_EQ(read_back(html), data) << attack;
    EXPECT_THAT(json_for_script(data), Not(HasSubstr("<"))) << attack;
  }
}

TEST(html, keys_are_escaped_as_values_are) {
  EXPECT_EQ(json_for_script({{"</script>", 1}}), R"({"\u003c/script>":1})");
}

TEST(html, bytes_that_are_no_utf8_become_replacement_characters) {
  EXPECT_EQ(json_for_script("a\xff"
                            "b"),
            "\"a\uFFFD"
            "b\"");
}

TEST(html, dollar_signs_and_backslashes_stay_as_they_are) {
  const json data{{"results", "$& $1 \\1 $$"}};
  EXPECT_EQ(read_back(insert_data(page, data)), data);
}

TEST(html, a_page_without_its_element_is_refused) {
  EXPECT_THROW(insert_data("<html></html>", {}), std::runtime_error);
  EXPECT_THROW(insert_data("<script id=\"assay-data\">", {}), std::runtime_error);
  EXPECT_THROW(insert_data(std::string(page) + std::string(page), {}), std::runtime_error);
}

TEST(html, the_page_lies_beside_the_programs) {
  EXPECT_EQ(page_template().filename(), "report.html");
  EXPECT_EQ(page_template().parent_path().filename(), "assay");
}

}  // namespace
}  // namespace assay
