// Sets of characters as sorted ranges, for both engines.
#pragma once

#include <utility>
#include <vector>

#include "impl/regex/printer.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

using ranges = std::vector<std::pair<char32_t, char32_t>>;

/// Python's \s: all that str.isspace() accepts, or ASCII's white space.
const ranges& space_ranges(bool ascii);
const ranges& ascii_digits();
const ranges& ascii_word();

/// Sorted and joined, without surrogates.
ranges normalised(ranges list);
ranges complement(const ranges& list);

/// With both cases of every ASCII letter in it.
ranges with_ascii_cases(ranges list);

/// What a range of a pattern can match in ASCII text: characters beyond ASCII fall away, but for
/// those few whose other case is an ASCII letter.
void add_ascii_part(ranges& to, char32_t low, char32_t high, bool unicode_ignore_case);

}  // namespace ref::detail
