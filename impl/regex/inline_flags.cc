#include "impl/regex/inline_flags.h"

namespace ref::detail {
namespace {

std::optional<regex_flags> flag_of(char32_t c) {
  switch (c) {
    case 'i':
      return regex_flags::ignore_case;
    case 'm':
      return regex_flags::multi_line;
    case 's':
      return regex_flags::dot_all;
    case 'x':
      return regex_flags::verbose;
    case 'a':
      return regex_flags::ascii;
    case 'u':
    case 'L':
    case 't':
      return regex_flags::none;
    default:
      return std::nullopt;
  }
}

// The next flag letter or one of the ends; the words are Python's for what stands there instead.
char32_t flag_token(tokenizer& source, const char* missing, std::string_view ends) {
  if (source.at_end()) source.fail(missing);
  const std::u32string token = source.get();
  const char32_t c = token[0];
  if (token.size() == 1 && c < 0x80 && ends.find(static_cast<char>(c)) != ends.npos) return c;
  if (token.size() == 1 && is_flag(c)) return c;
  source.fail(is_ascii_letter(c) || c >= 0x80 ? "unknown flag" : missing, token.size());
}

regex_flags without(regex_flags all, regex_flags some) {
  return static_cast<regex_flags>(static_cast<unsigned>(all) & ~static_cast<unsigned>(some));
}

// Flags that are turned on, up to what ends them.
char32_t read_added(tokenizer& source, char32_t c, inline_flags& read) {
  bool ascii = false;
  for (;;) {
    if (c == 'L') source.fail("bad inline flags: cannot use 'L' flag with a str pattern");
    read.add = read.add | *flag_of(c);
    ascii = ascii || c == 'a';
    read.unicode = read.unicode || c == 'u';
    if (ascii && read.unicode) {
      source.fail("bad inline flags: flags 'a', 'u' and 'L' are incompatible");
    }
    c = flag_token(source, "missing -, : or )", ")-:");
    if (c == ')' || c == '-' || c == ':') return c;
  }
}

// Behind the minus, up to the colon.
void read_removed(tokenizer& source, inline_flags& read) {
  for (char32_t c = flag_token(source, "missing flag", ""); c != ':';
       c = flag_token(source, "missing :", ":")) {
    if (c == 'a' || c == 'u' || c == 'L') {
      source.fail("bad inline flags: cannot turn off flags 'a', 'u' and 'L'");
    }
    read.remove = read.remove | *flag_of(c);
  }
}

}  // namespace

bool is_flag(char32_t c) { return flag_of(c).has_value(); }

regex_flags inline_flags::within(regex_flags outer) const {
  const regex_flags inner = without(outer | add, remove);
  return unicode ? without(inner, regex_flags::ascii) : inner;
}

inline_flags read_inline_flags(tokenizer& source, char32_t first) {
  inline_flags read;
  const char32_t end = first == '-' ? first : read_added(source, first, read);
  read.global = end == ')';
  if (end == '-') read_removed(source, read);
  if ((static_cast<unsigned>(read.add) & static_cast<unsigned>(read.remove)) != 0) {
    source.fail("bad inline flags: flag turned on and off", 1);
  }
  return read;
}

}  // namespace ref::detail
