// A replacement template: literal pieces and groups.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "impl/regex/regex.h"

namespace ref::detail {

struct replacement_piece {
  std::string literal;  // in front of the group
  bool has_group = false;
  std::size_t group = 0;
};

/// Whether a template stands for itself alone. Throws std::invalid_argument when it is no UTF-8.
bool is_literal_replacement(std::string_view text);

/// Of valid UTF-8. Throws template_error with Python's message and position.
std::vector<replacement_piece> parse_replacement(
    std::string_view text, std::size_t groups,
    const std::map<std::string, std::size_t>& groupindex);

/// Appends what the template makes of a match.
void expand(const std::vector<replacement_piece>& pieces, const match& found, std::string& to);

}  // namespace ref::detail
