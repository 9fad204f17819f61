// Patterns that make an engine which backtracks try exponentially many ways.
#pragma once

#include "impl/regex/syntax_tree.h"

namespace ref::detail {

/// Whether a repeat without end stands around another one with nothing firm beside it, as in
/// `(a+)+` or `(\w+\s?)*`: one text can be divided in very many ways. No other pattern is found out
/// here; those meet their budget of work.
bool is_explosive(const node& tree);

}  // namespace ref::detail
