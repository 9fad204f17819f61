#include "impl/regex/replacement.h"

#include <algorithm>

#include "impl/base/utf8.h"
#include "impl/regex/tokenizer.h"

namespace ref::detail {
namespace {

class template_parser {
 public:
  template_parser(std::string_view text, std::size_t groups,
                  const std::map<std::string, std::size_t>& groupindex)
      : source_(utf8::decode(text)), groups_(groups), groupindex_(groupindex) {}

  std::vector<replacement_piece> run() {
    while (!source_.at_end()) {
      std::u32string token = source_.get();
      if (token[0] != '\\') {
        literal(token[0]);
      } else if (token[1] == 'g') {
        named_group();
      } else if (is_digit(token[1])) {
        number(std::move(token));
      } else if (const auto simple = simple_escape(token[1])) {
        literal(*simple);
      } else if (is_ascii_letter(token[1])) {
        source_.fail("bad escape " + utf8::encode(token), token.size());
      } else {
        literal('\\');
        literal(token[1]);
      }
    }
    pieces_.push_back(std::move(current_));
    return std::move(pieces_);
  }

 private:
  void literal(char32_t c) { utf8::append(current_.literal, c); }

  void add_group(std::size_t index, std::size_t back) {
    if (index > groups_) {
      source_.fail("invalid group reference " + std::to_string(index), back);
    }
    current_.has_group = true;
    current_.group = index;
    pieces_.push_back(std::move(current_));
    current_ = {};
  }

  void named_group() {
    if (!source_.match('<')) source_.fail("missing <");
    const std::u32string name = source_.get_until('>', "group name");
    if (is_identifier(name)) {
      const auto found = groupindex_.find(utf8::encode(name));
      // Python raises an IndexError here, which has no position.
      if (found == groupindex_.end()) {
        throw syntax_error{"unknown group name " + quoted(name), std::nullopt};
      }
      add_group(found->second, name.size() + 1);
      return;
    }
    if (!std::all_of(name.begin(), name.end(), is_digit)) {
      source_.fail("bad character in group name " + quoted(name), name.size() + 1);
    }
    add_group(number_of(name, 10), name.size() + 1);
  }

  void number(std::u32string token) {
    constexpr const char* octal_digits = "01234567";
    if (token[1] == '0') {
      token += source_.get_while(2, octal_digits);
      literal(number_of(std::u32string_view(token).substr(1), 8) & 0xff);
      return;
    }
    if (source_.peek_is_any("0123456789")) {
      token += source_.get();
      if (is_octal(token[1]) && is_octal(token[2]) && source_.peek_is_any(octal_digits)) {
        token += source_.get();
        const std::uint32_t value = number_of(std::u32string_view(token).substr(1), 8);
        if (value > 0377) {
          source_.fail("octal escape value " + utf8::encode(token) + " outside of range 0-0o377",
                       token.size());
        }
        literal(value);
        return;
      }
    }
    add_group(number_of(std::u32string_view(token).substr(1), 10), token.size() - 1);
  }

  tokenizer source_;
  std::size_t groups_;
  const std::map<std::string, std::size_t>& groupindex_;
  std::vector<replacement_piece> pieces_;
  replacement_piece current_;
};

}  // namespace

bool is_literal_replacement(std::string_view text) {
  if (!utf8::is_valid(text)) throw std::invalid_argument("the template is not valid UTF-8");
  return text.find('\\') == std::string_view::npos;
}

std::vector<replacement_piece> parse_replacement(
    std::string_view text, std::size_t groups,
    const std::map<std::string, std::size_t>& groupindex) {
  try {
    return template_parser(text, groups, groupindex).run();
  } catch (const syntax_error& error) {
    throw template_error(error.message, error.position);
  }
}

void expand(const std::vector<replacement_piece>& pieces, const match& found, std::string& to) {
  for (const auto& piece : pieces) {
    to += piece.literal;
    if (piece.has_group) to += found.group(piece.group).value_or(std::string_view());
  }
}

}  // namespace ref::detail
