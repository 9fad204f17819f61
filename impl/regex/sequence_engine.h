// An engine for the plainest patterns: literals, repeated sets of characters, groups around them
// and back-references, one after the other, as in `<(\w*)>.*?</\1>`. Most of their repeats leave no
// choice: what follows cannot begin with what is repeated, so that the run's end is the only place
// to go on from. Runs and literals are searched 32 bytes at a time, and groups cost two stores.
//
// For ASCII texts. A match is what Python finds: the leftmost, each repeat as long or as short as
// it asks for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "impl/regex/byte_set.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

enum class sequence_outcome { matched, none, spent };

/// Immutable; threads may share it.
class sequence_program {
 public:
  /// nullopt for a pattern with anything else in it, or one that matches the empty text.
  static std::optional<sequence_program> compile(const syntax_tree& tree);

  bool has_prefix() const { return !prefix_.empty(); }
  /// How many bytes a match takes at least.
  std::size_t least() const { return least_; }

  /// The leftmost match that begins at or behind `start`. Takes what it cost from `work`; with none
  /// left, the answer is `spent`, and nothing is known.
  /// `spans` has two offsets a group.
  sequence_outcome run(std::string_view text, std::size_t start_at, std::uint64_t& work,
                       std::size_t* spans) const;

 private:
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
    byte_set next;          // what can stand behind a run,
    bool has_next = false;  // if that is known
    byte_set stop;          // and what can end it
    std::size_t group = 0;  // of a run: the one that holds nothing else, if there is one
  };
  // A search in a text: what the functions below share.
  struct attempt;
  // Where a group among the known items begins or ends, from where a match or its first run does.
  struct mark {
    std::size_t slot = 0;
    std::size_t distance = 0;
    bool is_behind_run = false;
  };
  // Where a match may begin.
  struct start {
    std::size_t place = 0;
    std::size_t run_end = 0;  // of the first run, where an inner literal has been looked for
  };

  bool add(const node& tree);
  bool add_group(const node& tree);
  bool add_repeat(const node& tree);
  void add_literal(char byte);
  void prepare();
  void choose(std::size_t at);
  void prepare_inner();
  void prepare_marks();
  std::size_t add_literals(std::size_t at, std::string& to) const;
  bool first_of(std::size_t at, byte_set& set) const;

  static std::size_t find_end(const item& run, std::string_view text, std::size_t from);
  bool match_from(attempt& now, const item* at, std::size_t place) const;
  bool match_shortest(attempt& now, const item& run, std::size_t place) const;
  bool match_longest(attempt& now, const item& run, std::size_t place) const;
  std::size_t pass_known(attempt& now, const start& found) const;
  start next_start(std::string_view text, std::size_t from) const;
  start next_start_before_inner(std::string_view text, std::size_t from) const;

  std::vector<item> items_;
  std::size_t least_ = 0;          // bytes of any match, but for references
  std::size_t known_ = 0;          // items that a place found by a search is known to fit,
  std::vector<mark> known_marks_;  // and what groups are among them
  std::string prefix_;             // all matches begin with it
  // Where a pattern begins with a literal, a run and a longer literal, as in `<\w*></`, that one is
  // looked for, and the run before it is gone through backwards. No inner literal: empty.
  std::string inner_;
  std::size_t inner_run_ = 0;  // the item
  byte_set first_;             // or with one of these
  bool has_first_ = false;     // and these are not all
  byte_set leading_;           // the run that the pattern begins with,
  bool skips_run_ = false;     // in which no place need be tried after a failure
  bool has_reference_ = false;
};

}  // namespace ref::detail
