#include "conformance/harness/http_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assay {
namespace {

using ::testing::HasSubstr;

// Feeds the bytes in two parts: status, body and what is left over, or what it failed with.
std::string read_at(const std::string& bytes, std::size_t cut, bool head, bool ends) {
  http_reader reader(head);
  std::string buffer = bytes.substr(0, cut);
  const std::string rest = bytes.substr(cut);
  const auto show = [&](const http_response& r, const std::string& unread) {
    return std::to_string(r.status) + "|" + r.body + "|" + buffer + unread;
  };
  try {
    if (const auto response = reader.read(buffer)) return show(*response, rest);
    buffer += rest;
    if (const auto response = reader.read(buffer)) return show(*response, "");
    if (!ends) return "more";
    const auto response = reader.end(buffer);
    return show(response, "");
  } catch (const http_failure& failure) {
    return failure.what();
  }
}

struct http_case {
  const char* bytes;
  const char* answer;
  bool head = false;
  bool ends = false;
};

TEST(http_reader, reads_the_same_at_every_split) {
  const http_case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcrest", "200|abc|rest"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200||"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", "more"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/", "200||HTTP/", true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nHTTP/", "304||HTTP/"},
      {"HTTP/1.1 204 No Content\r\n\r\nx", "204||x"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", "200|a|b"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\nr",
       "200|abc|r"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: 1\r\n\r\n",
       "200|a|"},
      {"HTTP/1.0 200 OK\r\n\r\nto the end", "200|to the end|", false, true},
  };
  for (const auto& each : cases) {
    const std::string bytes = each.bytes;
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(read_at(bytes, cut, each.head, each.ends), each.answer)
          << bytes << " cut at " << cut;
    }
  }
}

TEST(http_reader, refuses_what_no_server_may_send) {
  const http_case cases[] = {
      {"HTTQ/1.1 200 OK\r\n\r\n", "status line"},
      {"hello", "it does not start with HTTP/"},
      {"HTTP/1.1 20 OK\r\n\r\n", "status line"},
      {"HTTP/1.1 200\r\n\r\n", "status line"},
      {"HTTP/11 200 OK\r\n\r\n", "status line"},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", "status line"},
      {"HTTP/1.1 200 OK\r\nA B: 1\r\n\r\n", "field name"},
      {"HTTP/1.1 200 OK\r\nA : 1\r\n\r\n", "field name"},
      {"HTTP/1.1 200 OK\r\n folded\r\n\r\n", "field name"},
      {"HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n", "field value"},
      {"HTTP/1.1 200 OK\r\nA: x\ny\r\n\r\n", "field value"},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       "two different lengths"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "both"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "chunk size"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "end in CRLF"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "after 2 of 5 bytes", false, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", "within a chunked body",
       false, true},
      {"HTTP/1.1 200 OK\r\n", "within the head", false, true},
  };
  for (const auto& each : cases) {
    const std::string bytes = each.bytes;
    EXPECT_THAT(read_at(bytes, bytes.size(), each.head, each.ends), HasSubstr(each.answer))
        << bytes;
  }
}

TEST(http_response, names_are_compared_without_case) {
  http_reader reader(false);
  std::string bytes = "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:\t2 \r\nContent-Length: 0\r\n\r\n";
  const auto response = reader.read(bytes);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->header("x-A"), "1");
  EXPECT_EQ(response->count("X-a"), 2u);
  EXPECT_EQ(response->headers[1].second, "2");
  EXPECT_EQ(response->header("absent"), std::nullopt);
}

}  // namespace
}  // namespace assay
