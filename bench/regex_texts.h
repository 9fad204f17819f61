// What the regular expressions are run over, and how their answers are found without an engine.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers/regex_peers.h"

namespace assay::bench {

/// One behaviour: a pattern of the notes over a text made for it.
struct regex_case {
  std::string name;
  std::string shows;
  std::string pattern;
  std::string text;
  bool substitutes = false;
  found expected;                                     ///< known from how the text was made
  std::function<found(std::string_view text)> floor;  ///< by hand; null where there is none
};

/// Texts of this many bytes (about), the same on every run.
std::vector<regex_case> regex_cases(std::size_t bytes);

}  // namespace assay::bench
