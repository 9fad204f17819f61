#include "conformance/protocol/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <thread>

namespace {

using assay::line_reader;
using assay::malformed_line;
using assay::parse_line;
using assay::read_status;
using assay::write_line;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class framing : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  void TearDown() override {
    hang_up();
    ::close(ends_[1]);
  }
  void send(std::string_view bytes) { ASSERT_TRUE(write_line(ends_[0], bytes)); }
  void hang_up() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  int ends_[2] = {-1, -1};
};

TEST_F(framing, reads_lines_at_every_split) {
  const std::string text = "{}\n\n[1,2]\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    line_reader reader(ends_[1], 100);
    std::string_view line;
    std::vector<std::string> lines;
    for (const std::string_view piece :
         {std::string_view(text).substr(0, cut), std::string_view(text).substr(cut)}) {
      send(piece);
      reader.fill();
      while (reader.next_line(line) == read_status::line) lines.emplace_back(line);
    }
    EXPECT_THAT(lines, ::testing::ElementsAre("{}", "", "[1,2]")) << "cut at " << cut;
    EXPECT_EQ(reader.fill(), read_status::none);
  }
}

TEST_F(framing, drops_an_unfinished_last_line) {
  send("{}\nrest");
  hang_up();
  line_reader reader(ends_[1], 100);
  std::string_view line;
  EXPECT_EQ(reader.read_line(line), read_status::line);
  EXPECT_EQ(line, "{}");
  EXPECT_EQ(reader.read_line(line), read_status::end);
}

TEST_F(framing, refuses_a_line_that_is_one_byte_too_long) {
  send(std::string(100, 'a') + "\n" + std::string(101, 'b') + "\n");
  line_reader reader(ends_[1], 100);
  std::string_view line;
  EXPECT_EQ(reader.read_line(line), read_status::line);
  EXPECT_EQ(line.size(), 100u);
  EXPECT_EQ(reader.read_line(line), read_status::too_long);
}

TEST_F(framing, refuses_an_endless_line_without_keeping_it) {
  std::thread sender([this] {
    const std::string piece(1 << 16, 'x');
    while (write_line(ends_[0], piece)) {
    }
  });
  line_reader reader(ends_[1], 1 << 20);
  std::string_view line;
  EXPECT_EQ(reader.read_line(line), read_status::too_long);
  EXPECT_LE(reader.buffered(), (1u << 20) + (1u << 16));
  ::shutdown(ends_[1], SHUT_RDWR);
  sender.join();
}

TEST_F(framing, passes_a_line_of_22_mebibytes) {
  json message = {{"base64", std::string(22 << 20, 'A')}};
  std::thread sender([&] { write_line(ends_[0], assay::to_line(message)); });
  line_reader reader(ends_[1], 64 << 20);
  std::string_view line;
  EXPECT_EQ(reader.read_line(line), read_status::line);
  EXPECT_EQ(parse_line(line, 128), message);
  sender.join();
}

TEST_F(framing, says_that_the_reader_is_gone) {
  ::shutdown(ends_[1], SHUT_RDWR);
  EXPECT_FALSE(write_line(ends_[0], "{}\n"));
}

TEST(parse_line, takes_nesting_up_to_the_limit) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_NO_THROW(parse_line(nested(128), 128));
  EXPECT_THAT([&] { parse_line(nested(129), 128); },
              ThrowsMessage<malformed_line>(HasSubstr("deeper than 128 levels at byte 128")));
  EXPECT_NO_THROW(parse_line("[\"[[[[\\\"[[[[\"]", 1));
  EXPECT_NO_THROW(parse_line("[[],[],[],{}]", 2));
}

TEST(parse_line, refuses_what_is_not_utf_8) {
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "\xff"}) {
    EXPECT_THROW(parse_line(text, 128), malformed_line);
  }
  EXPECT_EQ(parse_line("\"\xe6\x96\x87\"", 128), "文");
}

TEST(parse_line, refuses_what_is_no_json) {
  for (const char* text : {"", "{", "[1,]", "nul", "1 2", "'a'", "{\"a\":NaN}", "\"\t\""}) {
    EXPECT_THROW(parse_line(text, 128), malformed_line) << text;
  }
}

}  // namespace
