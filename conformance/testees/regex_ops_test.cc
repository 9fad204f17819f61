#include "conformance/testees/regex_ops.h"

#include <gmock/gmock.h>

#include "conformance/testees/regex_template.h"
#include "conformance/testees/text.h"

namespace assay::testees {
namespace {

using sdk::json;
using ::testing::ElementsAre;

// Matches each run of the letter a, and the empty text at the end; group 1 is the run's first a.
class runs_of_a : public regex_pattern {
 public:
  int groups() const override { return 1; }
  std::map<std::string, int> names() const override { return {{"first", 1}}; }
  match_spans find(const std::u32string& text, anchoring) const override {
    const auto all = find_all(text, 1);
    return all.empty() ? match_spans() : all.front();
  }
  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    std::vector<match_spans> result;
    const auto size = static_cast<std::int64_t>(text.size());
    for (std::int64_t at = 0; at < size && (most == 0 || result.size() < most); ++at) {
      std::int64_t end = at;
      while (end < size && text[static_cast<std::size_t>(end)] == U'a') ++end;
      if (end == at) continue;
      result.push_back({{at, end}, {at, at + 1}});
      at = end;
    }
    if (most == 0 || result.size() < most) result.push_back({{size, size}, {-1, -1}});
    return result;
  }
};

json ask(const std::string& op, json params) {
  static sdk::adapter adapter("test", "1", "C++");
  static const bool once = [] {
    add_regex_ops(adapter, [](const auto&, const auto&) { return std::make_unique<runs_of_a>(); });
    return true;
  }();
  (void)once;
  params.update({{"pattern", ""}, {"flags", ""}, {"spans", true}});
  return adapter.at(op)(params);
}

TEST(regex_ops, spans_count_code_points) {
  EXPECT_EQ(ask("regex.search", {{"text", "中😀aab"}}),
            json::parse(R"({"span":[2,4],"groups":["a"],"spans":[[2,3]]})"));
  EXPECT_EQ(ask("regex.finditer", {{"text", "b"}}),
            json::parse(R"([{"span":[1,1],"groups":[null],"spans":[null]}])"));
}

TEST(regex_ops, loops_over_the_engine_s_matches) {
  EXPECT_EQ(ask("regex.findall", {{"text", "aaba"}}), json::parse(R"(["a","a",""])"));
  EXPECT_EQ(ask("regex.split", {{"text", "éaaba"}, {"maxsplit", 0}}),
            json::parse(R"(["é","a","b","a","",null,""])"));
  EXPECT_EQ(ask("regex.split", {{"text", "éaaba"}, {"maxsplit", 1}}),
            json::parse(R"(["é","a","ba"])"));
  EXPECT_EQ(ask("regex.sub", {{"text", "aab"}, {"template", R"([\g<first>\1])"}, {"count", 0}}),
            json::parse(R"({"text":"[aa]b[]","count":2})"));
  EXPECT_EQ(ask("regex.sub_function", {{"text", "xaay"}, {"function", "span"}, {"count", 1}}),
            json::parse(R"({"text":"x1-3y","count":1})"));
}

TEST(regex_template, reads_what_python_reads) {
  const auto pieces = parse_template(U"a\\1\\g<2>\\g<n>\\n\\\\-\\10", 12, {{"n", 3}});
  std::string text;
  std::vector<int> groups;
  for (const auto& piece : pieces) {
    text += to_utf8(piece.text);
    if (piece.group >= 0) groups.push_back(piece.group);
  }
  EXPECT_EQ(text, "a\n\\-");
  EXPECT_THAT(groups, ElementsAre(1, 2, 3, 10));
}

TEST(regex_template, says_what_is_wrong_and_where) {
  struct {
    const char32_t* text;
    int position;
  } const wrong[] = {{U"ab\\q", 2}, {U"\\2", 1},    {U"x\\", 1},   {U"\\g1>", 2},
                     {U"\\g<1", 3}, {U"\\g<5>", 3}, {U"\\g<>", 3}, {U"-\\g<no>", 1}};
  for (const auto& [text, position] : wrong) {
    try {
      parse_template(text, 1, {});
      FAIL() << to_utf8(text) << " was taken";
    } catch (const sdk::raised& error) {
      EXPECT_EQ(error.type(), "TemplateError");
      EXPECT_EQ(error.position(), position) << to_utf8(text);
    }
  }
}

TEST(text, goes_there_and_back) {
  const std::string all = "a\u00e9\u4e2d\U0001F600\u07ff\uffff";
  EXPECT_EQ(to_code_points(all).size(), 6u);
  EXPECT_EQ(to_utf8(to_code_points(all)), all);
}

}  // namespace
}  // namespace assay::testees
