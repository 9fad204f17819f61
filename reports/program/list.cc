#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include "conformance/harness/fixtures.h"
#include "reports/program/commands.h"
#include "reports/terminal.h"

namespace assay::program {
namespace {

void list_requirements(const selection& wanted, bool as_json) {
  const auto what = select_requirements(wanted);
  const auto saboteurs = known_saboteurs();
  if (as_json) {
    write_json("-", requirements_json(what, saboteurs));
    return;
  }
  for (const requirement* each : what) {
    fmt::print("{:6} {:52} {}\n", to_string(each->level), each->slug, each->sentence);
  }
  fmt::print("{} requirements\n", what.size());
}

void list_testees(bool as_json) {
  std::vector<testee_definition> testees;
  for (const auto& name : bundled_testees()) testees.push_back(load_testee(name));
  // No requirement: every testee is only asked what it is.
  const run_result run = run_requirements(testees, {}, {});
  if (as_json) {
    write_json("-", testees_json(run.testees));
    return;
  }
  const auto what_it_is = [](const testee_summary& testee) {
    return testee.here ? testee.implementation + " " + testee.version : testee.implementation;
  };
  std::size_t widest_name = 0;
  std::size_t widest_what = 0;
  std::size_t widest_language = 0;
  for (const auto& each : run.testees) {
    widest_name = std::max(widest_name, each.name.size());
    widest_what = std::max(widest_what, what_it_is(each).size());
    widest_language = std::max(widest_language, each.language.size());
  }
  for (const auto& each : run.testees) {
    fmt::print("{:{}}  {:{}}  {:{}}  {}\n", each.name, widest_name, what_it_is(each), widest_what,
               each.language, widest_language,
               each.here ? each.summary : "not here: " + each.missing);
  }
}

void list_areas(bool as_json) {
  std::vector<std::string> order;
  std::map<std::string, std::map<std::string, int>> counts;
  for (const auto& each : requirements()) {
    if (std::find(order.begin(), order.end(), each.area) == order.end()) order.push_back(each.area);
    ++counts[each.area][std::string(to_string(each.level))];
  }
  if (as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& area : order) {
      list.push_back({{"area", area},
                      {"must", counts[area]["must"]},
                      {"should", counts[area]["should"]},
                      {"may", counts[area]["may"]}});
    }
    write_json("-", list);
    return;
  }
  for (const auto& area : order) {
    fmt::print("{:10} {:3} must {:3} should {:3} may\n", area, counts[area]["must"],
               counts[area]["should"], counts[area]["may"]);
  }
}

void list_claims(const selection& wanted, bool as_json) {
  auto claims = known_claims();
  std::erase_if(claims, [&](const claim& each) {
    return !wanted.areas.empty() &&
           std::find(wanted.areas.begin(), wanted.areas.end(), each.area) == wanted.areas.end();
  });
  if (as_json) {
    write_json("-", claims_json(claims));
    return;
  }
  for (const auto& each : claims) {
    fmt::print("{:8} {:8} {}\n", each.id, each.truth, each.text);
    fmt::print("{:17} observed: {}\n", "", each.observed);
    if (!each.covered_by.empty()) {
      fmt::print("{:17} covered by: {}\n", "", fmt::join(each.covered_by, ", "));
    } else {
      fmt::print("{:17} not tested: {}\n", "", each.no_test);
    }
  }
}

// Slugs that contain the text, for a name that was typed from memory.
std::string suggestions(const std::string& text) {
  std::string out;
  int count = 0;
  for (const auto& each : requirements()) {
    if (each.slug.find(text) == std::string::npos || ++count > 8) continue;
    out += "\n  " + each.slug;
  }
  return out.empty() ? "; see `assay list requirements`" : "; did you mean:" + out;
}

int explain(const std::string& slug) {
  const requirement* what = find_requirement(slug);
  if (what == nullptr) {
    throw std::invalid_argument(
        fmt::format("there is no requirement '{}'{}", slug, suggestions(slug)));
  }
  const terminal style(stdout);
  fmt::print("{}  ({})\n{}\n\n", style.bold(what->slug), to_string(what->level), what->sentence);
  for (const auto& each : what->sources) fmt::print("source    {}  {}\n", each.text, each.url);
  if (!what->covers.empty()) fmt::print("claims    {}\n", fmt::join(what->covers, ", "));
  if (!what->erratum.empty()) fmt::print("the notes {}\n", what->erratum);
  fmt::print("test      {}:{}\n", what->file, what->line);
  for (const auto& each : known_saboteurs()) {
    if (each.requirement == slug) fmt::print("saboteur  {}: {}\n", each.name, each.summary);
  }
  fmt::print("\n");
  std::vector<testee_definition> testees;
  for (const auto& name : bundled_testees()) testees.push_back(load_testee(name));
  const run_result run = run_requirements(testees, {what}, {});
  std::vector<std::string> without;
  std::vector<std::string> absent;
  for (const auto& each : run.results) {
    if (each.observed == "not supported") {
      without.push_back(each.testee);
    } else if (each.observed == "not here") {
      absent.push_back(each.testee);
    } else {
      fmt::print("{}", verdict_line(each, style));
    }
  }
  const auto in_one_line = [&](const char* verdict, const std::vector<std::string>& names) {
    if (names.empty()) return;
    fmt::print("{}", style.faint(fmt::format("{:15} {}\n", verdict, fmt::join(names, ", "))));
  };
  in_one_line("not supported", without);
  in_one_line("not here", absent);
  return as_expected;
}

}  // namespace

std::vector<saboteur> known_saboteurs() {
  const auto file = fixtures_directory() / "saboteurs.json";
  if (!std::filesystem::exists(file)) return {};
  return load_saboteurs(file);
}

std::vector<claim> known_claims() { return load_claims(fixtures_directory() / "spec"); }

void add_list(CLI::App& app, context&) {
  struct list_options {
    std::string what;
    bool as_json = false;
    selection wanted;
  };
  auto options = std::make_shared<list_options>();
  auto* command = app.add_subcommand("list", "list requirements, testees, areas or claims");
  command->add_option("WHAT", options->what, "requirements, testees, areas or claims")
      ->required()
      ->check(CLI::IsMember({"requirements", "testees", "areas", "claims"}));
  command->add_flag("--json", options->as_json, "as JSON");
  add_selection(*command, options->wanted);
  command->callback([options] {
    if (options->what == "requirements") list_requirements(options->wanted, options->as_json);
    if (options->what == "testees") list_testees(options->as_json);
    if (options->what == "areas") list_areas(options->as_json);
    if (options->what == "claims") list_claims(options->wanted, options->as_json);
  });
}

void add_explain(CLI::App& app, context& state) {
  auto slug = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "explain", "a requirement: sentence, source, test, and who passes and who fails it");
  command->add_option("REQUIREMENT", *slug, "a slug, as queue.get/timeout-raises-empty")
      ->required();
  command->callback([slug, &state] { state.status = explain(*slug); });
}

}  // namespace assay::program
