#include "impl/regex/regex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace ref {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using texts = std::vector<std::string_view>;

// A match as text: the span in code points, and the groups, an unset one as "-".
std::string shown(const std::optional<match>& found) {
  if (!found) return "none";
  const span whole = *found->group_span(0);
  std::string text = std::to_string(whole.first) + ".." + std::to_string(whole.second);
  for (std::size_t i = 1; i <= found->group_count(); ++i) {
    text += " " + std::string(found->group(i).value_or("-"));
  }
  return text;
}

struct row {
  const char* pattern;
  const char* text;
  const char* match_start;
  const char* search;
  const char* fullmatch;
};

class Matching : public ::testing::TestWithParam<row> {};

TEST_P(Matching, AnswersAsPythonDoes) {
  const regex pattern(GetParam().pattern);
  EXPECT_EQ(shown(pattern.match_start(GetParam().text)), GetParam().match_start);
  EXPECT_EQ(shown(pattern.search(GetParam().text)), GetParam().search);
  EXPECT_EQ(shown(pattern.fullmatch(GetParam().text)), GetParam().fullmatch);
}

INSTANTIATE_TEST_SUITE_P(
    Regex, Matching,
    ::testing::Values(
        row{"a+", "aab", "0..2", "0..2", "none"}, row{"b", "aab", "none", "2..3", "none"},
        row{"a|ab", "ab", "0..1", "0..1", "0..2"}, row{"a*?", "aa", "0..0", "0..0", "0..2"},
        row{"(a)|b", "b", "0..1 -", "0..1 -", "0..1 -"},
        row{"(a)?(b)?", "b", "0..1 - b", "0..1 - b", "0..1 - b"},
        row{"aa(\\d+?)ddd", "aa2343ddd", "0..9 2343", "0..9 2343", "0..9 2343"},
        row{"<(\\w*)>(.*)</\\1>", "<b>x</b>", "0..8 b x", "0..8 b x", "0..8 b x"},
        row{"(a)(?(1)b|c)", "ab", "0..2 a", "0..2 a", "0..2 a"},
        row{"中+", "é中中", "none", "1..3", "none"}, row{"a$", "a\n", "0..1", "0..1", "none"},
        row{"a\\Z", "a\n", "none", "none", "none"}, row{"(?s:.)$", "a\n", "0..1", "0..1", "none"},
        row{"(?<=a)b", "ab", "none", "1..2", "none"}, row{"(?i)É", "é", "0..1", "0..1", "0..1"},
        row{"\\w{2,4}@qq", "a@q @qq é中é中@qq", "none", "8..15", "none"},
        row{"(?<=x)[ab]{1,2}(c|dd)end", "cend xaddend", "none", "6..12 dd", "none"},
        row{"\\w+", "é٣_", "0..3", "0..3", "0..3"}, row{"", "", "0..0", "0..0", "0..0"},
        row{"(?:a*)*\\B", "", "none", "none", "none"},
        row{"(?:b*|a)+", "ba", "0..1", "0..1", "0..2"},
        row{"(?a)(?:x*)*\\B", "aé", "none", "2..2", "none"}));

TEST(Regex, KeepsFewGroupsAndMany) {
  std::string pattern;
  std::string text;
  for (std::size_t groups = 0; groups <= 8; ++groups) {
    const std::string twice = text + "-" + text + "-";
    const std::vector<match> found = regex(pattern + "-").finditer(twice);
    ASSERT_EQ(found.size(), 2u);
    for (const match& each : found) {
      ASSERT_EQ(each.group_count(), groups);
      for (std::size_t i = 1; i <= groups; ++i) {
        EXPECT_EQ(each.group(i), std::string(1, static_cast<char>('a' + i - 1)));
      }
      EXPECT_THROW(static_cast<void>(each.group(groups + 1)), std::out_of_range);
    }
    pattern += "(\\w)";
    text += static_cast<char>('a' + groups);
  }
}

TEST(Regex, FindsEmptyMatchesBesideOthers) {
  // As re.findall does since Python 3.7.
  std::vector<std::string> spans;
  for (const match& each : regex("a*").finditer("baac")) spans.push_back(shown(each));
  EXPECT_THAT(spans, ElementsAre("0..0", "1..3", "3..3", "4..4"));
}

TEST(Regex, FindsNothingInsideACharacter) {
  // Between the two bytes of é there is no place that could be none at a word's edge.
  EXPECT_THAT(regex("(?a)(?:x*)*\\B").findall("aé"), ElementsAre(texts{""}));
}

TEST(Regex, FindallGivesGroupsOrTheWhole) {
  EXPECT_THAT(regex("\\d").findall("1 22"), ElementsAre(texts{"1"}, texts{"2"}, texts{"2"}));
  EXPECT_THAT(regex("(a)|(b)").findall("ab"), ElementsAre(texts{"a", ""}, texts{"", "b"}));
  EXPECT_THAT(regex("x").findall("ab"), IsEmpty());
}

TEST(Regex, MatchesOutliveTheSearch) {
  const std::string text = "é1 中22";
  const std::vector<match> all = regex("(\\d)+").finditer(text);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].group_span(0), span(1, 2));
  EXPECT_EQ(all[1].group_span(0), span(4, 6));
  EXPECT_EQ(all[1].byte_span(0), span(7, 9));
  EXPECT_EQ(all[1].group(1), "2");
  EXPECT_THROW(all[1].group(2), std::out_of_range);
}

