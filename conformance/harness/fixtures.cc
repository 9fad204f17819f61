#include "conformance/harness/fixtures.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace assay {
namespace fs = std::filesystem;

fs::path program_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path folder = program.parent_path();
  return folder.filename() == "bench" ? folder.parent_path() : folder;
}

fs::path fixtures_directory() {
  static const fs::path found = [] {
    std::vector<fs::path> places;
    if (const char* named = std::getenv("ASSAY_DATA")) places.emplace_back(named);
    places.push_back(program_directory() / "../share/assay");
    places.emplace_back(ASSAY_BUILD_DATA_DIRECTORY);
    std::vector<std::string> tried;
    for (const auto& place : places) {
      if (fs::exists(place / "protocol.json")) return fs::canonical(place);
      tried.push_back(place.lexically_normal());
    }
    throw std::runtime_error(
        fmt::format("the data of assay (protocol.json, fixtures/, testees/) is not found; tried {}",
                    fmt::join(tried, ", ")));
  }();
  return found;
}

namespace {

// The build tree holds no copy of the fixtures where nothing put one there.
fs::path fixture_file(std::string_view file) {
  const fs::path beside = fixtures_directory() / "fixtures" / file;
  if (fs::exists(beside)) return beside;
  const fs::path in_source = fs::path(ASSAY_SOURCE_DIRECTORY) / "fixtures" / file;
  if (fs::exists(in_source)) return in_source;
  throw std::runtime_error(
      fmt::format("no fixture {}; tried {} and {}", file, beside.string(), in_source.string()));
}

}  // namespace

fs::path fixture(std::string_view file) { return fixture_file(file); }

std::vector<nlohmann::json> cases(std::string_view file, std::string_view slug) {
  const fs::path path = fixture_file(file);
  std::ifstream in(path);
  std::vector<nlohmann::json> rows;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto start = line.find_first_not_of(" \t\r");
    if (start == std::string::npos || line.compare(start, 2, "//") == 0) continue;
    try {
      auto row = nlohmann::json::parse(line);
      if (row.at("requirement").get_ref<const std::string&>() == slug) {
        rows.push_back(std::move(row));
      }
    } catch (const nlohmann::json::exception& error) {
      throw std::runtime_error(fmt::format("{}:{}: {}", path.string(), number, error.what()));
    }
  }
  if (rows.empty()) {
    throw std::runtime_error(fmt::format("{}: no row has the requirement {}", path.string(), slug));
  }
  return rows;
}

std::string bytes_of(const nlohmann::json& latin1) {
  const auto& text = latin1.get_ref<const std::string&>();
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      bytes += text[i];
    } else if ((first == 0xc2 || first == 0xc3) && i + 1 < text.size()) {
      const auto second = static_cast<unsigned char>(text[++i]);
      bytes += static_cast<char>((first & 0x03) << 6 | (second & 0x3f));
    } else {
      throw std::runtime_error("a table's bytes hold a code point above U+00FF: " + text);
    }
  }
  return bytes;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace assay
