// The result file: a run of the spec as JSON (schema 1), and what else the program prints as JSON.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conformance/harness/claims.h"
#include "conformance/harness/result.h"

namespace assay {

/// One deliberately wrong testee, from saboteurs.json of the build.
struct saboteur {
  std::string requirement;
  std::string name;
  std::string summary;
  /// What stands behind the colon: `assay check saboteur:VARIANT`.
  std::string variant() const { return requirement + "+" + name; }
};

/// A saboteur's requirement and what it came to.
struct sabotage_result {
  saboteur who;
  result seen;
  bool is_caught() const;
  /// This machine lacks what the requirement needs, so that nothing was shown.
  bool is_not_here() const { return seen.observed == "not here"; }
};

/// All saboteurs of `<data>/saboteurs.json`, by requirement. Throws when the file is missing or
/// names a requirement that does not exist.
std::vector<saboteur> load_saboteurs(const std::filesystem::path& file);

nlohmann::json requirements_json(const std::vector<const requirement*>& what,
                                 const std::vector<saboteur>& saboteurs);
nlohmann::json claims_json(const std::vector<claim>& claims);
nlohmann::json testees_json(const std::vector<testee_summary>& testees);
/// Processor, cores, memory, kernel, distribution, load and date: what a figure depends on.
nlohmann::json machine_json();
nlohmann::json tool_json();

/// The whole result file.
nlohmann::json results_json(const run_result& run, const std::vector<const requirement*>& what,
                            const std::vector<saboteur>& saboteurs,
                            const std::vector<claim>& claims);
nlohmann::json sabotage_json(const std::vector<sabotage_result>& results,
                             const std::vector<const requirement*>& what);

/// The command that shows this one verdict again.
std::string reproduce_command(const result& one);

/// Writes a JSON text to a file, or to standard output for "-". Bytes that are no UTF-8 become the
/// replacement character. The file is written as write_file.h does.
void write_json(const std::string& file, const nlohmann::json& value);

}  // namespace assay
