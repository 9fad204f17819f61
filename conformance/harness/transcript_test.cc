#include "conformance/harness/transcript.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(transcript, keeps_the_first_and_the_last_lines) {
  transcript log;
  const std::size_t many = transcript::first_lines + transcript::last_lines + 57;
  for (std::size_t i = 0; i < many; ++i) log.add("main", ">", std::to_string(i));
  const auto lines = log.lines();
  ASSERT_EQ(lines.size(), transcript::first_lines + 1 + transcript::last_lines);
  EXPECT_EQ(lines.front().text, "0");
  EXPECT_EQ(lines[transcript::first_lines - 1].text, std::to_string(transcript::first_lines - 1));
  EXPECT_EQ(lines[transcript::first_lines].text, "(57 lines left out here)");
  EXPECT_EQ(lines[transcript::first_lines + 1].text, std::to_string(transcript::first_lines + 57));
  EXPECT_EQ(lines.back().text, std::to_string(many - 1));
  for (std::size_t i = 1; i < lines.size(); ++i) EXPECT_GE(lines[i].t_ms, lines[i - 1].t_ms);
}

TEST(transcript, clips_long_lines_between_characters) {
  transcript log;
  std::string text(transcript::line_bytes - 1, 'x');
  log.add("main", "<", text + "文文");
  EXPECT_EQ(log.lines()[0].text, text + "… (6 bytes more)");
}

TEST(transcript, escapes_bytes) {
  EXPECT_EQ(escape_bytes(std::string_view("a\r\n\t\\\0\xff", 7), 100), "a\\r\\n\\t\\\\\\x00\\xff");
  EXPECT_EQ(escape_bytes("abcdef", 2), "ab… (4 bytes more)");
}

TEST(transcript, starts_anew) {
  transcript log;
  log.add("main", ">", "old");
  log.restart();
  EXPECT_TRUE(log.lines().empty());
}

}  // namespace
}  // namespace assay
