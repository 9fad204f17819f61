#include "impl/http/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "impl/http/parser.h"
#include "impl/http/test_reading.h"

namespace ref::http {
namespace {

using testing::read;
using testing::reader;

TEST(http_writer, what_it_writes_is_read_back) {
  EXPECT_EQ(read(reader::request, format_request("GET", "/a?b", {{"Host", "h"}, {"A", ""}})),
            "GET /a?b 1.1 [Host: h][A: ] body none 0 '' then 0 bytes");
  EXPECT_EQ(read(reader::request, format_request("PUT", "/", {{"Host", "h"}}, "a\r\n\0b")),
            "PUT / 1.1 [Host: h][Content-Length: 3] body length 3 'a\r\n' then 0 bytes");
  EXPECT_EQ(read(reader::response, format_response(404, {{"A", "b"}}, "no")),
            "404 'Not Found' 1.1 [A: b][Content-Length: 2] body length 2 'no' then 0 bytes");
  EXPECT_EQ(read(reader::response, format_response(200, {}, "", "Fine so far")),
            "200 'Fine so far' 1.1 [Content-Length: 0] body length 0 '' then 0 bytes");
  EXPECT_EQ(read(reader::response, format_response(799, {}, "")),
            "799 '' 1.1 [Content-Length: 0] body length 0 '' then 0 bytes");
}

TEST(http_writer, the_bytes_are_those_of_the_rfc) {
  EXPECT_EQ(format_request("GET", "*", {{"Host", "h"}}), "GET * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(format_request("POST", "/", {}, ""), "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(format_response(200, {}, "a"), "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
}

TEST(http_writer, framing_that_is_given_is_kept) {
  EXPECT_EQ(format_response(200, {{"content-length", "5"}}, ""),
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n");
  EXPECT_EQ(format_response(200, {{"Transfer-Encoding", "chunked"}}, "0\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

TEST(http_writer, a_status_without_a_body_has_none) {
  for (const int status : {100, 101, 199, 204, 304}) {
    EXPECT_EQ(format_response(status, {}, "").find("Content-Length"), std::string::npos) << status;
    EXPECT_THROW(format_response(status, {}, "a"), std::invalid_argument) << status;
  }
}

TEST(http_writer, no_text_leaves_its_place) {
  for (const std::string& bad :
       {std::string("a\r\nB: c"), std::string("a\n"), std::string("a\r"), std::string("a\0", 2)}) {
    EXPECT_THROW(format_request("GET", "/", {{"A", bad}}), std::invalid_argument);
    EXPECT_THROW(format_request("GET", "/", {{bad, "a"}}), std::invalid_argument);
    EXPECT_THROW(format_request(bad, "/", {}), std::invalid_argument);
    EXPECT_THROW(format_request("GET", bad, {}), std::invalid_argument);
    EXPECT_THROW(format_response(200, {{"A", bad}}, ""), std::invalid_argument);
    EXPECT_THROW(format_response(200, {{bad, "a"}}, ""), std::invalid_argument);
    EXPECT_THROW(format_response(200, {}, "", bad), std::invalid_argument);
  }
  EXPECT_THROW(format_request("GET", "/a b", {}), std::invalid_argument);
  EXPECT_THROW(format_request("GET", "", {}), std::invalid_argument);
  EXPECT_THROW(format_request("G T", "/", {}), std::invalid_argument);
  EXPECT_THROW(format_request("", "/", {}), std::invalid_argument);
  EXPECT_THROW(format_request("GET", "/", {{"", "a"}}), std::invalid_argument);
  EXPECT_THROW(format_request("GET", "/", {{"A:", "a"}}), std::invalid_argument);
  EXPECT_THROW(format_response(99, {}, ""), std::invalid_argument);
  EXPECT_THROW(format_response(1000, {}, ""), std::invalid_argument);
}

TEST(http_message, tokens_and_values) {
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  for (const char c : std::string_view("\0\t \"(),/:;<=>?@[\\]{}\x7f\x80\xff", 23)) {
    EXPECT_FALSE(is_token(std::string(1, c))) << static_cast<int>(c);
  }
  EXPECT_FALSE(is_token(""));
  EXPECT_TRUE(is_field_value("a \t~\x80\xff"));
  for (int c = 0; c < 0x20; ++c) {
    EXPECT_EQ(is_field_value(std::string(1, static_cast<char>(c))), c == '\t') << c;
  }
  EXPECT_FALSE(is_field_value("\x7f"));
  EXPECT_EQ(trimmed(" \t a b\t "), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_TRUE(equal_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));  // 32 apart, as letters are
}

TEST(http_message, lists_of_a_field) {
  field_list fields;
  EXPECT_TRUE(fields.add({"Connection", "keep-alive , Upgrade"}));
  EXPECT_TRUE(fields.add({"connection", "x"}));
  EXPECT_TRUE(fields.lists("CONNECTION", "upgrade"));
  EXPECT_TRUE(fields.lists("Connection", "X"));
  EXPECT_FALSE(fields.lists("Connection", "keep"));
  EXPECT_FALSE(fields.lists("Connect", "x"));
  EXPECT_EQ(fields.count("Connection"), 2U);
  EXPECT_EQ(fields.find("connection"), "keep-alive , Upgrade");
  EXPECT_EQ(fields.find("Host"), std::nullopt);
  while (fields.size() < field_list::most) EXPECT_TRUE(fields.add({"A", "b"}));
  EXPECT_FALSE(fields.add({"A", "b"}));
}

}  // namespace
}  // namespace ref::http
