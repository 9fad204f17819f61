// An engine for the plainest patterns: literals, repeated sets of characters, groups around them
// and back-references, one after the other, as in `<(\w*)>.*?</\1>`. Most of their repeats leave no
// choice: what follows cannot begin with what is repeated, so that the run's end is the only place
// to go on from. Runs and literals are searched 32 bytes at a time, and groups cost two stores.
//
// For ASCII texts. A match is what Python finds: the leftmost, each repeat as long or as short as
// it asks for.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "impl/regex/sequence_plan.h"

namespace ref::detail {

enum class sequence_outcome { matched, none, spent };

/// Immutable; threads may share it.
class sequence_program {
 public:
  explicit sequence_program(sequence_plan plan) : plan_(std::move(plan)) {}

  bool has_prefix() const { return !plan_.prefix.empty(); }
  /// How many bytes a match takes at least.
  std::size_t least() const { return plan_.least; }

  /// The leftmost match that begins at or behind `start`. Takes what it cost from `work`; with none
  /// left, the answer is `spent`, and nothing is known.
  /// `spans` has two offsets a group.
  sequence_outcome run(std::string_view text, std::size_t start_at, std::uint64_t& work,
                       std::size_t* spans) const;

 private:
  using item = sequence_plan::item;
  using item_kind = sequence_plan::item_kind;
  using choice = sequence_plan::choice;
  // A search in a text: what the functions below share.
  struct attempt;
  // Where a match may begin.
  struct start {
    std::size_t place = 0;
    std::size_t run_end = 0;  // of the first run, where an inner literal has been looked for
  };

  static std::size_t find_end(const item& run, std::string_view text, std::size_t from);
  static std::size_t find_next_before(const attempt& now, const item& run, std::size_t from,
                                      std::size_t end);
  bool match_from(attempt& now, const item* at, std::size_t place) const;
  bool match_shortest(attempt& now, const item& run, std::size_t place) const;
  bool match_longest(attempt& now, const item& run, std::size_t place) const;
  std::size_t pass_known(attempt& now, const start& found) const;
  start next_start(std::string_view text, std::size_t from) const;
  start next_start_before_inner(std::string_view text, std::size_t from) const;

  sequence_plan plan_;
};

}  // namespace ref::detail
