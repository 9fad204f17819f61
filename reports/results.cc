#include "reports/results.h"

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "reports/version.h"
#include "reports/write_file.h"

namespace assay {
namespace {

using nlohmann::json;

std::string first_value(const char* file, const std::string& key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find_first_of(":=");
    if (at == std::string::npos) continue;
    std::string value = line.substr(at + 1);
    const auto begin = value.find_first_not_of(" \t\"");
    const auto end = value.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : value.substr(begin, end - begin + 1);
  }
  return "";
}

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

json sources_json(const std::vector<source>& sources) {
  json list = json::array();
  for (const auto& each : sources) list.push_back({{"text", each.text}, {"url", each.url}});
  return list;
}

json transcript_json(const std::vector<transcript_line>& lines) {
  json list = json::array();
  for (const auto& line : lines) {
    list.push_back(
        {{"t_ms", line.t_ms}, {"actor", line.actor}, {"dir", line.direction}, {"text", line.text}});
  }
  return list;
}

// A word as it is, or quoted where a shell would make something else of it.
std::string shell_word(const std::string& text) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:+,@%=-";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace

bool sabotage_result::is_caught() const {
  return seen.observed != "pass" && seen.observed != "not supported" && seen.observed != "not here";
}

std::vector<saboteur> load_saboteurs(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw std::runtime_error(
        fmt::format("{}: cannot be read; building assay-saboteur writes it", file.string()));
  }
  std::vector<saboteur> all;
  for (const auto& each : json::parse(in)) {
    all.push_back({each.at("requirement"), each.at("name"), each.at("summary")});
    if (find_requirement(all.back().requirement) == nullptr) {
      throw std::runtime_error(fmt::format("{}: saboteur {} breaks {}, which is no requirement",
                                           file.string(), all.back().name, all.back().requirement));
    }
  }
  return all;
}

json requirements_json(const std::vector<const requirement*>& what,
                       const std::vector<saboteur>& saboteurs) {
  json list = json::array();
  for (const requirement* each : what) {
    json names = json::array();
    for (const auto& one : saboteurs) {
      if (one.requirement == each->slug) names.push_back(one.name);
    }
    list.push_back({{"slug", each->slug},
                    {"level", to_string(each->level)},
                    {"area", each->area},
                    {"sentence", each->sentence},
                    {"source", sources_json(each->sources)},
                    {"covers", each->covers},
                    {"erratum", each->erratum},
                    {"saboteurs", std::move(names)},
                    {"file", each->file},
                    {"line", each->line}});
  }
  return list;
}

json claims_json(const std::vector<claim>& claims) {
  json list = json::array();
  for (const auto& each : claims) {
    list.push_back({{"id", each.id},
                    {"area", each.area},
                    {"claim", each.text},
                    {"truth", each.truth},
                    {"observed", each.observed},
                    {"no_test", each.no_test},
                    {"covered_by", each.covered_by}});
  }
  return list;
}

json testees_json(const std::vector<testee_summary>& testees) {
  json list = json::array();
  for (const auto& each : testees) {
    list.push_back({{"name", each.name},
                    {"implementation", each.implementation},
                    {"version", each.version},
                    {"language", each.language},
                    {"summary", each.summary},
                    {"supports", each.supports},
                    {"here", each.here},
                    {"missing", each.missing}});
  }
  return list;
}

json machine_json() {
  utsname system{};
  ::uname(&system);
  double load[3] = {0, 0, 0};
  ::getloadavg(load, 3);
  const std::time_t now = std::time(nullptr);
  char date[32];
  std::tm utc{};
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", ::gmtime_r(&now, &utc));
  const auto pages = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES));
  return {{"kernel", fmt::format("{} {}", system.sysname, system.release)},
          {"architecture", system.machine},
          {"cpu", first_value("/proc/cpuinfo", "model name")},
          {"cores", ::sysconf(_SC_NPROCESSORS_ONLN)},
          {"memory_bytes", pages * ::sysconf(_SC_PAGESIZE)},
          {"os", first_value("/etc/os-release", "PRETTY_NAME")},
          {"date", date},
          {"load", {load[0], load[1], load[2]}}};
}

json tool_json() {
  return {{"name", "assay"},
          {"version", version},
          {"commit", commit},
          {"compiler", compiler},
          {"flags", compiler_flags}};
}

json results_json(const run_result& run, const std::vector<const requirement*>& what,
                  const std::vector<saboteur>& saboteurs, const std::vector<claim>& claims) {
  json results = json::array();
  for (const auto& each : run.results) {
    results.push_back({{"testee", each.testee},
                       {"area", each.what->area},
                       {"requirement", each.what->slug},
                       {"level", to_string(each.what->level)},
                       {"verdict", each.verdict},
                       {"expected", each.expected},
                       {"observed", each.observed},
                       {"reason", each.reason},
                       {"duration_ms", milliseconds(each.duration)},
                       {"message", each.message},
                       {"transcript", transcript_json(each.transcript)},
                       {"reproduce", reproduce_command(each)}});
  }
  return {{"schema", 1},
          {"tool", tool_json()},
          {"machine", machine_json()},
          {"testees", testees_json(run.testees)},
          {"results", std::move(results)},
          {"requirements", requirements_json(what, saboteurs)},
          {"claims", claims_json(claims)}};
}

json sabotage_json(const std::vector<sabotage_result>& results,
                   const std::vector<const requirement*>& what) {
  json list = json::array();
  std::set<std::string> caught;
  for (const auto& each : results) {
    if (each.is_caught()) caught.insert(each.who.requirement);
    list.push_back({{"requirement", each.who.requirement},
                    {"name", each.who.name},
                    {"summary", each.who.summary},
                    {"caught", each.is_caught()},
                    {"verdict", each.seen.observed},
                    {"message", each.seen.message}});
  }
  return {{"schema", 1},
          {"saboteurs", std::move(list)},
          {"requirements", what.size()},
          {"with_caught", caught.size()}};
}

std::string reproduce_command(const result& one) {
  return fmt::format("assay check {} --filter {}", shell_word(one.asked), one.what->slug);
}

void write_json(const std::string& file, const json& value) {
  const std::string text = value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  if (file == "-") {
    std::cout << text;
    return flush_standard_output();
  }
  write_file(file, text);
}

}  // namespace assay
