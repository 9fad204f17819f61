// Data of the spec: tables and files under fixtures/, beside the program or in the source tree.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The directory that the data lies in (protocol.json, fixtures/, testees/, sdk/): ASSAY_DATA, else
/// beside the program (../share/assay), else the build tree. Throws with all places tried.
std::filesystem::path fixtures_directory();

/// A file or folder under fixtures/ (`html`, `regex/anchors.jsonl`), there or in the source tree.
/// Throws std::runtime_error when it is in neither.
std::filesystem::path fixture(std::string_view file);

/// Where `assay` stands: the folder of the running program, or the one above its folder `bench`.
std::filesystem::path program_directory();

/// The rows of a case table that belong to one requirement, in order. A table is a JSON Lines file,
/// `cases("regex/anchors.jsonl", "regex.anchors/dollar-…")`: one object a line with at least
/// `requirement`; empty lines and lines that start with // are passed over. Throws with file and
/// line when a line does not parse, and when no row has the slug.
std::vector<nlohmann::json> cases(std::string_view file, std::string_view slug);

/// The bytes of a table's string: each code point U+0000 to U+00FF is one byte.
std::string bytes_of(const nlohmann::json& latin1);

std::string read_file(const std::filesystem::path& path);

}  // namespace assay
