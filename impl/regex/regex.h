// Regular expressions as Python 3.11's `re` understands them, for text in UTF-8.
//
//   ref::regex tag(R"(<(?P<name>\w+)>.*</(?P=name)>)");
//   if (auto m = tag.search(page)) use(m->group("name"));
//   ref::regex(R"(\d+)").sub("<\\g<0>>", "1 22");          // {"<1> <22>", 2}
//
// Two engines stand behind it. PCRE2 with its JIT compiler answers first, with a budget of work
// that is linear in the text; when that is spent, RE2 answers in linear time. A pattern that RE2
// cannot express (backreferences, look-around, …) then raises `limit_exceeded`. Which engine
// answers is not visible in the answers; `engine()` tells.
//
// Differences from CPython: \N{name} knows no names; a repetition of more than 65,535 is an error
// unless it means "any number"; case-insensitive matching uses PCRE2's tables (Unicode 14).
//
// A compiled pattern is immutable: threads may share it, a fork inherits it. Spans are in code
// points, as in Python; `byte_span` gives offsets into the UTF-8 text. Source: the notes' chapter
// on regular expressions; Python's documentation of `re`.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impl/regex/group_offsets.h"

namespace ref {

/// A pattern that does not compile: Python's message, and where in the pattern, in code points.
class pattern_error : public std::runtime_error {
 public:
  pattern_error(const std::string& message, std::optional<std::size_t> position)
      : std::runtime_error(message), position_(position) {}
  /// Absent for the few errors that Python gives no position either.
  std::optional<std::size_t> position() const { return position_; }

 private:
  std::optional<std::size_t> position_;
};

/// A replacement template that is wrong; the position counts code points of the template.
class template_error : public pattern_error {
  using pattern_error::pattern_error;
};

/// The budget of work or memory was spent and no linear-time answer exists.
class limit_exceeded : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class regex_flags : unsigned {
  none = 0,
  ascii = 1,        ///< re.ASCII: \w \d \s \b and case are those of ASCII
  ignore_case = 2,  ///< re.IGNORECASE
  multi_line = 4,   ///< re.MULTILINE
  dot_all = 8,      ///< re.DOTALL
  verbose = 16,     ///< re.VERBOSE
};

constexpr regex_flags operator|(regex_flags a, regex_flags b) {
  return static_cast<regex_flags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(regex_flags set, regex_flags one) {
  return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

/// Half-open.
using span = std::pair<std::size_t, std::size_t>;

namespace detail {
class program;
struct budget;
struct subject;
}  // namespace detail

/// One match. Refers to the text that was searched, which must outlive it.
class match {
 public:
  /// Of group 0 (the whole match) or another; nullopt for a group that took no part. Throws
  /// std::out_of_range for a group that the pattern does not have.
  std::optional<span> group_span(std::size_t group) const;
  std::optional<span> byte_span(std::size_t group) const {
    if (2 * group >= offsets_.size()) throw std::out_of_range("no such group");
    const std::size_t* const at = offsets_.data() + 2 * group;
    if (at[0] == detail::unset) return std::nullopt;
    return span(at[0], at[1]);
  }
  std::optional<std::string_view> group(std::size_t group = 0) const {
    const auto bytes = byte_span(group);
    if (!bytes) return std::nullopt;
    return text_.substr(bytes->first, bytes->second - bytes->first);
  }
  std::optional<std::string_view> group(std::string_view name) const;
  /// Groups without group 0.
  std::size_t group_count() const { return offsets_.size() / 2 - 1; }

 private:
  friend class regex;
  explicit match(std::size_t groups) : offsets_(2 * (groups + 1)) {}

  std::shared_ptr<const detail::program> program_;  // null where no group has a name
  std::shared_ptr<const detail::subject> subject_;  // null where each code point is one byte
  std::string_view text_;
  detail::group_offsets offsets_;
};

struct substitution {
  std::string text;
  std::size_t count = 0;
};

/// A compiled pattern. Copies share it.
class regex {
 public:
  /// Throws pattern_error; std::invalid_argument for a pattern that is no UTF-8;
  /// std::overflow_error for a repetition count that Python finds too large; limit_exceeded for a
  /// pattern that needs too much memory or nests too deep. Recently used patterns are kept
  /// compiled.
  explicit regex(std::string_view pattern, regex_flags flags = regex_flags::none);

  // All of these throw limit_exceeded, and std::invalid_argument for a text that is no UTF-8.
  std::optional<match> match_start(std::string_view text) const;  ///< Python's `match`
  std::optional<match> search(std::string_view text) const;
  std::optional<match> fullmatch(std::string_view text) const;
  /// All matches that do not overlap, left to right; empty ones too, also right after another.
  std::vector<match> finditer(std::string_view text) const;
  /// Calls `each` with every match of `finditer` until it returns false.
  template <typename Each>
  void for_each(std::string_view text, Each&& each) const {
    auto* const called = std::addressof(each);
    walk(
        text,
        [](const void* to, const match& found) -> bool {
          return (**static_cast<decltype(called)*>(to))(found);
        },
        &called);
  }
  /// As finditer, the texts alone: of the whole match, of the only group, or of all groups; a group
  /// that took no part is an empty text.
  std::vector<std::vector<std::string_view>> findall(std::string_view text) const;
  /// Replaces at most `count` matches (0: all) by a template: \1, \g<1>, \g<name>, \n, …
  /// Throws template_error.
  substitution sub(std::string_view replacement, std::string_view text,
                   std::size_t count = 0) const;
  substitution sub(const std::function<std::string(const match&)>& replacement,
                   std::string_view text, std::size_t count = 0) const;
  /// Pieces between at most `maxsplit` matches (0: all), with the groups' texts between them.
  std::vector<std::optional<std::string_view>> split(std::string_view text,
                                                     std::size_t maxsplit = 0) const;

  /// Number of groups, and the numbers of the named ones.
  std::size_t groups() const;
  const std::map<std::string, std::size_t>& groupindex() const;
  /// "pcre2+re2" where RE2 stands behind PCRE2, else "pcre2".
  std::string_view engine() const;

 private:
  using callback = bool (*)(const void* to, const match& found);
  void set(match& found, const detail::subject& text) const;
  std::optional<match> run_once(std::string_view text, int mode) const;
  void walk(std::string_view text, callback each, const void* to) const;
  template <typename Append>
  substitution substitute(std::string_view text, std::size_t count, Append&& append) const;

  std::shared_ptr<const detail::program> program_;
};

}  // namespace ref
