#include "conformance/harness/claims.h"

#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "conformance/harness/requirement.h"

namespace assay {
namespace {

constexpr const char* keys[] = {"id", "claim", "truth", "observed", "no_test"};

[[noreturn]] void reject(const std::filesystem::path& file, const toml::source_region& where,
                         const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), where.begin.line, what));
}

claim read_claim(const std::filesystem::path& file, const toml::table& row) {
  for (const auto& [key, value] : row) {
    if (std::find(std::begin(keys), std::end(keys), key.str()) == std::end(keys)) {
      reject(file, value.source(), fmt::format("unknown key '{}'", key.str()));
    }
  }
  const auto text = [&](const char* key, bool required) {
    const auto* value = row.get(key);
    if (value == nullptr && !required) return std::string();
    if (value == nullptr || !value->is_string()) {
      reject(file, row.source(), fmt::format("a claim needs '{}', a text", key));
    }
    return value->as_string()->get();
  };
  claim result;
  result.id = text("id", true);
  result.text = text("claim", true);
  result.truth = text("truth", true);
  result.observed = text("observed", true);
  result.no_test = text("no_test", false);
  if (result.truth != "true" && result.truth != "false" && result.truth != "depends") {
    reject(file, row.source(),
           fmt::format("truth of {} is '{}'; it takes true, false or depends", result.id,
                       result.truth));
  }
  return result;
}

}  // namespace

std::vector<claim> load_claims(const std::filesystem::path& directory) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("claims_") && name.ends_with(".toml")) files.insert(entry.path());
  }
  std::vector<claim> all;
  for (const auto& file : files) {
    toml::table document;
    try {
      document = toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
      reject(file, error.source(), std::string(error.description()));
    }
    const auto* rows = document["claim"].as_array();
    if (rows == nullptr) throw std::runtime_error(file.string() + ": no [[claim]] in it");
    for (const auto& row : *rows) {
      claim one = read_claim(file, *row.as_table());
      one.area = file.stem().string().substr(std::string_view("claims_").size());
      for (const auto& each : requirements()) {
        if (std::find(each.covers.begin(), each.covers.end(), one.id) != each.covers.end()) {
          one.covered_by.push_back(each.slug);
        }
      }
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace assay
