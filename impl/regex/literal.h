// A text that every match of a pattern holds, found in the pattern before any search: where it is
// absent there is no match, and where a match begins with it, no other place need be tried.
#pragma once

#include <string>

#include "impl/regex/syntax_tree.h"

namespace ref::detail {

struct required_literal {
  std::string bytes;       // UTF-8; empty: none is known
  bool is_prefix = false;  // every match begins with it
};

/// The longest one; of equally long ones that at the beginning.
required_literal required_literal_of(const node& tree);

}  // namespace ref::detail
