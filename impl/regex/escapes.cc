#include "impl/regex/escapes.h"

#include "impl/base/utf8.h"

namespace ref::detail {
namespace {

constexpr const char* octal_digits = "01234567";
constexpr const char* hex_digits = "0123456789abcdefABCDEF";

[[noreturn]] void bad(const tokenizer& source, const std::u32string& token) {
  source.fail("bad escape " + utf8::encode(token), token.size());
}

// \x, \u and \U with exactly so many digits.
char32_t hex_escape(tokenizer& source, std::u32string token, std::size_t digits) {
  token += source.get_while(digits, hex_digits);
  if (token.size() != digits + 2) {
    source.fail("incomplete escape " + utf8::encode(token), token.size());
  }
  const std::uint32_t value = number_of(std::u32string_view(token).substr(2), 16);
  if (value > 0x10ffff) bad(source, token);
  return value;
}

char32_t checked_octal(const tokenizer& source, const std::u32string& token) {
  const std::uint32_t value = number_of(std::u32string_view(token).substr(1), 8);
  if (value > 0377) {
    source.fail("octal escape value " + utf8::encode(token) + " outside of range 0-0o377",
                token.size());
  }
  return value;
}

[[noreturn]] void fail_named(tokenizer& source) {
  if (!source.match('{')) source.fail("missing {");
  const std::u32string name = source.get_until('}', "character name");
  source.fail("undefined character name " + quoted(name), name.size() + 4);
}

// What is alike inside and outside of sets: \x \u \U \N and letters and signs that stand for
// themselves or for nothing.
char32_t common_escape(tokenizer& source, const std::u32string& token) {
  switch (token[1]) {
    case 'x':
      return hex_escape(source, token, 2);
    case 'u':
      return hex_escape(source, token, 4);
    case 'U':
      return hex_escape(source, token, 8);
    case 'N':
      fail_named(source);
    default:
      break;
  }
  if (is_ascii_letter(token[1]) || is_digit(token[1])) bad(source, token);
  return token[1];
}

bool is_category(char32_t c) {
  return c == 'd' || c == 'D' || c == 's' || c == 'S' || c == 'w' || c == 'W';
}

std::optional<anchor> anchor_of(char32_t c) {
  switch (c) {
    case 'A':
      return anchor::begin;
    case 'Z':
      return anchor::absolute_end;
    case 'b':
      return anchor::boundary;
    case 'B':
      return anchor::no_boundary;
    default:
      return std::nullopt;
  }
}

// An octal escape or a reference: \1, \12, \123.
std::unique_ptr<node> parse_number(tokenizer& source, std::u32string token,
                                   const parser_state& state) {
  auto literal = make_node(state, node_kind::literal);
  if (token[1] == '0') {
    token += source.get_while(2, octal_digits);
    literal->code_point = number_of(std::u32string_view(token).substr(1), 8);
    return literal;
  }
  if (source.peek_is_any("0123456789")) {
    token += source.get();
    if (is_octal(token[1]) && is_octal(token[2]) && source.peek_is_any(octal_digits)) {
      token += source.get();
      literal->code_point = checked_octal(source, token);
      return literal;
    }
  }
  const std::uint32_t group = number_of(std::u32string_view(token).substr(1), 10);
  if (group >= state.closed.size()) {
    source.fail("invalid group reference " + std::to_string(group), token.size() - 1);
  }
  if (!state.closed[group]) source.fail("cannot refer to an open group", token.size());
  check_look_behind(source, state, group);
  auto made = make_node(state, node_kind::reference);
  made->index = group;
  return made;
}

}  // namespace

std::unique_ptr<node> make_node(const parser_state& state, node_kind kind) {
  auto made = std::make_unique<node>();
  made->kind = kind;
  made->ignore_case = has(state.flags, regex_flags::ignore_case);
  made->ascii = has(state.flags, regex_flags::ascii);
  return made;
}

void check_look_behind(const tokenizer& source, const parser_state& state, std::size_t group) {
  if (!state.look_behind_groups) return;
  if (group >= state.closed.size() || !state.closed[group]) {
    source.fail("cannot refer to an open group");
  }
  if (group >= *state.look_behind_groups) {
    source.fail("cannot refer to group defined in the same lookbehind subpattern");
  }
}

std::unique_ptr<node> parse_escape(tokenizer& source, std::u32string token,
                                   const parser_state& state) {
  const char32_t c = token[1];
  if (const auto where = anchor_of(c)) {
    auto made = make_node(state, node_kind::at);
    made->where = *where;
    return made;
  }
  if (is_category(c)) {
    auto made = make_node(state, node_kind::set);
    made->items.push_back({static_cast<char>(c), 0, 0});
    return made;
  }
  if (is_digit(c)) return parse_number(source, std::move(token), state);
  auto made = make_node(state, node_kind::literal);
  const auto simple = simple_escape(c);
  made->code_point = simple ? *simple : common_escape(source, token);
  return made;
}

set_item parse_set_escape(tokenizer& source, std::u32string token) {
  const char32_t c = token[1];
  if (is_category(c)) return {static_cast<char>(c), 0, 0};
  if (const auto simple = simple_escape(c)) return {0, *simple, *simple};
  if (is_octal(c)) {
    token += source.get_while(2, octal_digits);
    const char32_t value = checked_octal(source, token);
    return {0, value, value};
  }
  const char32_t value = common_escape(source, token);
  return {0, value, value};
}

}  // namespace ref::detail
