// From a pattern's text to its tree, with the errors that CPython 3.11 gives, at the same
// positions.
#pragma once

#include <string>

#include "impl/regex/regex.h"
#include "impl/regex/syntax_tree.h"
#include "impl/regex/tokenizer.h"

namespace ref::detail {

/// Throws syntax_error; std::overflow_error as Python does for a huge repetition; limit_exceeded
/// for a pattern that nests too deep.
syntax_tree parse(const std::u32string& pattern, regex_flags flags);

/// How many code points a node can match.
width width_of(const node& tree, const std::vector<width>& groups);

}  // namespace ref::detail
