// The plainest patterns as a list of things to do, for the engine of plain sequences: literals,
// repeated sets of characters, groups around them and back-references. Whatever can be known before
// there is a text is found out here: where a repeat leaves no choice, and what to look for first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "impl/regex/byte_set.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

struct sequence_plan {
  enum class item_kind { literal, run, reference, open, close };
  // What a run has to do when it has found how far it can go.
  enum class choice { longest, shortest, from_longest, from_shortest };

  struct item {
    item_kind kind = item_kind::literal;
    std::string bytes;     // of a literal
    byte_set set;          // of a run,
    bool is_long = false;  // which takes most characters, and is likely to be long
    std::uint32_t least = 0;
    std::uint32_t most = 0;
    greed how = greed::greedy;
    choice ends = choice::longest;
    byte_set next;             // what can stand behind a run,
    bool has_next = false;     // if that is known,
    bool is_next_one = false;  // and where it is a literal,
    char next_byte = 0;        // how that begins
    byte_set stop;             // and what can end it
    std::size_t group = 0;     // of a run: the one that holds nothing else, if there is one
  };
  // Where a group among the known items begins or ends, from where a match or its first run does.
  struct mark {
    std::size_t slot = 0;
    std::size_t distance = 0;
    bool is_behind_run = false;
  };

  std::vector<item> items;
  std::size_t least = 0;          // bytes of any match, but for references
  std::size_t known = 0;          // items that a place found by a search is known to fit,
  bool is_all_known = false;      // which may be all of them,
  std::vector<mark> known_marks;  // and what groups are among them
  std::string prefix;             // all matches begin with it
  // Where a pattern begins with a literal, a run and a longer literal, as in `<\w*></`, that one is
  // looked for, and the run before it is gone through backwards. No inner literal: empty.
  std::string inner;
  std::size_t inner_run = 0;  // the item
  byte_set first;             // or with one of these
  bool has_first = false;     // and these are not all
  byte_set leading;           // the run that the pattern begins with,
  bool skips_run = false;     // in which no place need be tried after a failure
};

/// nullopt for a pattern with anything else in it, or one that matches the empty text.
std::optional<sequence_plan> plan_sequence(const syntax_tree& tree);

}  // namespace ref::detail
