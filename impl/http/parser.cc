#include "impl/http/parser.h"

#include <algorithm>
#include <optional>

#include "impl/http/characters.h"

namespace ref::http {
namespace {

parse_result refuse(int status, const char* why) { return {parse_state::refused, 0, status, why}; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The minor version of "HTTP/1.x"; what is wrong otherwise.
parse_result read_version(std::string_view text, int& minor) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' ||
      !is_digit(text[7])) {
    return refuse(400, "a malformed HTTP version");
  }
  if (text[5] != '1') return refuse(505, "an HTTP version other than 1");
  minor = text[7] - '0';
  return {};
}

bool is_scheme(std::string_view text) {
  return !text.empty() && !is_digit(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' ||
           c == '-' || c == '.';
  });
}

bool is_port(std::string_view text) {
  return detail::all_of_class(text, detail::digit_byte) && text.size() <= 5;
}

// Between brackets there are colons as well.
bool is_ip_literal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == ':' || c == '[' || c == ']' || detail::all_of_class({&c, 1}, detail::host_byte);
  });
}

// A host and perhaps a port: RFC 3986, section 3.2, without user information.
bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos || !is_ip_literal(text.substr(0, close))) return false;
    const std::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest[0] == ':' && is_port(rest.substr(1)));
  }
  const auto colon = text.find(':');
  if (!detail::all_of_class(text.substr(0, colon), detail::host_byte)) return false;
  return colon == text.npos || (colon > 0 && is_port(text.substr(colon + 1)));
}

bool is_target_for(std::string_view method, std::string_view target) {
  if (method == "CONNECT") {
    return is_host(target) && target.find(':') != target.npos;
  }
  if (target == "*") return method == "OPTIONS";
  if (target.starts_with('/')) return true;
  const auto colon = target.find("://");
  return colon != target.npos && is_scheme(target.substr(0, colon)) && target.size() > colon + 3 &&
         target[colon + 3] != '/';
}

struct coding {
  bool has_any = false;
  bool ends_chunked = false;
  bool has_others = false;
  bool is_bad = false;
};

