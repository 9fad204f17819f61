// What every text ends with that a pattern can match where it matches at a text's end alone, as
// `(a+)+$` does: found in the pattern before any search, so that one look at a text's last
// characters may say that there is no match, whatever stands before.
#pragma once

#include <string_view>

#include "impl/regex/byte_set.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

class required_ending {
 public:
  /// Of any pattern: nothing is required where nothing is known.
  static required_ending of(const node& tree);

  /// False: there is no match in this text.
  bool fits(std::string_view text) const {
    if (!is_known_) return true;
    if (text.empty()) return false;
    // `$` also stands before a line feed that ends the text.
    if (text.back() == '\n' && text.size() > 1 && can_be(text[text.size() - 2])) return true;
    return can_be(text.back());
  }

 private:
  // Bytes beyond ASCII are not told apart.
  bool can_be(char last) const {
    return static_cast<unsigned char>(last) > 127 || last_.contains(last);
  }

  byte_set last_;  // of a match, which is not empty
  bool is_known_ = false;
};

}  // namespace ref::detail
