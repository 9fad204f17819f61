#include "impl/net/messenger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace ref {
namespace {

using testing::HasSubstr;

TEST(messenger, shows_printable_text_as_it_is) {
  EXPECT_EQ(shown("plain, 你好, é, \xf0\x9f\x98\x80"), "plain, 你好, é, \xf0\x9f\x98\x80");
  EXPECT_EQ(shown(""), "");
}

TEST(messenger, shows_what_a_terminal_would_obey_as_bytes) {
  EXPECT_EQ(shown("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(shown("a\r\nb\t\x7f"), "a\\x0d\\x0ab\\x09\\x7f");
  EXPECT_EQ(shown("\xc2\x9b"
                  "2J"),
            "\\xc2\\x9b2J");                            // CSI as one code point
  EXPECT_EQ(shown("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
  EXPECT_EQ(shown(std::string_view("\0", 1)), "\\x00");
}

TEST(messenger, shows_bytes_that_are_no_utf8) {
  EXPECT_EQ(shown("a\xff\xfe"
                  "b"),
            "a\\xff\\xfeb");
  EXPECT_EQ(shown("\xe4\xbd"), "\\xe4\\xbd");  // cut in the middle
  EXPECT_EQ(shown("\xc0\xaf"), "\\xc0\\xaf");  // overlong
  EXPECT_EQ(shown("\\xff"), "\\\\xff");        // not the same as the byte
}

TEST(messenger, reads_ports) {
  EXPECT_EQ(port_of("1"), 1);
  EXPECT_EQ(port_of(" 65535\r"), 65535);
  for (const char* bad :
       {"", " ", "0", "65536", "-1", "+1", "80x", "0x50", "8 0", "八十", "99999999999999999999"}) {
    EXPECT_THROW(port_of(bad), std::invalid_argument) << bad;
  }
}

struct talk {
  std::string out;
  std::string err;
};

talk talk_of(udp_socket& socket, const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  run_messenger(socket, in, out, err);
  return {out.str(), err.str()};
}

class messenger_socket : public testing::Test {
 protected:
  void SetUp() override {
    socket_.bind("127.0.0.1", 0);
    peer_.bind("127.0.0.1", 0);
  }
  std::string peer_lines() const {
    return "127.0.0.1\n" + std::to_string(peer_.local_name().port());
  }
  udp_socket socket_;
  udp_socket peer_;
};

TEST_F(messenger_socket, sends_and_receives) {
  peer_.send_to("from the peer", socket_.local_name());
  const talk seen = talk_of(socket_, "1\nto the peer\n" + peer_lines() + "\n2\n");
  EXPECT_EQ(peer_.receive_from().data, "to the peer");
  EXPECT_THAT(seen.out, HasSubstr("sent 11 bytes to 127.0.0.1"));
  EXPECT_THAT(seen.out, HasSubstr(": from the peer\n"));
  EXPECT_EQ(seen.err, "");
}

TEST_F(messenger_socket, goes_on_after_each_error) {
  const talk seen =
      talk_of(socket_, "3\n\n1\na\n127.0.0.1\nabc\n1\na\n\n1\n1\n" + std::string(70000, 'a') +
                           "\n" + peer_lines() + "\n1\nlast\n" + peer_lines() + "\n");
  EXPECT_EQ(peer_.receive_from().data, "last");
  EXPECT_THAT(seen.err, HasSubstr("error: there is no function \"3\""));
  EXPECT_THAT(seen.err, HasSubstr("error: there is no function \"\""));
  EXPECT_THAT(seen.err, HasSubstr("error: \"abc\" is no port"));
  EXPECT_THAT(seen.err, HasSubstr("error: there is no address"));
  EXPECT_EQ(std::count(seen.err.begin(), seen.err.end(), '\n'), 5) << seen.err;
}

TEST_F(messenger_socket, input_may_end_anywhere) {
  for (const char* input : {"", "1", "1\n", "1\na\n", "1\na\n127.0.0.1\n"}) {
    EXPECT_EQ(talk_of(socket_, input).err, "") << input;
  }
  EXPECT_THROW(peer_.receive_from(16, deadline::in(std::chrono::nanoseconds(0))), timed_out);
}

}  // namespace
}  // namespace ref
