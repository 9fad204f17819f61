#include "reports/compare.h"

#include <fmt/core.h>

#include <memory>
#include <stdexcept>

#include "reports/program/commands.h"

namespace assay::program {
namespace {

struct options {
  std::string before;
  std::string after;
  double threshold_percent = 5;
  double alpha = 0.05;
  std::string json_file;
};

int compare_files(const options& chosen) {
  const auto before = read_json(chosen.before);
  const auto after = read_json(chosen.after);
  comparison seen;
  try {
    seen = compare(before, after, {chosen.threshold_percent / 100, chosen.alpha});
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error(
        fmt::format("{} or {}: not as `assay` or Google Benchmark writes it: "
                    "{}",
                    chosen.before, chosen.after, error.what()));
  }
  print_and_write(
      [&] { fmt::print(chosen.json_file == "-" ? stderr : stdout, "{}", comparison_text(seen)); },
      [&] {
        if (!chosen.json_file.empty()) write_json(chosen.json_file, comparison_json(seen));
      });
  return seen.worse() == 0 ? as_expected : deviations;
}

}  // namespace

void add_compare(CLI::App& app, context& state) {
  auto chosen = std::make_shared<options>();
  auto* command = app.add_subcommand(
      "compare", "say what got worse between two files of results, or of benchmarks");
  command->footer(
      "Both files are from `assay check --json`, or both from `assay bench --json` or any program\n"
      "of Google Benchmark (--benchmark_format=json). A benchmark changed when its median did by\n"
      "more than the threshold and a Mann-Whitney U test says that chance would not; that takes\n"
      "four runs at least, nine are better. Of two files of `assay bench` it also says which\n"
      "implementations changed places. Exit status: 1 when a verdict got worse or a benchmark\n"
      "slower.");
  command->add_option("OLD", chosen->before, "the file to compare with")->required();
  command->add_option("NEW", chosen->after, "the file to judge")->required();
  command
      ->add_option("--threshold", chosen->threshold_percent,
                   "percent by which a median may change (default 5)")
      ->check(CLI::Range(0.0, 10000.0));
  command
      ->add_option("--alpha", chosen->alpha,
                   "how improbable by chance a change must be (default 0.05)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--json", chosen->json_file, "write the comparison; - for stdout");
  command->callback([chosen, &state] { state.status = compare_files(*chosen); });
}

}  // namespace assay::program
