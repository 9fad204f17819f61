#include "impl/http/message.h"

#include <algorithm>

#include "impl/http/characters.h"

namespace ref::http {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && detail::all_of_class(text, detail::token_byte);
}

bool is_field_value(std::string_view text) {
  return detail::all_of_class(text, detail::value_byte);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool field_list::add(field one) {
  if (size_ == most) return false;
  fields_[size_++] = one;
  return true;
}

std::optional<std::string_view> field_list::find(std::string_view name) const {
  for (const field& each : *this) {
    if (equal_ignoring_case(each.name, name)) return each.value;
  }
  return std::nullopt;
}

std::size_t field_list::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      begin(), end(), [&](const field& each) { return equal_ignoring_case(each.name, name); }));
}

bool field_list::lists(std::string_view name, std::string_view element) const {
  for (const field& each : *this) {
    if (!equal_ignoring_case(each.name, name)) continue;
    std::string_view rest = each.value;
    for (;;) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), element)) return true;
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

}  // namespace ref::http
