// Limits at their exact bounds, what is refused beyond, and that fields and chunks cost no memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "impl/http/parser.h"

namespace {
std::size_t allocations = 0;
}

// Counts what the program allocates; nothing else of new changes. Not inlined, or g++ takes the
// pair for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace ref::http {
namespace {

std::string request_with(const std::string& fields, const std::string& target = "/") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

parse_result parse(std::string_view bytes, head_limits limits = {}) {
  request_parser parser(limits);
  return parser.parse(bytes);
}

void expect_complete(const parse_result& got, std::size_t consumed) {
  EXPECT_EQ(got.state, parse_state::complete) << got.status << " " << got.why;
  EXPECT_EQ(got.consumed, consumed);
}

void expect_refused(const parse_result& got, int status) {
  EXPECT_EQ(got.state, parse_state::refused);
  EXPECT_EQ(got.status, status) << got.why;
}

TEST(http_limits, first_line) {
  const head_limits limits{.line = 64, .fields = 1024};
  const std::string frame = "GET / HTTP/1.1\r";
  const std::string longest = request_with("", "/" + std::string(64 - frame.size(), 'a'));
  expect_complete(parse(longest, limits), longest.size());
  const std::string longer = request_with("", "/" + std::string(65 - frame.size(), 'a'));
  expect_refused(parse(longer, limits), 414);
  // At once, not when the line ends: it may never do so.
  expect_refused(parse(longer.substr(0, 65), limits), 414);
  EXPECT_EQ(parse(longest.substr(0, 64), limits).state, parse_state::need_more);
}

TEST(http_limits, first_line_of_a_response_is_a_bad_request_to_nobody) {
  response_parser parser("GET", head_limits{.line = 32, .fields = 1024});
  expect_refused(parser.parse("HTTP/1.1 200 " + std::string(32, 'a') + "\r\n\r\n"), 400);
}

TEST(http_limits, bytes_of_all_fields) {
  const std::string other = "Host: h\r\nA: \r\n\r";  // the empty line's CR counts too
  const head_limits limits{.line = 64, .fields = 256};
  const std::string longest =
      request_with("A: " + std::string(limits.fields - other.size(), 'b') + "\r\n");
  expect_complete(parse(longest, limits), longest.size());
  const std::string longer =
      request_with("A: " + std::string(limits.fields - other.size() + 1, 'b') + "\r\n");
  expect_refused(parse(longer, limits), 431);
  expect_refused(parse("GET / HTTP/1.1\r\nA: " + std::string(limits.fields, 'b'), limits), 431);
}

TEST(http_limits, number_of_fields) {
  std::string fields;
  for (std::size_t i = 1; i < field_list::most; ++i) fields += "A: b\r\n";
  expect_complete(parse(request_with(fields)), request_with(fields).size());
  expect_refused(parse(request_with(fields + "A: b\r\n")), 431);
}

TEST(http_limits, digits_of_a_length) {
  const auto length = [](const std::string& digits) {
    request_parser parser;
    parser.parse(request_with("Content-Length: " + digits + "\r\n"));
    return parser.head().body.length;
  };
  EXPECT_EQ(length("999999999999999999"), 999'999'999'999'999'999U);
  EXPECT_EQ(length("000000000000000000000000000012"), 12U);
  expect_refused(parse(request_with("Content-Length: 1000000000000000000\r\n")), 400);
  expect_refused(parse(request_with("Content-Length: 18446744073709551617\r\n")), 400);
}

TEST(http_limits, body_by_its_length) {
  const body_parser::limits bounds{.body = 10};
  body_parser longest({body_kind::length, 10}, bounds);
  expect_complete(longest.parse("0123456789abc", nullptr), 10);
  body_parser longer({body_kind::length, 11}, bounds);
  expect_refused(longer.parse("", nullptr), 413);
}

TEST(http_limits, body_of_chunks) {
  const body_parser::limits bounds{.body = 10};
  const body_framing chunked{body_kind::chunked, 0};
  const std::string longest = "6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n";
  body_parser fits(chunked, bounds);
  expect_complete(fits.parse(longest, nullptr), longest.size());
  body_parser over(chunked, bounds);
  expect_refused(over.parse("6\r\n012345\r\n5\r\n", nullptr), 413);
  body_parser vast(chunked, bounds);
  expect_refused(vast.parse("3ffffffffffffff0\r\n", nullptr), 413);
}

TEST(http_limits, body_until_the_end) {
  body_parser parser({body_kind::until_close, 0}, {.body = 10});
  EXPECT_EQ(parser.parse("0123456789", nullptr).state, parse_state::need_more);
  EXPECT_EQ(parser.finish().state, parse_state::complete);
  expect_refused(parser.parse("a", nullptr), 413);
}

TEST(http_limits, lines_of_a_chunked_body) {
  const body_parser::limits bounds{.line = 8, .trailers = 16};
  const body_framing chunked{body_kind::chunked, 0};
  body_parser longest(chunked, bounds);
  EXPECT_EQ(longest.parse("1;abcde\r\n", nullptr).state, parse_state::need_more);
  body_parser longer(chunked, bounds);
  expect_refused(longer.parse("1;abcdef\r", nullptr), 400);
  body_parser trailers(chunked, bounds);
  expect_complete(trailers.parse("0\r\nA: 45678\r\nB: 45678\r\n\r\n", nullptr), 25);
  body_parser more(chunked, bounds);
  expect_refused(more.parse("0\r\nA: 45678\r\nB: 456789\r\n\r\n", nullptr), 431);
}

TEST(http_parser, fields_cost_no_allocation) {
  std::string fields;
  for (int i = 0; i < 60; ++i) fields += "X-Field: a value that is longer than a short string\r\n";
  const std::string bytes = request_with(fields);
  const std::string answer = "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
  const std::size_t before = allocations;
  request_parser of_requests;
  response_parser of_responses;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    of_requests.parse(std::string_view(bytes).substr(0, size));
  }
  of_responses.parse(answer);
  const bool found = of_requests.head().fields.lists("x-field",
                                                     "a value that is longer than a "
                                                     "short string");
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(found);
  EXPECT_EQ(of_requests.head().fields.size(), 61U);
  EXPECT_EQ(of_responses.head().fields.size(), 60U);
}

TEST(http_parser, chunks_cost_no_allocation) {
  std::string coded;
  for (int i = 0; i < 100; ++i) coded += "a\r\n0123456789\r\n";
  coded += "0\r\n\r\n";
  const std::size_t before = allocations;
  body_parser parser({body_kind::chunked, 0});
  parse_result got;
  for (std::size_t i = 0; i < coded.size(); ++i) {
    got = parser.parse(std::string_view(coded).substr(i, 1), nullptr);
  }
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(got.state, parse_state::complete);
}

TEST(http_parser, is_ready_for_the_next_message_after_reset) {
  const std::string first = request_with("A: b\r\nContent-Length: 0\r\n", "/first");
  const std::string second = "HEAD /second HTTP/1.0\r\n\r\n";
  const std::string both = first + second;
  request_parser parser;
  expect_complete(parser.parse(both), first.size());
  EXPECT_EQ(parser.head().target, "/first");
  parser.reset();
  expect_complete(parser.parse(std::string_view(both).substr(first.size())), second.size());
  EXPECT_EQ(parser.head().method, "HEAD");
  EXPECT_EQ(parser.head().target, "/second");
  EXPECT_EQ(parser.head().minor_version, 0);
  EXPECT_EQ(parser.head().fields.size(), 0U);
  EXPECT_EQ(parser.head().body.kind, body_kind::none);
}

TEST(http_parser, a_body_that_has_not_come_whole_is_no_body) {
  const auto finish_after = [](const body_framing& framing, std::string_view bytes) {
    body_parser parser(framing);
    parser.parse(bytes, nullptr);
    return parser.finish().state;
  };
  EXPECT_EQ(finish_after({body_kind::none, 0}, ""), parse_state::complete);
  EXPECT_EQ(finish_after({body_kind::until_close, 0}, "ab"), parse_state::complete);
  EXPECT_EQ(finish_after({body_kind::length, 3}, "ab"), parse_state::refused);
  const std::string coded = "2;a=b\r\nab\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < coded.size(); ++size) {
    EXPECT_EQ(finish_after({body_kind::chunked, 0}, coded.substr(0, size)), parse_state::refused)
        << size;
  }
  EXPECT_EQ(finish_after({body_kind::chunked, 0}, coded), parse_state::complete);
}

}  // namespace
}  // namespace ref::http
