#include "impl/http/parser.h"

#include <algorithm>
#include <cstring>
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
  const std::size_t size = detail::span_of_class(text, detail::host_byte);
  if (size == text.size()) return true;
  return size > 0 && text[size] == ':' && is_port(text.substr(size + 1));
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

// Goes on with what another field of the name has said.
void add_codings(std::string_view list, coding& seen) {
  seen.has_any = true;
  for (;;) {
    const auto comma = list.find(',');
    const std::string_view one = trimmed(list.substr(0, comma));
    // chunked must be the last, and applied once.
    if (seen.ends_chunked || one.empty()) seen.is_bad = true;
    if (equal_ignoring_case(one, "chunked")) {
      seen.ends_chunked = true;
    } else {
      seen.has_others = true;
    }
    if (comma == list.npos) break;
    list.remove_prefix(comma + 1);
  }
}

// Of a field whose name is as long.
template <std::size_t size>
bool is_named(const field& one, const char (&name)[size]) {
  return std::memcmp(one.name.data(), name, size - 1) == 0 || equal_ignoring_case(one.name, name);
}

// The fields that a head is checked for, found in one pass.
struct vital_fields {
  explicit vital_fields(const field_list& fields) {
    for (const field& each : fields) {
      switch (each.name.size()) {
        case 4:
          if (is_named(each, "Host") && hosts++ == 0) host = each.value;
          break;
        case 14:
          if (is_named(each, "Content-Length") && lengths++ == 0) length = each.value;
          break;
        case 17:
          if (is_named(each, "Transfer-Encoding")) add_codings(each.value, transfer);
          break;
        default:
          break;
      }
    }
  }

  std::size_t hosts = 0;
  std::string_view host;  // the first
  std::size_t lengths = 0;
  std::string_view length;  // likewise
  coding transfer;
};

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
parse_result read_framing(const vital_fields& fields, int minor_version, body_framing& body) {
  const coding& transfer = fields.transfer;
  if (transfer.has_any) {
    if (minor_version == 0) return refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (fields.lengths > 0) return refuse(400, "both Transfer-Encoding and Content-Length");
    if (transfer.is_bad) return refuse(400, "a bad list of transfer codings");
    body.kind = transfer.ends_chunked ? body_kind::chunked : body_kind::until_close;
    if (transfer.has_others) return refuse(501, "an unknown transfer coding");
    return {};
  }
  if (fields.lengths > 1) return refuse(400, "more than one Content-Length");
  if (fields.lengths == 1) {
    const auto length = content_length(fields.length);
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
  const std::size_t first = detail::span_of_class(line, detail::token_byte);
  if (first == 0 || first == line.size() || line[first] != ' ') {
    return refuse(400, line.find(' ') == line.npos ? "a request line without a space"
                                                   : "a method that is no token");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view rest = line.substr(first + 1);
  const std::string_view target = rest.substr(0, detail::span_of_class(rest, detail::target_byte));
  const std::size_t second = first + 1 + target.size();
  if (target.empty() || second == line.size() || line[second] != ' ') {
    return refuse(400, rest.find(' ') == rest.npos ? "a request line without a version"
                                                   : "a malformed request target");
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
  const vital_fields fields(head_.fields);
  if (fields.hosts > 1) return refuse(400, "more than one Host");
  if (fields.hosts == 0 && head_.minor_version > 0) return refuse(400, "no Host");
  if (fields.hosts == 1 && !is_host(fields.host)) return refuse(400, "a malformed Host");
  head_.body = {};
  const parse_result framing = read_framing(fields, head_.minor_version, head_.body);
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
  const vital_fields fields(head_.fields);
  const parse_result got = read_framing(fields, head_.minor_version, framing);
  if (got.state == parse_state::refused) return got;
  if (has_body) head_.body = framing;
  return {};
}

}  // namespace ref::http
