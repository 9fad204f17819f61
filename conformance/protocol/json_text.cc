#include "conformance/protocol/json_text.h"

#include <fmt/core.h>

#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

namespace assay {
namespace {

using nlohmann::json;

// Characters that stand in a JSON string as they are: ASCII without controls, quote and backslash.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr auto plain = make_plain();

std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && plain[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

std::string without_prefix(const json::exception& error) {
  std::string what = error.what();
  if (const auto close = what.find("] "); close != std::string::npos) what.erase(0, close + 2);
  return what;
}

class reader {
 public:
  reader(std::string_view text, std::size_t nesting_limit) : text_(text), limit_(nesting_limit) {}

  json read() {
    json value = read_value(0);
    skip_space();
    if (at_ < text_.size()) fail("expected the end");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw malformed_line(fmt::format("not JSON: {} at byte {}", what, at_));
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  // The next character that is no white space; '\0' at the end.
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void enter(std::size_t depth) {
    if (depth >= limit_) {
      throw malformed_line(fmt::format("nested deeper than {} levels at byte {}", limit_, at_));
    }
    ++at_;
  }

  json read_value(std::size_t depth) {
    switch (const char c = peek()) {
      case '{':
        enter(depth);
        return read_object(depth + 1);
      case '[':
        enter(depth);
        return read_list(depth + 1);
      case '"':
        return read_string();
      default:
        if (std::string_view("-0123456789tfn").find(c) == std::string_view::npos || c == '\0') {
          fail("expected a value");
        }
        return read_word();
    }
  }

  json read_object(std::size_t depth) {
    json object = json::object();
    if (peek() == '}') {
      ++at_;
      return object;
    }
    for (;;) {
      if (peek() != '"') fail("expected a name in quotes");
      std::string name = read_string();
      if (peek() != ':') fail("expected ':'");
      ++at_;
      object[std::move(name)] = read_value(depth);
      const char c = peek();
      if (c != ',' && c != '}') fail("expected ',' or '}'");
      ++at_;
      if (c == '}') return object;
    }
  }

  json read_list(std::size_t depth) {
    json list = json::array();
    if (peek() == ']') {
      ++at_;
      return list;
    }
    for (;;) {
      list.push_back(read_value(depth));
      const char c = peek();
      if (c != ',' && c != ']') fail("expected ',' or ']'");
      ++at_;
      if (c == ']') return list;
    }
  }

  std::string read_string() {
    const std::size_t start = at_ + 1;
    std::size_t end = start + plain_length(text_.substr(start));
    if (end < text_.size() && text_[end] == '"') {
      at_ = end + 1;
      return std::string(text_.substr(start, end - start));
    }
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) fail("a string without an end");
    return delegate(end + 1).get<std::string>();
  }

  json read_word() {
    const auto end = text_.find_first_of(",]} \t\r\n", at_);
    return delegate(end == std::string_view::npos ? text_.size() : end);
  }

  // Leaves the text up to `end` to the general parser.
  json delegate(std::size_t end) {
    const std::string_view part = text_.substr(at_, end - at_);
    try {
      json value = json::parse(part.begin(), part.end());
      at_ = end;
      return value;
    } catch (const json::exception& error) {
      fail(without_prefix(error));
    }
  }

  std::string_view text_;
  std::size_t limit_;
  std::size_t at_ = 0;
};

void append_string(std::string& out, const std::string& text) {
  if (plain_length(text) == text.size()) {
    out += '"';
    out += text;
    out += '"';
  } else {
    out += json(text).dump();
  }
}

}  // namespace

json parse_json(std::string_view text, std::size_t nesting_limit) {
  return reader(text, nesting_limit).read();
}

void append_json(std::string& out, const json& value) {
  switch (value.type()) {
    case json::value_t::object: {
      char before = '{';
      for (const auto& [name, each] : value.get_ref<const json::object_t&>()) {
        out += before;
        append_string(out, name);
        out += ':';
        append_json(out, each);
        before = ',';
      }
      out += value.empty() ? "{}" : "}";
      break;
    }
    case json::value_t::array: {
      char before = '[';
      for (const auto& each : value) {
        out += before;
        append_json(out, each);
        before = ',';
      }
      out += value.empty() ? "[]" : "]";
      break;
    }
    case json::value_t::string:
      append_string(out, value.get_ref<const std::string&>());
      break;
    case json::value_t::number_integer:
      fmt::format_to(std::back_inserter(out), "{}", value.get<std::int64_t>());
      break;
    default:
      out += value.dump();
  }
}

}  // namespace assay
