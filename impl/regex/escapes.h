// Escapes of patterns, and the parser's state that they depend on.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "impl/regex/regex.h"
#include "impl/regex/syntax_tree.h"
#include "impl/regex/tokenizer.h"

namespace ref::detail {

struct parser_state {
  regex_flags flags = regex_flags::none;
  std::vector<bool> closed = {true};  // by group; group 0 is the whole match
  std::map<std::string, std::size_t> names;
  std::map<std::size_t, std::size_t> conditions;  // numbers in (?(n)…) and where they stand first
  std::optional<std::size_t> look_behind_groups;  // groups that were there before a look-behind
};

/// A node under the flags that hold here.
std::unique_ptr<node> make_node(const parser_state& state, node_kind kind);

/// `token` is the backslash and the character behind it, both taken already.
std::unique_ptr<node> parse_escape(tokenizer& source, std::u32string token,
                                   const parser_state& state);
set_item parse_set_escape(tokenizer& source, std::u32string token);

/// Inside a look-behind only groups from before it may be referred to.
void check_look_behind(const tokenizer& source, const parser_state& state, std::size_t group);

}  // namespace ref::detail
