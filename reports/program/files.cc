#include <fmt/core.h>

#include <fstream>
#include <stdexcept>

#include "reports/program/commands.h"

namespace assay::program {

nlohmann::json read_json(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(fmt::format("{}: cannot be read", file));
  try {
    return nlohmann::json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    throw std::runtime_error(fmt::format("{}: no JSON at byte {}", file, error.byte));
  }
}

nlohmann::json read_json(const std::string& file, const char* needed, const char* made_by) {
  nlohmann::json value = read_json(file);
  if (!value.is_object() || value.value("schema", 0) != 1 || !value.contains(needed)) {
    throw std::runtime_error(
        fmt::format("{}: not a file that `{}` wrote (schema 1 with '{}')", file, made_by, needed));
  }
  return value;
}

}  // namespace assay::program
