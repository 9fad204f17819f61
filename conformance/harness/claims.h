// The claims of the notes, restated: conformance/spec/claims_<area>.toml.
//
//   [[claim]]
//   id = "QUE-09"
//   claim = "get(True, t) raises Empty after t seconds without an item"
//   truth = "true"                  # or false, depends
//   observed = "raised after 0.30 s for t = 0.3"
//   no_test = "why"                 # only where no program can check it
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace assay {

struct claim {
  std::string id;
  std::string area;  ///< from the file's name
  std::string text;
  std::string truth;  ///< "true", "false" or "depends"
  std::string observed;
  std::string no_test;                  ///< empty where requirements cover it
  std::vector<std::string> covered_by;  ///< slugs, from the requirements linked in
};

/// All claims in the directory's claims_*.toml, by file and then in their order. Throws
/// std::runtime_error with file and line on a key that is missing, unknown or of the wrong type.
std::vector<claim> load_claims(const std::filesystem::path& directory);

}  // namespace assay