coding transfer_coding(const field_list& fields) {
  coding seen;
  for (const field& each : fields) {
    if (!equal_ignoring_case(each.name, "Transfer-Encoding")) continue;
    seen.has_any = true;
    std::string_view rest = each.value;
    for (;;) {
      const auto comma = rest.find(',');
      const std::string_view one = trimmed(rest.substr(0, comma));
      // chunked must be the last, and applied once.
      if (seen.ends_chunked || one.empty()) seen.is_bad = true;
      if (equal_ignoring_case(one, "chunked")) {
        seen.ends_chunked = true;
      } else {
        seen.has_others = true;
      }
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return seen;
}

// nullopt for what is no length: RFC 9110, section 8.6.
std::optional<std::uint64_t> content_length(std::string_view text) {
  constexpr std::size_t most_digits = 18;
  if (text.empty() || !detail::all_of_class(text, detail::digit_byte)) return std::nullopt;
  while (text.size() > 1 && text[0] == '0') text.remove_prefix(1);
  if (text.size() > most_digits) return std::nullopt;
  std::uint64_t value = 0;
  for (char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

// What is alike for requests and responses: RFC 9112, section 6.3.
parse_result read_framing(const field_list& fields, int minor_version, body_framing& body) {
  const coding transfer = transfer_coding(fields);
  const std::size_t lengths = fields.count("Content-Length");
  if (transfer.has_any) {
    if (minor_version == 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (lengths > 0) return refuse(400, "both Transfer-Encoding and Content-Length");
    if (transfer.is_bad) return refuse(400, "a bad list of transfer codings");
    body.kind = transfer.ends_chunked ? body_kind::chunked : body_kind::until_close;
    if (transfer.has_others) return refuse(501, "an unknown transfer coding");
    return {};
  }
  if (lengths > 1) return refuse(400, "more than one Content-Length");
  if (lengths == 1) {
    const auto length = content_length(*fields.find("Content-Length"));
    if (!length) return refuse(400, "a Content-Length that is no length");
    body = {body_kind::length, *length};
  }
  return {};
}

}  // namespace

void request_parser::reset() {
  restart();
  head_.fields.clear();
}

parse_result request_parser::check_first_line(std::string_view line) {
  const auto first = line.find(' ');
  if (first == line.npos) return refuse(400, "a request line without a space");
  const std::string_view method = line.substr(0, first);
  if (!is_token(method)) return refuse(400, "a method that is no token");
  const auto second = line.find(' ', first + 1);
  if (second == line.npos) return refuse(400, "a request line without a version");
  const std::string_view target = line.substr(first + 1, second - first - 1);
  if (target.empty() || !detail::all_of_class(target, detail::target_byte)) {
    return refuse(400, "a malformed request target");
  }
  const parse_result version = read_version(line.substr(second + 1), head_.minor_version);
  if (version.state == parse_state::refused) return version;
  if (!is_target_for(method, target)) return refuse(400, "a request target of no known form");
  const auto begin = first_line_.begin;
  method_ = {begin, begin + static_cast<std::uint32_t>(first)};
  target_ = {begin + static_cast<std::uint32_t>(first + 1),
             begin + static_cast<std::uint32_t>(second)};
  return {};
}

parse_result request_parser::parse(std::string_view bytes) {
  const parse_result got = read_lines(bytes);
  if (got.state != parse_state::complete) return got;
  head_.method = at(bytes, method_);
  head_.target = at(bytes, target_);
  fill(bytes, head_.fields);
  const parse_result checked = check_fields();
  return checked.state == parse_state::refused ? checked : got;
}

parse_result request_parser::check_fields() {
  const std::size_t hosts = head_.fields.count("Host");
  if (hosts > 1) return refuse(400, "more than one Host");
  if (hosts == 0 && head_.minor_version > 0) return refuse(400, "no Host");
  if (hosts == 1 && !is_host(*head_.fields.find("Host"))) return refuse(400, "a malformed Host");
  head_.body = {};
  const parse_result framing = read_framing(head_.fields, head_.minor_version, head_.body);
  if (head_.body.kind == body_kind::until_close) {
    return refuse(400, "a request whose transfer coding does not end in chunked");
  }
  return framing;
}

parse_result response_parser::check_first_line(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos) return refuse(400, "a status line without a status");
  const parse_result version = read_version(line.substr(0, space), head_.minor_version);
  if (version.state == parse_state::refused) return version;
  const std::string_view rest = line.substr(space + 1);
  const bool has_status = rest.size() >= 3 && is_digit(rest[0]) && is_digit(rest[1]) &&
                          is_digit(rest[2]) && rest[0] != '0' &&
                          (rest.size() == 3 || rest[3] == ' ');
  if (!has_status) return refuse(400, "a malformed status code");
  head_.status = (rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0');
  const std::string_view reason = rest.substr(std::min<std::size_t>(4, rest.size()));
  if (!is_field_value(reason)) return refuse(400, "a control character in the reason phrase");
  reason_ = {first_line_.end - static_cast<std::uint32_t>(reason.size()), first_line_.end};
  return {};
}

parse_result response_parser::parse(std::string_view bytes) {
  const parse_result got = read_lines(bytes);
  if (got.state != parse_state::complete) return got;
  head_.reason = at(bytes, reason_);
  fill(bytes, head_.fields);
  const parse_result checked = check_fields();
  return checked.state == parse_state::refused ? checked : got;
}

parse_result response_parser::check_fields() {
  head_.body = {};
  const bool has_body =
      !answers_head_ && head_.status >= 200 && head_.status != 204 && head_.status != 304;
  body_framing framing;
  framing.kind = body_kind::until_close;
  const parse_result got = read_framing(head_.fields, head_.minor_version, framing);
  if (got.state == parse_state::refused) return got;
  if (has_body) head_.body = framing;
  return {};
}

}  // namespace ref::http
