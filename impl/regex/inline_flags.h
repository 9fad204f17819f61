// Flags that stand in a pattern: (?im) for all of it, (?i-s:…) for a group.
#pragma once

#include <optional>

#include "impl/regex/regex.h"
#include "impl/regex/tokenizer.h"

namespace ref::detail {

struct inline_flags {
  regex_flags add = regex_flags::none;
  regex_flags remove = regex_flags::none;
  bool unicode = false;  ///< u, which takes a of an outer group back
  bool global = false;   ///< closed by a bracket: it has no group of its own

  /// What holds in the group, of what holds around it.
  regex_flags within(regex_flags outer) const;
};

/// Whether a letter is a flag, be it one that is then refused.
bool is_flag(char32_t c);

/// `first` is a flag or the minus, taken already. Takes the colon or bracket that ends the flags.
/// Throws syntax_error.
inline_flags read_inline_flags(tokenizer& source, char32_t first);

}  // namespace ref::detail
