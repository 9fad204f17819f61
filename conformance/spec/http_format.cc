// Writing messages.
#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "conformance/harness/actor.h"
#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

const std::string utf8_body = "gr\xc3\xbc\xc3\x9f";

// A list of pairs: a nested initializer list would be taken for a JSON object.
json fields(std::initializer_list<std::pair<const char*, const char*>> pairs) {
  json list = json::array();
  for (const auto& [name, value] : pairs) list.push_back(json::array({name, value}));
  return list;
}

std::string formatted_request(json params) {
  return from_base64(main_actor().call("http.format_request", std::move(params)).result());
}

std::string formatted_response(json params) {
  return from_base64(main_actor().call("http.format_response", std::move(params)).result());
}

// Whether the header has the line, in whatever case its name is written.
bool has_line(const std::string& message, std::string line) {
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  const std::string header = lower(message.substr(0, message.find("\r\n\r\n") + 2));
  return header.find("\r\n" + lower(std::move(line)) + "\r\n") != std::string::npos;
}

REQUIREMENT(http_format_request, line_and_fields, must,
            "a request is written as its line, its fields in order and an empty line, each ended "
            "by CRLF",
            covers("HTTP-02", "HTTP-07"), rfc(9112, "3")) {
  EXPECT_EQ(formatted_request({{"method", "GET"},
                               {"target", "/a"},
                               {"headers", fields({{"Host", "h"}, {"A", "b"}, {"A", "c"}})}}),
            "GET /a HTTP/1.1\r\nHost: h\r\nA: b\r\nA: c\r\n\r\n");
}

REQUIREMENT(http_format_request, post_body, must,
            "a request with a body carries the length of the body in bytes, and the body",
            covers("HTTP-04", "HTTP-06"), rfc(9110, "8.6"),
            erratum("The notes call the response's format that of POST; POST is a request, and its "
                    "form has a body with Content-Length.")) {
  const std::string message = formatted_request({{"method", "POST"},
                                                 {"target", "/"},
                                                 {"headers", fields({{"Host", "h"}})},
                                                 {"body", to_base64(utf8_body)}});
  EXPECT_TRUE(has_line(message, "Content-Length: 6")) << message;
  EXPECT_TRUE(message.ends_with("\r\n\r\n" + utf8_body)) << message;
}

REQUIREMENT(http_format_request, refuses_injection, must,
            "a method, target or field that would break out of its place is a ValueError",
            rfc(9110, "5.5")) {
  const auto with = [](const char* method, const char* target, json headers) {
    return main_actor().call("http.format_request",
                             {{"method", method}, {"target", target}, {"headers", headers}});
  };
  const json host = fields({{"Host", "h"}});
  EXPECT_THAT(with("GET / HTTP/1.1\r\nA:", "/", host), raised("ValueError"));
  EXPECT_THAT(with("GET", "/ HTTP/1.1\r\nA: b", host), raised("ValueError"));
  EXPECT_THAT(with("GET", "/", fields({{"A", "b\r\nC: d"}})), raised("ValueError"));
  EXPECT_THAT(with("GET", "/", fields({{"A\r\nB", "c"}})), raised("ValueError"));
  EXPECT_THAT(with("GET", "/", fields({{"A", "b\nC: d"}})), raised("ValueError"));
}

REQUIREMENT(http_format_response, status_line, must,
            "a response starts with its version, status and reason; the standard reason by default",
            covers("HTTP-03"), rfc(9112, "4")) {
  EXPECT_TRUE(formatted_response({{"status", 200}}).starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(formatted_response({{"status", 404}}).starts_with("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_TRUE(formatted_response({{"status", 299}, {"reason", "So so"}})
                  .starts_with("HTTP/1.1 299 So so\r\n"));
}

REQUIREMENT(http_format_response, content_length, must,
            "a response carries the length of its body in bytes, an empty one too",
            covers("HTTP-06"), rfc(9110, "8.6")) {
  const std::string full =
      formatted_response({{"status", 200},
                          {"headers", fields({{"Content-Type", "text/plain"}})},
                          {"body", to_base64(utf8_body)}});
  EXPECT_TRUE(has_line(full, "Content-Length: 6")) << full;
  EXPECT_TRUE(has_line(full, "Content-Type: text/plain")) << full;
  EXPECT_TRUE(full.ends_with("\r\n\r\n" + utf8_body)) << full;
  const std::string empty = formatted_response({{"status", 200}});
  EXPECT_TRUE(has_line(empty, "Content-Length: 0")) << empty;
}

REQUIREMENT(http_format_response, no_length_without_body, must,
            "1xx and 204 carry neither Content-Length nor body", rfc(9110, "8.6")) {
  for (const int status : {100, 103, 204}) {
    const std::string message = formatted_response({{"status", status}});
    EXPECT_FALSE(has_line(message, "Content-Length: 0")) << message;
    EXPECT_TRUE(message.ends_with("\r\n\r\n")) << message;
  }
}

REQUIREMENT(http_format_response, refuses_injection, must,
            "a reason or field that would break out of its line is a ValueError",
            rfc(9110, "5.5")) {
  const auto call = [](json params) {
    return main_actor().call("http.format_response", std::move(params));
  };
  EXPECT_THAT(call({{"status", 200}, {"reason", "OK\r\nA: b"}}), raised("ValueError"));
  EXPECT_THAT(call({{"status", 200}, {"headers", fields({{"A", "b\r\n\r\nc"}})}}),
              raised("ValueError"));
  EXPECT_THAT(call({{"status", 200}, {"headers", fields({{"A: b\r\nC", "d"}})}}),
              raised("ValueError"));
}

REQUIREMENT(http_format_request, parses_back, must, "what is written parses back to what was given",
            rfc(9112, "2.1")) {
  const json headers = fields({{"Host", "h"}, {"A", "b c"}, {"Content-Length", "3"}});
  const std::string message = formatted_request(
      {{"method", "PUT"}, {"target", "/x?y"}, {"headers", headers}, {"body", to_base64("a\r\n")}});
  const json back =
      main_actor().call("http.parse_request", {{"bytes", to_base64(message)}}).result();
  EXPECT_EQ(back["method"], "PUT");
  EXPECT_EQ(back["target"], "/x?y");
  EXPECT_EQ(back["headers"], headers);
  EXPECT_EQ(from_base64(back["body"]), "a\r\n");
}

}  // namespace
}  // namespace assay
