// Walks a pattern or a template as Python's tokenizer does: a backslash and what follows are one
// token, and positions count code points.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ref::detail {

/// What is wrong, at which code point; becomes a pattern_error or a template_error.
struct syntax_error {
  std::string message;
  std::optional<std::size_t> position;
};

class tokenizer {
 public:
  /// Throws syntax_error for a lone backslash at the end, here or when one is reached.
  explicit tokenizer(std::u32string text);

  bool at_end() const { return token_.empty(); }
  /// The token ahead, empty at the end.
  const std::u32string& peek() const { return token_; }
  bool peek_is(char32_t c) const { return token_.size() == 1 && token_[0] == c; }
  bool peek_is_any(std::string_view ascii) const;
  std::u32string get();
  /// Takes the token ahead if it is this one.
  bool match(char32_t c);
  /// At most so many tokens, all of the set.
  std::u32string get_while(std::size_t most, std::string_view ascii);
  /// All tokens up to the terminator, which is taken too. `name` says what is missing otherwise.
  std::u32string get_until(char32_t terminator, const std::string& name);
  /// Where the token ahead starts.
  std::size_t tell() const { return index_ - token_.size(); }
  void seek(std::size_t position);

  /// Throws: the position lies `back` code points before the token ahead.
  [[noreturn]] void fail(const std::string& message, std::size_t back = 0) const;

  std::size_t size() const { return text_.size(); }

 private:
  void advance();

  std::u32string text_;
  std::size_t index_ = 0;
  std::u32string token_;
};

bool is_digit(char32_t c);
bool is_octal(char32_t c);
bool is_ascii_letter(char32_t c);
bool is_identifier(std::u32string_view name);
/// As Python's repr shows a text.
std::string quoted(std::u32string_view text);
/// What \a \b \f \n \r \t \v and \\ stand for.
std::optional<char32_t> simple_escape(char32_t c);
std::uint32_t number_of(std::u32string_view digits, int base);

}  // namespace ref::detail
