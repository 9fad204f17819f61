// What the spec's case tables have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace assay {

/// Slug of the requirement whose body runs.
std::string current_slug();

/// The bytes of a table's cell: a string, or a list of strings and [string, count], joined.
std::string joined_bytes(const nlohmann::json& cell);

/// Text with everything but printable ASCII escaped, cut at `most`.
std::string printable(std::string_view bytes, std::size_t most = 200);

}  // namespace assay
