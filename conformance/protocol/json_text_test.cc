#include "conformance/protocol/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace {

using assay::append_json;
using assay::malformed_line;
using assay::parse_json;
using nlohmann::json;

// What one of the two parsers makes of a text: its value, or that it refuses.
std::string ours(const std::string& text) {
  try {
    return parse_json(text, 1000).dump();
  } catch (const malformed_line&) {
    return "refused";
  }
}

std::string theirs(const std::string& text) {
  const json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? "refused" : value.dump();
}

std::string text_of(const json& value) {
  std::string text;
  append_json(text, value);
  return text;
}

constexpr const char* texts[] = {
    R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})",
    R"( [ 1 , -2 , 3.5e2 , 0 , -0 , 1e-2 ] )",
    R"(["plain","\"\\\/\b\f\n\r\t\u0041\ud83d\ude00","文","",{"文":1,"\n":2}])",
    R"([18446744073709551615,9223372036854775807,-9223372036854775808,123456789012345678901])",
    R"({"a":1,"a":2})",
    "[]",
    "{}",
    "\"\"",
    "\t{\r\n}\t",
    "\x7f",
    "\"\x7f\"",
};

TEST(json_text, agrees_with_the_general_parser) {
  for (const std::string text : texts) EXPECT_EQ(ours(text), theirs(text)) << text;
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "[1,]",
                                 "[,1]",
                                 "{\"a\"}",
                                 "{\"a\":}",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "01",
                                 "1.",
                                 ".5",
                                 "+1",
                                 "-",
                                 "1e",
                                 "nul",
                                 "nulls",
                                 "true1",
                                 "'a'",
                                 "\"",
                                 "\"\\\"",
                                 "\"\\x\"",
                                 "\"\\u12\"",
                                 "\"\\ud800\"",
                                 "\"\t\"",
                                 "\"\xff\"",
                                 "[1 2]",
                                 "1 2",
                                 "{}{}",
                                 "NaN",
                                 "Infinity",
                                 "// c\n1",
                                 "\xef\xbb\xbf[",
                                 "[\xef\xbb\xbf"
                                 "1]",
                                 "1e999",
                                 "[1}",
                                 "{\"a\":1]"}) {
    EXPECT_EQ(ours(text), "refused") << text;
    EXPECT_EQ(theirs(text), "refused") << text;
  }
}

TEST(json_text, agrees_with_the_general_parser_on_damaged_texts) {
  std::mt19937 random(4711);
  const std::string alphabet = "{}[]\",:\\u0 1-.eE+tfn\n\x01\x7f\xc3\xa4\xff";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int rounds = 2000;  // a frame that an exception leaves slows AddressSanitizer down
#else
  constexpr int rounds = 40000;
#endif
  for (int round = 0; round < rounds; ++round) {
    std::string text = texts[random() % std::size(texts)];
    for (auto edits = random() % 3 + 1; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const char c = alphabet[random() % alphabet.size()];
      if (random() % 2 == 0) {
        text.insert(at, 1, c);
      } else if (at < text.size()) {
        text[at] = c;
      }
    }
    ASSERT_EQ(ours(text), theirs(text)) << text;
  }
}

TEST(json_text, writes_what_dump_writes) {
  for (const std::string text : texts) {
    const json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) continue;
    EXPECT_EQ(text_of(value), value.dump());
  }
  EXPECT_THROW(text_of("\xff"), json::type_error);
  EXPECT_EQ(text_of(1.5), "1.5");
}

}  // namespace
