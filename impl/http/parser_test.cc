#include "impl/http/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "impl/http/test_reading.h"

namespace ref::http::testing {
namespace {

using ::testing::StartsWith;

struct row {
  reader as;
  std::string bytes;
  std::string expected;  // what `read` says of it, or how that begins
};

constexpr auto request = reader::request;
constexpr auto response = reader::response;
constexpr auto to_head = reader::response_to_head;

const std::string host = "Host: h\r\n";

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\n" + fields + "\r\n"; }

std::string chunks(const std::string& coded) {
  return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + coded;
}

const std::string chunked_head = "POST / 1.1 [Host: h][Transfer-Encoding: chunked] body chunked 0 ";

// Sections are those of RFC 9112.
const std::vector<row>& rows() {
  static const std::vector<row> all = {
      // 2.2, 3: the request line
      {request, get(host), "GET / 1.1 [Host: h] body none 0 '' then 0 bytes"},
      {request, "\r\n\r\n" + get(host), "GET / 1.1 [Host: h] body none 0 '' then 0 bytes"},
      {request, "\r\n\r\n\r\n\r\n\r\n" + get(host), "refused 400 too many empty lines"},
      {request, "GET / HTTP/1.0\r\n\r\n", "GET / 1.0  body none 0 '' then 0 bytes"},
      {request, "GET / HTTP/1.9\r\n" + host + "\r\n", "GET / 1.9 [Host: h]"},
      {request, "GET / HTTP/2.0\r\n" + host + "\r\n", "refused 505 an HTTP version"},
      {request, "GET / http/1.1\r\n" + host + "\r\n", "refused 400 a malformed HTTP version"},
      {request, "GET / HTTP/1.1 \r\n" + host + "\r\n", "refused 400 a malformed HTTP version"},
      {request, "GET / HTTP/1.10\r\n" + host + "\r\n", "refused 400 a malformed HTTP version"},
      {request, "GET  / HTTP/1.1\r\n" + host + "\r\n", "refused 400 a malformed request target"},
      {request, "GET /\r\n" + host + "\r\n", "refused 400 a request line without a version"},
      {request, "GET\r\n" + host + "\r\n", "refused 400 a request line without a space"},
      {request, " GET / HTTP/1.1\r\n" + host + "\r\n", "refused 400 a method that is no token"},
      {request, "G@T / HTTP/1.1\r\n" + host + "\r\n", "refused 400 a method that is no token"},
      {request, "get / HTTP/1.1\r\n" + host + "\r\n", "get / 1.1"},
      {request, "GET /\x7f HTTP/1.1\r\n" + host + "\r\n", "refused 400 a malformed request target"},
      {request, "GET /\xc3\xa4 HTTP/1.1\r\n" + host + "\r\n", "refused 400 a malformed request"},
      {request, "GET /#a HTTP/1.1\r\n" + host + "\r\n", "refused 400 a malformed request target"},
      {request, "GET a HTTP/1.1\r\n" + host + "\r\n", "refused 400 a request target of no known"},
      {request, "GET http://h/a?b HTTP/1.1\r\n" + host + "\r\n", "GET http://h/a?b 1.1"},
      {request, "GET http:///a HTTP/1.1\r\n" + host + "\r\n", "refused 400 a request target of"},
      {request, "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "OPTIONS * 1.1"},
      {request, "GET * HTTP/1.1\r\n" + host + "\r\n", "refused 400 a request target of no known"},
      {request, "CONNECT h:80 HTTP/1.1\r\n" + host + "\r\n", "CONNECT h:80 1.1"},
      {request, "CONNECT h HTTP/1.1\r\n" + host + "\r\n", "refused 400 a request target of no"},
      {request, "GET / HTTP/1.1\n" + host + "\r\n", "refused 400 a line ends in a bare LF"},
      {request, "GET / HTTP/1.1\r" + host + "\r\n", "refused 400 a malformed HTTP version"},
      {request, "\n" + get(host), "refused 400 a line ends in a bare LF"},
      // 3.2: Host
      {request, get(""), "refused 400 no Host"},
      {request, get("Host:\r\n"), "GET / 1.1 [Host: ]"},
      {request, get("HOST: h:80\r\n"), "GET / 1.1 [HOST: h:80]"},
      {request, get("Host: [::1]:80\r\n"), "GET / 1.1 [Host: [::1]:80]"},
      {request, get(host + host), "refused 400 more than one Host"},
      {request, get("Host: h, h\r\n"), "refused 400 a malformed Host"},
      {request, get("Host: h:80:80\r\n"), "refused 400 a malformed Host"},
      {request, get("Host: h:x\r\n"), "refused 400 a malformed Host"},
      {request, get("Host: u@h\r\n"), "refused 400 a malformed Host"},
      {request, get("Host: [::1\r\n"), "refused 400 a malformed Host"},
      // 5: fields
      {request, get(host + "A:b\r\nC: \t d e \t\r\nF:\r\n"),
       "GET / 1.1 [Host: h][A: b][C: d e][F: ] body none 0 '' then 0 bytes"},
      {request, get(host + "A: \xc3\xa4\r\n"), "GET / 1.1 [Host: h][A: \xc3\xa4]"},
      {request, get(host + "A : b\r\n"), "refused 400 a field name that is no token"},
      {request, get(host + ": b\r\n"), "refused 400 a field name that is no token"},
      {request, get(host + "A\r\n"), "refused 400 a field line without a colon"},
      {request, get(" A: b\r\n" + host), "refused 400 a folded field line"},
      {request, get(host + "A: b\r\n\tc\r\n"), "refused 400 a folded field line"},
      {request, get(host + "A: b\rc\r\n"), "refused 400 a control character in a field value"},
      {request, get(host + "A: b\nC: d\r\n"), "refused 400 a line ends in a bare LF"},
      {request, get(host + std::string("A: \0\r\n", 6)), "refused 400 a control character in"},
      {request, get(host + "A: \x7f\r\n"), "refused 400 a control character in a field value"},
      // 6: how long the body is
      {request, get(host + "Content-Length: 3\r\n") + "abcGET",
       "GET / 1.1 [Host: h][Content-Length: 3] body length 3 'abc' then 3 bytes"},
      {request, get(host + "Content-Length: 0\r\n") + "x",
       "GET / 1.1 [Host: h][Content-Length: 0] body length 0 '' then 1 bytes"},
      {request, get(host + "Content-Length: 4\r\n") + "abc",
       "refused 400 the connection ended within the body"},
      {request, get(host + "Content-Length: +3\r\n") + "abc", "refused 400 a Content-Length that"},
      {request, get(host + "Content-Length: -3\r\n") + "abc", "refused 400 a Content-Length that"},
      {request, get(host + "Content-Length: 3, 3\r\n") + "abc", "refused 400 a Content-Length"},
      {request, get(host + "Content-Length: 0x3\r\n") + "abc", "refused 400 a Content-Length"},
      {request, get(host + "Content-Length:\r\n") + "abc", "refused 400 a Content-Length that is"},
      {request, get(host + "Content-Length: 9223372036854775808\r\n"), "refused 400 a Content-"},
      {request, get(host + "Content-Length: 3\r\nContent-Length: 3\r\n") + "abc",
       "refused 400 more than one Content-Length"},
      {request, get(host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n",
       "refused 400 both Transfer-Encoding and Content-Length"},
      {request, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "refused 400 Transfer-Encoding in HTTP/1.0"},
      {request, get(host + "Transfer-Encoding: gzip, chunked\r\n"), "refused 501 an unknown"},
      {request, get(host + "Transfer-Encoding: gzip\r\n"), "refused 400 a request whose transfer"},
      {request, get(host + "Transfer-Encoding: chunked, chunked\r\n"), "refused 400 a bad list"},
      {request, get(host + "Transfer-Encoding: chunked, gzip\r\n"), "refused 400 a bad list of"},
      {request,
       get(host + "Transfer-Encoding: \x0b"
                  "chunked\r\n"),
       "refused 400 a control"},
      {request, get(host + "Transfer-Encoding:\r\n"), "refused 400 a bad list of transfer codings"},
      // 7: chunked
      {request, chunks("3\r\nabc\r\n0\r\n\r\nGET"), chunked_head + "'abc' then 3 bytes"},
      {request, chunks("0\r\n\r\n"), chunked_head + "'' then 0 bytes"},
      {request, chunks("00a\r\n0123456789\r\n000\r\n\r\n"), chunked_head + "'0123456789' then 0"},
      {request, chunks("A\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n"), chunked_head + "'0123456789a' t"},
      {request, chunks("1;a;b=c;d=\"e;\\\"\"\r\nx\r\n0\r\n\r\n"), chunked_head + "'x' then 0"},
      {request, chunks("0\r\nA: b\r\nC: d\r\n\r\nG"), chunked_head + "'' then 1 bytes"},
      {request, chunks("1\r\nx\r\n"), "refused 400 the connection ended within the body"},
      {request, chunks("1\r\nx\r\n0\r\n"), "refused 400 the connection ended within the body"},
      {request, chunks("\r\nx\r\n0\r\n\r\n"), "refused 400 a chunk without a size"},
      {request, chunks("-1\r\nx\r\n0\r\n\r\n"), "refused 400 a chunk without a size"},
      {request, chunks("0x1\r\nx\r\n0\r\n\r\n"), "refused 400 a malformed chunk extension"},
      {request, chunks("1 x\r\nx\r\n0\r\n\r\n"), "refused 400 a malformed chunk extension"},
      {request, chunks("1;=\r\nx\r\n0\r\n\r\n"), "refused 400 a malformed chunk extension"},
      {request, chunks("1;a=\"b\r\nx\r\n0\r\n\r\n"), "refused 400 a malformed chunk extension"},
      {request, chunks("1\nx\r\n0\r\n\r\n"), "refused 400 a line ends in a bare LF"},
      {request, chunks("1\r\nxy\r\n0\r\n\r\n"), "refused 400 a chunk is not followed by CRLF"},
      {request, chunks("1\r\nx\n0\r\n\r\n"), "refused 400 a chunk is not followed by CRLF"},
      {request, chunks("ffffffffffffffff1\r\n"), "refused 400 a chunk size that is too large"},
      {request, chunks("7fffffff\r\n"), "refused 413 the body is too large"},
      {request, chunks("0\r\nA b\r\n\r\n"), "refused 400 a malformed trailer"},
      {request, chunks("0\r\n A: b\r\n\r\n"), "refused 400 a malformed trailer"},
      {request, chunks("0\r\nA: b\rc\r\n\r\n"), "refused 400 a control character in the body's"},
      // 4, 6.3: responses
      {response, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc",
       "200 'OK' 1.1 [Content-Length: 2] body length 2 'ab' then 1 bytes"},
      {response, "HTTP/1.1 200 \r\n\r\nabc", "200 '' 1.1  body until close 0 'abc' then 0 bytes"},
      {response, "HTTP/1.1 200\r\n\r\n", "200 '' 1.1  body until close 0 '' then 0 bytes"},
      {response, "HTTP/1.0 404 Not Found\r\n\r\n", "404 'Not Found' 1.0  body until close 0"},
      {response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
       "200 'OK' 1.1 [Transfer-Encoding: chunked] body chunked 0 'a' then 0 bytes"},
      {response, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
       "204 'No Content' 1.1 [Con"},
      {response, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nab",
       "304 'Not Modified' 1.1 [Content-Length: 5] body none 0 '' then 2 bytes"},
      {response, "HTTP/1.1 100 Continue\r\n\r\nHTTP", "100 'Continue' 1.1  body none 0 '' then 4"},
      {to_head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
       "200 'OK' 1.1 [Content-Length: 5] body none 0 '' then 0 bytes"},
      {response, "HTTP/1.1 099 Low\r\n\r\n", "refused 400 a malformed status code"},
      {response, "HTTP/1.1 20 OK\r\n\r\n", "refused 400 a malformed status code"},
      {response, "HTTP/1.1 2000 OK\r\n\r\n", "refused 400 a malformed status code"},
      {response, "HTTP/1.1  200 OK\r\n\r\n", "refused 400 a malformed status code"},
      {response, "HTTP/1.1\r\n\r\n", "refused 400 a status line without a status"},
      {response, "HTTP/3.0 200 OK\r\n\r\n", "refused 505 an HTTP version other than 1"},
      {response, "HTTP/1.1 200 O\x01K\r\n\r\n", "refused 400 a control character in the reason"},
      {response, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
       "refused 400 more than one Content-Length"},
  };
  return all;
}

TEST(http_parser, each_message_means_what_the_rfc_says) {
  for (const row& each : rows()) {
    EXPECT_THAT(read(each.as, each.bytes), StartsWith(each.expected)) << each.bytes;
  }
}

TEST(http_parser, no_split_changes_what_a_message_means) {
  for (const row& each : rows()) {
    const std::string whole = read(each.as, each.bytes);
    const std::size_t size = each.bytes.size();
    EXPECT_EQ(read(each.as, each.bytes, byte_by_byte(size)), whole) << each.bytes;
    for (std::size_t cut = 0; cut < size; ++cut) {
      EXPECT_EQ(read(each.as, each.bytes, {cut, size}), whole) << cut << " of " << each.bytes;
    }
  }
}

TEST(http_parser, every_beginning_asks_for_more_or_is_refused_for_the_same_reason) {
  for (const row& each : rows()) {
    const std::string whole = read(each.as, each.bytes);
    if (!whole.starts_with("refused")) continue;
    for (std::size_t size = 0; size < each.bytes.size(); ++size) {
      const std::string part = read(each.as, each.bytes.substr(0, size));
      if (part.starts_with("refused") && !part.ends_with("ended within the body")) {
        EXPECT_EQ(part, whole) << size << " of " << each.bytes;
      }
    }
  }
}

TEST(http_parser, never_reads_behind_its_bytes) {
  guarded_memory memory(1024);
  for (const row& each : rows()) {
    const std::string whole = read(each.as, each.bytes);
    EXPECT_EQ(read(each.as, memory.put(each.bytes)), whole);
    for (std::size_t size = 0; size < each.bytes.size(); ++size) {
      read(each.as, memory.put(std::string_view(each.bytes).substr(0, size)));
    }
  }
}

// Messages with a few bytes replaced, doubled or left out; seeded, so that a failure comes again.
TEST(http_parser, damaged_messages_mean_the_same_in_any_pieces) {
  std::mt19937 random(20240613);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  constexpr std::string_view often = "\r\n\t :;,=\"0123456789aZ\0\x7f\xff/";
  guarded_memory memory(4096);
  for (int round = 0; round < 30'000; ++round) {
    const row& base = rows()[below(rows().size())];
    std::string bytes = base.bytes;
    for (std::size_t left = 1 + below(4); left > 0; --left) {
      const std::size_t at = below(bytes.size());
      switch (below(3)) {
        case 0:
          bytes[at] = often[below(often.size())];
          break;
        case 1:
          bytes.insert(at, bytes.substr(at, 1 + below(8)));
          break;
        default:
          bytes.erase(at, 1 + below(4));
          break;
      }
      if (bytes.empty()) bytes = "\r";
    }
    const std::string whole = read(base.as, memory.put(bytes));
    EXPECT_EQ(read(base.as, bytes, byte_by_byte(bytes.size())), whole) << bytes;
    EXPECT_EQ(read(base.as, bytes, {below(bytes.size()), bytes.size()}), whole) << bytes;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ref::http::testing
