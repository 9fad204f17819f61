#include "impl/regex/tokenizer.h"

#include <utility>

#include "impl/base/utf8.h"

namespace ref::detail {

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_octal(char32_t c) { return c >= '0' && c <= '7'; }
bool is_ascii_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_identifier(std::u32string_view name) {
  if (name.empty() || is_digit(name[0])) return false;
  for (char32_t c : name) {
    if (!is_digit(c) && !is_ascii_letter(c) && c != '_' && c < 0x80) return false;
  }
  return true;
}

std::string quoted(std::u32string_view text) {
  const bool has_single = text.find(U'\'') != std::u32string_view::npos;
  const bool has_double = text.find(U'"') != std::u32string_view::npos;
  const char mark = has_single && !has_double ? '"' : '\'';
  std::string out(1, mark);
  for (char32_t c : text) {
    if (c == '\\' || c == static_cast<char32_t>(mark)) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      constexpr char digits[] = "0123456789abcdef";
      out += {'\\', 'x', digits[c / 16], digits[c % 16]};
    } else {
      utf8::append(out, c);
    }
  }
  return out + mark;
}

std::optional<char32_t> simple_escape(char32_t c) {
  switch (c) {
    case 'a':
      return U'\a';
    case 'b':
      return U'\b';
    case 'f':
      return U'\f';
    case 'n':
      return U'\n';
    case 'r':
      return U'\r';
    case 't':
      return U'\t';
    case 'v':
      return U'\v';
    case '\\':
      return U'\\';
    default:
      return std::nullopt;
  }
}

std::uint32_t number_of(std::u32string_view digits, int base) {
  std::uint64_t value = 0;
  for (char32_t c : digits) {
    const char32_t digit = is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * static_cast<std::uint64_t>(base) + digit;
    if (value > 0xffffffffu) return 0xffffffffu;
  }
  return static_cast<std::uint32_t>(value);
}

tokenizer::tokenizer(std::u32string text) : text_(std::move(text)) { advance(); }

void tokenizer::advance() {
  token_.clear();
  if (index_ >= text_.size()) return;
  token_ = text_[index_];
  ++index_;
  if (token_[0] != '\\') return;
  if (index_ >= text_.size()) {
    throw syntax_error{"bad escape (end of pattern)", text_.size() - 1};
  }
  token_ += text_[index_];
  ++index_;
}

bool tokenizer::peek_is_any(std::string_view ascii) const {
  return token_.size() == 1 && token_[0] < 0x80 &&
         ascii.find(static_cast<char>(token_[0])) != std::string_view::npos;
}

std::u32string tokenizer::get() {
  std::u32string taken = token_;
  advance();
  return taken;
}

bool tokenizer::match(char32_t c) {
  if (!peek_is(c)) return false;
  advance();
  return true;
}

std::u32string tokenizer::get_while(std::size_t most, std::string_view ascii) {
  std::u32string taken;
  while (taken.size() < most && peek_is_any(ascii)) taken += get();
  return taken;
}

std::u32string tokenizer::get_until(char32_t terminator, const std::string& name) {
  std::u32string taken;
  for (;;) {
    if (at_end()) {
      if (taken.empty()) fail("missing " + name);
      std::string mark;
      utf8::append(mark, terminator);
      fail("missing " + mark + ", unterminated name", taken.size());
    }
    const std::u32string token = get();
    if (token.size() == 1 && token[0] == terminator) {
      if (taken.empty()) fail("missing " + name, 1);
      return taken;
    }
    taken += token;
  }
}

void tokenizer::seek(std::size_t position) {
  index_ = position;
  advance();
}

void tokenizer::fail(const std::string& message, std::size_t back) const {
  throw syntax_error{message, tell() - back};
}

}  // namespace ref::detail
