// All small patterns of a grammar over all small texts, by every engine that takes them: one
// answer.
#include <gtest/gtest.h>

#include <set>

#include "impl/regex/program.h"

namespace ref::detail {
namespace {

using offsets = std::vector<std::size_t>;

std::vector<std::string> texts(std::size_t longest) {
  std::vector<std::string> all{""};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].size() == longest) continue;
    all.push_back(all[i] + "a");
    all.push_back(all[i] + "b");
  }
  return all;
}

// One more operator around, or one more piece beside, each of the patterns.
std::vector<std::string> grown(const std::vector<std::string>& from) {
  std::set<std::string> all;
  for (const std::string& one : from) {
    all.insert(one);
    for (const char* repeat : {"*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,2}?"}) {
      all.insert("(?:" + one + ")" + repeat);
    }
    all.insert("(" + one + ")");
    for (const char* piece : {"a", "b", ".", "[^a]", "(a)", "b*", "a+?", "(a|b)", "$", "\\b"}) {
      all.insert(one + piece);
      all.insert(piece + one);
      all.insert("(?:" + one + "|" + piece + ")");
      all.insert("(?:" + std::string(piece) + "|" + one + ")");
    }
  }
  return {all.begin(), all.end()};
}

// No answer: the engine does not take the pattern or the text.
std::optional<offsets> answer(const program& pattern, const subject& text, std::size_t start,
                              match_mode mode, engine_choice choice) {
  offsets spans(2 * (pattern.groups() + 1));
  budget spent(text.bytes.size());
  try {
    return pattern.run(text, start, mode, false, spent, spans, choice) ? spans : offsets();
  } catch (const limit_exceeded&) {
    return std::nullopt;
  }
}

std::string shown(const offsets& spans) {
  if (spans.empty()) return "none";
  std::string text;
  for (const std::size_t each : spans) {
    text += (text.empty() ? "" : " ") + (each == unset ? std::string("-") : std::to_string(each));
  }
  return text;
}

struct tally {
  std::size_t compared = 0;
  std::size_t differences = 0;
};

void compare(const std::string& pattern, const std::vector<std::string>& in, engine_choice choice,
             tally& count) {
  const program compiled(pattern, regex_flags::none);
  for (const std::string& each : in) {
    const subject text(each);
    for (const match_mode mode : {match_mode::search, match_mode::start, match_mode::full}) {
      if (mode != match_mode::search && choice == engine_choice::sequence_only) continue;
      for (std::size_t start = 0; start <= (each.size() > 1 ? 1 : 0); ++start) {
        const auto expected = answer(compiled, text, start, mode, engine_choice::pcre2_only);
        const auto got = answer(compiled, text, start, mode, choice);
        if (!expected || !got) continue;
        ++count.compared;
        if (*expected == *got) continue;
        ++count.differences;
        if (count.differences > 20) continue;  // enough to see what is wrong
        ADD_FAILURE() << pattern << " on \"" << each << "\" from " << start << ", mode "
                      << static_cast<int>(mode) << ": PCRE2 says " << shown(*expected)
                      << ", the other engine " << shown(*got);
      }
    }
  }
}

TEST(Engines, Re2AgreesWithPcre2OnEverySmallPattern) {
  tally count;
  for (const std::string& each : grown(grown({"a", "b"}))) {
    compare(each, texts(4), engine_choice::re2_only, count);
  }
  EXPECT_GT(count.compared, 50'000u);
}

// Before any engine is asked, the end of the text is looked at.
TEST(Engines, WhatATextMustEndWithHidesNoMatch) {
  std::vector<std::string> in;
  for (const char* end : {"", "c", "\n", "b\n", "\n\n", "b\xc3\xa9", "b\xc3\xa9\n"}) {
    for (const std::string& each : texts(3)) in.push_back(each + end);
  }
  tally count;
  for (const std::string& each :
       grown({"a", "b", "(a+)+", "(?:a|b+)*", "[^b]", "(?i:A)", "\xc3\xa9", "(?=b)", "\\n"})) {
    for (const char* end : {"$", "\\Z", "$\\b", "$\n?", "(?=a)$", "b*$", "$|b\\Z", "(?:$)"}) {
      compare(each + end, in, engine_choice::automatic, count);
    }
  }
  EXPECT_GT(count.compared, 50'000u);
}

// Runs whose ends are free, bounded, possessive or followed by what they hold themselves.
TEST(Engines, SequencesAgreeWithPcre2) {
  const std::vector<std::string> pieces = {
      "a",          "ab",   "a*",   "a+",    "a*?", "a+?", "[ab]*", "[ab]+?", "a{1,2}",
      "[ab]{1,2}?", "(a*)", "(.+)", "(.*?)", "b",   "(b)", "[^a]+", "a*+",    "[ab]{2}"};
  std::vector<std::string> patterns;
  for (const auto& one : pieces) {
    for (const auto& two : pieces) {
      for (const auto& three : pieces) {
        patterns.push_back(one + two + three);
        if (patterns.back().find('(') != std::string::npos) {
          patterns.push_back(patterns.back() + "\\1");
        }
      }
    }
  }
  tally count;
  for (const std::string& each : patterns) {
    compare(each, texts(5), engine_choice::sequence_only, count);
  }
  EXPECT_GT(count.compared, 50'000u);
}

// Texts long enough for blocks of 32 and 128 bytes, with the match at every distance from both
// ends.
TEST(Engines, SequencesAgreeWithPcre2InLongTexts) {
  tally count;
  for (const char* pattern : {"ab+c", "([^-]*)-(\\d+)", "<(\\w*)></(\\w*)>", "x(.*?)y", "x(.*)y",
                              "(x.*)z\\1", "\\d+", "aa(\\d+?)ddd", "q\\w*rst"}) {
    std::vector<std::string> in;
    for (const std::size_t before : {0u, 1u, 31u, 32u, 33u, 127u, 128u, 129u, 300u}) {
      for (const std::size_t behind : {0u, 1u, 31u, 32u, 33u, 127u, 130u}) {
        for (const char* middle : {"abbbc", "-12345", "<a></b>", "xyxy", "x1z22x1zx1y", "aa12ddd",
                                   "q12rst", "xy\ny", "<<a><<a></>", "aaa1dddd"}) {
          in.push_back(std::string(before, '.') + middle + std::string(behind, 'w'));
        }
      }
    }
    compare(pattern, in, engine_choice::sequence_only, count);
  }
  EXPECT_GT(count.compared, 5'000u);
}

TEST(Engines, ASequenceIsNotTriedForever) {
  const program compiled("a[ab]*[ab]*[ab]*[bc]", regex_flags::none);
  const std::string only_a(2000, 'a');
  const subject without(only_a);
  EXPECT_EQ(answer(compiled, without, 0, match_mode::search, engine_choice::sequence_only),
            std::nullopt);
  EXPECT_EQ(answer(compiled, without, 0, match_mode::search, engine_choice::automatic), offsets());
  const std::string text = only_a + "cb";
  const subject with(text);
  const auto found = answer(compiled, with, 0, match_mode::search, engine_choice::automatic);
  EXPECT_EQ(found, (offsets{0, 2001}));
}

}  // namespace
}  // namespace ref::detail