TEST(Regex, NamesGroups) {
  const regex pattern("(?P<year>\\d+)-(?P<month>\\d+)");
  const auto found = pattern.search("in 2024-05");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->group("month"), "05");
  EXPECT_THROW(found->group("day"), std::out_of_range);
  EXPECT_EQ(pattern.groupindex().at("year"), 1u);
}

TEST(Regex, Substitutes) {
  const auto swapped = regex("(\\w)(\\d)").sub("\\2\\g<1>", "a1 b2 c3", 2);
  EXPECT_EQ(swapped.text, "1a 2b c3");
  EXPECT_EQ(swapped.count, 2u);
  EXPECT_EQ(regex("x*").sub("-", "abxd").text, "-a-b--d-");
  EXPECT_EQ(regex("(a)|b").sub("[\\1]", "ab").text, "[a][]");
  EXPECT_EQ(regex("\\d+")
                .sub([](const match& each) { return std::string(*each.group()) + "!"; }, "1 22")
                .text,
            "1! 22!");
  EXPECT_THROW(regex("a").sub("\\1", "a"), template_error);
}

TEST(Regex, Splits) {
  using pieces = std::vector<std::optional<std::string_view>>;
  EXPECT_EQ(regex("(-)|,").split("a-b,c"), (pieces{"a", "-", "b", std::nullopt, "c"}));
  EXPECT_EQ(regex("x*").split("axb"), (pieces{"", "a", "", "b", ""}));
  EXPECT_EQ(regex(",").split("a,b,c", 1), (pieces{"a", "b,c"}));
}

TEST(Regex, SaysWhereAPatternIsWrong) {
  struct mistake {
    const char* pattern;
    const char* message;
    std::optional<std::size_t> position;
  };
  for (const auto& [pattern, message, position] :
       {mistake{"(a", "missing ), unterminated subpattern", 0},
        mistake{"a)", "unbalanced parenthesis", 1}, mistake{"*", "nothing to repeat", 0},
        mistake{"a**", "multiple repeat", 2}, mistake{"[b-a]", "bad character range b-a", 1},
        mistake{"é[a", "unterminated character set", 1},
        mistake{"\\1", "invalid group reference 1", 1},
        mistake{"(?P<n>a)(?P<n>b)", "redefinition of group name 'n' as group 2; was group 1", 12},
        mistake{"(?<=a+)b", "look-behind requires fixed-width pattern", std::nullopt}}) {
    try {
      const regex compiled(pattern);
      ADD_FAILURE() << pattern << " compiles";
    } catch (const pattern_error& error) {
      EXPECT_STREQ(error.what(), message);
      EXPECT_EQ(error.position(), position) << pattern;
    }
  }
}

TEST(Regex, RefusesWhatIsNotUtf8) {
  EXPECT_THROW(regex("\xff"), std::invalid_argument);
  EXPECT_THROW(regex("a").search("\xc3"), std::invalid_argument);
}

// How long something may take at most: a hang is found, a busy machine is not.
std::chrono::seconds allowed() {
  const char* scale = std::getenv("ASSAY_TIME_SCALE");
  return std::chrono::seconds(20) * (scale == nullptr ? 1 : std::atoi(scale));
}

TEST(Regex, AnswersWhereBacktrackingExplodes) {
  const auto began = std::chrono::steady_clock::now();
  for (const std::size_t size : {30u, 3000u, 100'000u}) {
    const std::string text = std::string(size, 'a') + "b";
    EXPECT_FALSE(regex("(a+)+$").search(text));
    EXPECT_FALSE(regex("(a|aa)+$").search(text));
    EXPECT_FALSE(regex("([^-]*)-(\\d+)").search(text));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, allowed());
}

TEST(Regex, CompilesWhatNestsDeepInLittleTime) {
  const auto began = std::chrono::steady_clock::now();
  std::string looped = "b";
  std::string captured = "b$";
  for (int i = 0; i < 100; ++i) {
    looped = "(?:" + looped + "y|z*)*";
    captured = "(" + captured + ")";
  }
  EXPECT_EQ(shown(regex(looped).search("zz")), "0..2");
  EXPECT_EQ(regex(captured).search("ab")->group(100), "b");
  EXPECT_LT(std::chrono::steady_clock::now() - began, allowed());
}

TEST(Regex, GivesUpWithALimitWhereNoLinearFormExists) {
  const auto began = std::chrono::steady_clock::now();
  const std::string text = std::string(40, 'a') + "b";
  EXPECT_THROW(regex("^(a|aa)+\\1$").fullmatch(text + "c"), limit_exceeded);
  EXPECT_THROW(regex("(a+)+\\1[^ab]").search(text), limit_exceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - began, allowed());
}

TEST(Regex, ThreadsShareAPattern) {
  const regex shared("(\\w+)@(\\w+)|((a+)+)$");
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string name(static_cast<std::size_t>(i + 1), 'n');
      const std::string text = "to " + name + "@é, " + name + "@host";
      for (int n = 0; n < 200; ++n) {
        const auto all = shared.findall(text);
        if (all.size() == 2 && all[1][0] == name && all[1][1] == "host") ++right;
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace ref
