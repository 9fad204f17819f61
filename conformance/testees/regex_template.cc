#include "conformance/testees/regex_template.h"

#include <charconv>
#include <string_view>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/testees/text.h"

namespace assay::testees {
namespace {

class template_parser {
 public:
  template_parser(const std::u32string& text, int groups, const std::map<std::string, int>& names)
      : text_(text), groups_(groups), names_(names) {}

  std::vector<template_piece> parse() {
    while (at_ < text_.size()) {
      if (text_[at_] == U'\\') {
        escape();
      } else {
        literal_ += text_[at_++];
      }
    }
    flush();
    return std::move(pieces_);
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::size_t position) const {
    throw sdk::raised("TemplateError", what).at(static_cast<std::int64_t>(position));
  }

  static bool is_digit(char32_t point) { return point >= U'0' && point <= U'9'; }

  void flush() {
    if (!literal_.empty()) pieces_.push_back({std::move(literal_), -1});
    literal_.clear();
  }

  void group(int number, std::size_t position) {
    if (number > groups_) fail("invalid group reference " + std::to_string(number), position);
    flush();
    pieces_.push_back({{}, number});
  }

  // \0 with up to two digits, or three digits, is a code point in octal.
  bool octal(char32_t first) {
    const auto digit = [this](std::size_t at) {
      return at < text_.size() && text_[at] >= U'0' && text_[at] <= U'7' ? 1 : 0;
    };
    const int more = digit(at_) == 0 ? 0 : 1 + digit(at_ + 1);
    if (first != U'0' && (first > U'3' || first < U'1' || more < 2)) return false;
    char32_t value = first - U'0';
    for (int i = 0; i < more; ++i) value = value * 8 + (text_[at_++] - U'0');
    literal_ += value;
    return true;
  }

  void escape() {
    const std::size_t start = at_++;
    if (at_ == text_.size()) fail("bad escape (end of pattern)", start);
    const char32_t point = text_[at_++];
    if (point == U'g') return named(start);
    if (octal(point)) return;
    if (point >= U'1' && point <= U'9') {
      int number = static_cast<int>(point - U'0');
      if (at_ < text_.size() && is_digit(text_[at_])) {
        number = number * 10 + static_cast<int>(text_[at_++] - U'0');
      }
      return group(number, start + 1);
    }
    constexpr std::u32string_view letters = U"abfnrtv\\";
    constexpr std::u32string_view meanings = U"\a\b\f\n\r\t\v\\";
    const auto known = letters.find(point);
    if (known != letters.npos) {
      literal_ += meanings[known];
    } else if ((point >= U'a' && point <= U'z') || (point >= U'A' && point <= U'Z')) {
      fail("bad escape \\" + to_utf8({&point, 1}), start);
    } else {
      literal_ += {U'\\', point};
    }
  }

  void named(std::size_t start) {
    if (at_ == text_.size() || text_[at_] != U'<') fail("missing <", at_);
    const std::size_t begin = ++at_;
    const std::size_t end = text_.find(U'>', begin);
    if (end == text_.npos) fail("missing >, unterminated name", begin);
    if (end == begin) fail("missing group name", begin);
    at_ = end + 1;
    const std::string name = to_utf8(std::u32string_view(text_).substr(begin, end - begin));
    int number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ec == std::errc() && read.ptr == name.data() + name.size()) {
      return group(number, begin);
    }
    if (name.front() >= '0' && name.front() <= '9') fail("bad character in group name", begin);
    const auto known = names_.find(name);
    if (known == names_.end()) fail("unknown group name '" + name + "'", start);
    group(known->second, begin);
  }

  const std::u32string& text_;
  int groups_;
  const std::map<std::string, int>& names_;
  std::size_t at_ = 0;
  std::u32string literal_;
  std::vector<template_piece> pieces_;
};

}  // namespace

std::vector<template_piece> parse_template(const std::u32string& text, int groups,
                                           const std::map<std::string, int>& names) {
  return template_parser(text, groups, names).parse();
}

}  // namespace assay::testees
