// Data of the spec: tables and files under fixtures/, found beside the program or in the source tree.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// Directory with fixtures/, protocol.json, testees/: ASSAY_DATA, else beside the program
/// (../share/assay), else the source tree that it was built from. Throws with all places tried.
std::filesystem::path fixtures_directory();

/// The rows of a case table that belong to one requirement, in order. A table is a JSON Lines file,
/// `cases("regex/anchors.jsonl", "regex.anchors/dollar-…")`: one object a line with at least
/// `requirement`; empty lines and lines that start with // are passed over. Throws with file and
/// line when a line does not parse, and when no row has the slug.
std::vector<nlohmann::json> cases(std::string_view file, std::string_view slug);

/// The bytes of a table's string: each code point U+0000 to U+00FF is one byte.
std::string bytes_of(const nlohmann::json& latin1);

std::string read_file(const std::filesystem::path& path);

}  // namespace assay
