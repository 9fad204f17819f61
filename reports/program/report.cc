#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "reports/html.h"
#include "reports/program/commands.h"

namespace assay::program {
namespace {

using nlohmann::json;

struct report_options {
  std::vector<std::string> results_files;
  std::string sabotage_file;
  std::string bench_file;
  std::vector<std::string> benchmark_files;
  std::string output = "report.html";
};

// Later files add testees; one that is there already is replaced by its newer results.
void merge(json& into, const json& other) {
  const auto is_in = [](const json& list, const char* key, const json& name) {
    return std::any_of(list.begin(), list.end(),
                       [&](const json& each) { return each.at(key) == name; });
  };
  for (const char* list : {"testees", "results"}) {
    const char* key = std::string_view(list) == "testees" ? "name" : "testee";
    json kept = json::array();
    for (const auto& each : into.at(list)) {
      if (!is_in(other.at("testees"), "name", each.at(key))) kept.push_back(each);
    }
    for (const auto& each : other.at(list)) kept.push_back(each);
    into[list] = std::move(kept);
  }
  for (const auto& each : other.at("requirements")) {
    if (!is_in(into.at("requirements"), "slug", each.at("slug"))) {
      into["requirements"].push_back(each);
    }
  }
}

void report_benchmarks(const report_options& options) {
  std::vector<benchmark_file> files;
  for (const auto& path : options.benchmark_files) {
    const auto is_same = [&](const auto& other) { return other.path == path; };
    if (std::any_of(files.begin(), files.end(), is_same)) {
      throw std::invalid_argument(fmt::format("{} is given twice", path));
    }
    files.push_back({path, read_json(path)});
  }
  write_benchmark_html(options.output, files);
  fmt::print("{}\n", options.output);
}

void report(const report_options& options) {
  if (!options.benchmark_files.empty()) return report_benchmarks(options);
  if (options.results_files.empty()) {
    throw std::invalid_argument(
        "report needs --results FILE (from `assay check --json`), or --benchmark FILE… (from any "
        "program of Google Benchmark)");
  }
  json results = read_json(options.results_files.front(), "results", "assay check --json");
  for (std::size_t i = 1; i < options.results_files.size(); ++i) {
    merge(results, read_json(options.results_files[i], "results", "assay check --json"));
  }
  json sabotage;
  if (!options.sabotage_file.empty()) {
    sabotage = read_json(options.sabotage_file, "saboteurs", "assay sabotage --json");
  }
  json bench;
  if (!options.bench_file.empty()) {
    bench = read_json(options.bench_file, "benchmarks", "assay bench --json");
  }
  write_html(options.output, std::move(results), std::move(sabotage), std::move(bench));
  fmt::print("{}\n", options.output);
}

}  // namespace

void add_report(CLI::App& app, context&) {
  auto options = std::make_shared<report_options>();
  auto* command =
      app.add_subcommand("report", "turn result files into one self-contained HTML file");
  command->add_option("--results", options->results_files,
                      "from `assay check --json` (may be given again; later testees replace)");
  command->add_option("--sabotage", options->sabotage_file, "from `assay sabotage --json`");
  command->add_option("--bench", options->bench_file, "from `assay bench --json`");
  command
      ->add_option("--benchmark", options->benchmark_files,
                   "from any program of Google Benchmark (--benchmark_format=json): a page of "
                   "charts alone, several files side by side")
      ->excludes("--results")
      ->excludes("--sabotage")
      ->excludes("--bench");
  command->add_option("--output,-o", options->output, "the page (default report.html)");
  command->callback([options] { report(*options); });
}

}  // namespace assay::program
