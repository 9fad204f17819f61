// A text that every match of a pattern holds, found in the pattern before any search: where it is
// absent there is no match, and where it cannot be far from a match's beginning, no match begins
// long before it.
#pragma once

#include <cstdint>
#include <string>

#include "impl/regex/syntax_tree.h"

namespace ref::detail {

struct required_literal {
  std::string bytes;       // UTF-8; empty: none is known
  std::uint64_t most = 0;  // code points of a match before it; `unlimited` for no bound
};

/// The longest one; of equally long ones the first.
required_literal required_literal_of(const node& tree);

}  // namespace ref::detail
