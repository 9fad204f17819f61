// From a piece of a pattern to the set of ASCII characters that it stands for.
#pragma once

#include "impl/regex/byte_set.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

/// Adds the ASCII characters that a node matches, where it stands for exactly one character; false
/// where it does not, or where case is ignored.
bool add_ascii_set(const node& tree, byte_set& set);

}  // namespace ref::detail
