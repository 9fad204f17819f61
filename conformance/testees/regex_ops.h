// The ops of the area regex over an engine that compiles a pattern and finds matches. Findall,
// split and sub are loops over the engine's own sequence of matches, as its manual's examples are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/sdk/cpp/adapter.h"

namespace assay::testees {

/// A group's place in the text, in code points; -1: the group is unset.
struct span {
  std::int64_t begin = -1;
  std::int64_t end = -1;
};

/// A match: the whole first, then the groups.
using match_spans = std::vector<span>;

enum class anchoring { search, match, fullmatch };

/// A compiled pattern of the engine under test. Texts are code points; a match may be empty (no
/// spans at all) for "none".
class regex_pattern {
 public:
  virtual ~regex_pattern() = default;
  virtual int groups() const = 0;
  /// Names of named groups with their numbers.
  virtual std::map<std::string, int> names() const { return {}; }
  virtual match_spans find(const std::u32string& text, anchoring how) const = 0;
  /// All matches in the engine's own sequence, at most `most` (0: all).
  virtual std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const = 0;
};

/// Compiles, or throws `sdk::raised`.
using regex_compiler = std::function<std::unique_ptr<regex_pattern>(const std::u32string& pattern,
                                                                    const std::string& flags)>;

/// Registers regex.compile, match, search, fullmatch, findall, finditer, sub, sub_function, split.
void add_regex_ops(sdk::adapter& to, regex_compiler compile);

/// For a pattern whose constructor compiles it.
template <typename Pattern>
void add_regex_ops_of(sdk::adapter& to) {
  add_regex_ops(to, [](const std::u32string& pattern, const std::string& flags) {
    return std::make_unique<Pattern>(pattern, flags);
  });
}

}  // namespace assay::testees
