// What it costs to parse and to write HTTP/1.1 messages that are in memory.
//
// Shows: one core, whole messages, in the cache. Does not show: reading them from a socket, or
// messages that come in pieces. The floor looks for the line feeds and colons and nothing else: it
// checks no byte and understands nothing.
#include <benchmark/benchmark.h>

#include <boost/beast/http.hpp>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bench/rows.h"
#include "bench/testees.h"
#include "impl/http/parser.h"
#include "impl/http/writer.h"

namespace assay::bench {
namespace {

namespace beast = boost::beast::http;

const std::string small_request = "GET /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n";

const std::string browser_request =
    "GET /articles/2026/11/how-a-queue-waits.html?page=2 HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: zh-CN,zh;q=0.8,en-US;q=0.5,en;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Connection: keep-alive\r\n"
    "Referer: https://www.example.org/articles/2026/11/\r\n"
    "Cookie: session=5f2d9c1b7a6e4f08; theme=dark; seen=1,2,3,5,8,13,21,34,55,89\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "If-Modified-Since: Sun, 22 Nov 2026 10:00:00 GMT\r\n\r\n";

std::string chunked_request() {
  std::string all = "POST /form HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 16; ++i) all += "400\r\n" + std::string(1024, 'x') + "\r\n";
  return all + "0\r\n\r\n";
}

// What a parser made of its input: as many messages, fields and body bytes as there are.
struct parsed {
  std::size_t messages = 0;
  std::size_t fields = 0;
  std::size_t body = 0;
  bool operator==(const parsed&) const = default;
};

// The parser and the body's buffer are kept from message to message, as a connection keeps them;
// Beast's parser is made for one message.
parsed parse_by_reference(std::string_view bytes) {
  static ref::http::request_parser parser;
  static std::string body;
  parsed all;
  while (!bytes.empty()) {
    const auto head = parser.parse(bytes);
    if (head.state != ref::http::parse_state::complete) return {};
    bytes.remove_prefix(head.consumed);
    ++all.messages;
    all.fields += parser.head().fields.size();
    if (parser.head().body.kind != ref::http::body_kind::none) {
      body.clear();
      ref::http::body_parser rest(parser.head().body);
      const auto got = rest.parse(bytes, &body);
      if (got.state != ref::http::parse_state::complete) return {};
      bytes.remove_prefix(got.consumed);
      all.body += body.size();
    }
    parser.reset();
  }
  return all;
}

parsed parse_by_beast(std::string_view bytes) {
  parsed all;
  while (!bytes.empty()) {
    beast::request_parser<beast::string_body> parser;
    parser.eager(true);
    boost::system::error_code error;
    bytes.remove_prefix(parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error));
    if (error || !parser.is_done()) return {};
    ++all.messages;
    for (const auto& field : parser.get()) {
      benchmark::DoNotOptimize(&field);
      ++all.fields;
    }
    all.body += parser.get().body().size();
  }
  return all;
}

// Lines and colons of heads alone; for messages without a body.
parsed find_lines(std::string_view bytes) {
  parsed all;
  while (!bytes.empty()) {
    const auto* end = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
    if (end == nullptr) return {};
    const auto size = static_cast<std::size_t>(end - bytes.data()) + 1;
    if (size == 2) {
      ++all.messages;
    } else if (std::memchr(bytes.data(), ':', size) != nullptr) {
      ++all.fields;
    }
    bytes.remove_prefix(size);
  }
  return all;
}

struct input {
  std::string name;
  std::string shows;
  std::string bytes;
  parsed expected;
};

void parse(benchmark::State& state, const input& of, parsed (*by)(std::string_view)) {
  if (by(of.bytes) != of.expected) return state.SkipWithError("a wrong answer");
  for (auto _ : state) benchmark::DoNotOptimize(by(of.bytes));
  state.SetBytesProcessed(static_cast<std::int64_t>(of.bytes.size()) * state.iterations());
  state.SetLabel(of.shows);
}

// ---- writing ------------------------------------------------------------------------------------

const std::string written =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\n"
    "ETag: \"5f2d9c1b-400\"\r\nContent-Length: 5\r\n\r\nhello";

std::string write_by_reference() {
  static const ref::http::header_list fields = {{"Content-Type", "text/html"},
                                                {"Date", "Mon, 23 Nov 2026 10:00:00 GMT"},
                                                {"ETag", "\"5f2d9c1b-400\""}};
  return ref::http::format_response(200, fields, "hello");
}

// By the serializer's buffers, put together into one string as the reference does.
std::string write_by_beast() {
  beast::response<beast::string_body> response(beast::status::ok, 11);
  response.set(beast::field::content_type, "text/html");
  response.set(beast::field::date, "Mon, 23 Nov 2026 10:00:00 GMT");
  response.set(beast::field::etag, "\"5f2d9c1b-400\"");
  response.body() = "hello";
  response.prepare_payload();
  beast::response_serializer<beast::string_body> serializer(response);
  std::string out;
  boost::system::error_code error;
  while (!serializer.is_done()) {
    serializer.next(error, [&](boost::system::error_code&, const auto& buffers) {
      std::size_t size = 0;
      for (const auto each : boost::beast::buffers_range_ref(buffers)) {
        out.append(static_cast<const char*>(each.data()), each.size());
        size += each.size();
      }
      serializer.consume(size);
    });
  }
  return out;
}

// The parts, without any check of what they hold.
std::string write_by_hand() {
  std::string out;
  out.reserve(written.size());
  for (const char* part : {"HTTP/1.1 200 OK\r\n", "Content-Type: ", "text/html", "\r\n", "Date: ",
                           "Mon, 23 Nov 2026 10:00:00 GMT", "\r\n", "ETag: ", "\"5f2d9c1b-400\"",
                           "\r\n", "Content-Length: ", "5", "\r\n\r\n", "hello"}) {
    out += part;
  }
  return out;
}

void write_response(benchmark::State& state, std::string (*by)()) {
  if (by() != written) return state.SkipWithError("another message");
  for (auto _ : state) benchmark::DoNotOptimize(by());
  state.SetBytesProcessed(static_cast<std::int64_t>(written.size()) * state.iterations());
  state.SetLabel("a response with four fields and a body of five bytes, into one string");
}

std::vector<input> inputs() {
  std::string pipeline;
  for (int i = 0; i < 32; ++i) pipeline += browser_request;
  return {
      {"parse a small GET",
       "45 bytes with one field: what a message costs at least",
       small_request,
       {1, 1, 0}},
      {"parse a browser's GET", "twelve fields, some of them long", browser_request, {1, 12, 0}},
      {"parse a pipeline of 32",
       "32 requests of a browser, one behind the other",
       pipeline,
       {32, 384, 0}},
      {"parse a chunked POST",
       "a body of 16 KiB in sixteen chunks, put together",
       chunked_request(),
       {1, 2, 16384}}};
}

void add_rows() {
  for (const auto& of : inputs()) {
    const std::string name = "http/" + of.name + "/";
    benchmark::RegisterBenchmark((name + "reference").c_str(), parse, of, parse_by_reference);
    benchmark::RegisterBenchmark((name + "Boost.Beast").c_str(), parse, of, parse_by_beast);
    if (of.expected.body == 0) {
      benchmark::RegisterBenchmark((name + "floor memchr").c_str(), parse, of, find_lines);
    }
  }
  const std::string writing = "http/write a response/";
  benchmark::RegisterBenchmark((writing + "reference").c_str(), write_response, write_by_reference);
  benchmark::RegisterBenchmark((writing + "Boost.Beast").c_str(), write_response, write_by_beast);
  benchmark::RegisterBenchmark((writing + "floor by hand").c_str(), write_response, write_by_hand);
  add_testees("http");
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
