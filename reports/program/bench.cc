#include "reports/bench.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "conformance/harness/testee.h"
#include "reports/bench_summary.h"
#include "reports/program/commands.h"
#include "reports/terminal.h"

namespace assay::program {
namespace {

struct options {
  bench_options running;
  std::string json_file;
};

int bench(options chosen) {
  terminal errors(stderr);
  chosen.running.machine = machine_json();
  for (const auto& name : chosen.running.testees) {
    const testee_definition testee = load_testee(name);
    for (const auto& bundled : bundled_testees()) {
      if (bundled != testee.name) continue;
      throw std::invalid_argument(fmt::format(
          "{} is bundled and measured anyway; name those that are to stand beside", bundled));
    }
    if (const std::string missing = testee.missing(); !missing.empty()) {
      throw std::runtime_error(fmt::format("{} is not here: {}", testee.name, missing));
    }
    if (testee.adapter_command.empty() && !testee.server) {
      throw std::invalid_argument(
          fmt::format("{} has neither an adapter nor a server: nothing of it is measured", name));
    }
  }
  chosen.running.on_progress = [&](std::string_view area, int seconds) {
    errors.progress(0, 0, fmt::format("measuring {}: {} s", area, seconds));
  };
  nlohmann::json measured = run_benchmarks(chosen.running);
  errors.end_progress();
  measured["tool"] = tool_json();
  print_and_write(
      [&] { fmt::print(chosen.json_file == "-" ? stderr : stdout, "{}", bench_table(measured)); },
      [&] {
        if (!chosen.json_file.empty()) write_json(chosen.json_file, measured);
      });
  for (const auto& each : measured.at("failures")) {
    fmt::print(stderr, "assay: {}: not measured: {}\n", each.at("area").get<std::string>(),
               printable(each.at("message").get<std::string>()));
  }
  if (!measured.at("failures").empty()) return could_not_run;
  const auto& rows = measured.at("benchmarks");
  const bool has_error = std::any_of(
      rows.begin(), rows.end(), [](const auto& row) { return row.value("error_occurred", false); });
  return has_error ? deviations : as_expected;
}

}  // namespace

void add_bench(CLI::App& app, context& state) {
  auto chosen = std::make_shared<options>();
  auto* command = app.add_subcommand(
      "bench", "measure the reference, its peers, the testees and the floor, side by side");
  command->add_option("TESTEE", chosen->running.testees,
                      "names or paths, measured beside the bundled testees");
  command->add_option("--area,-a", chosen->running.areas, "only this area (may be given again)")
      ->allow_extra_args(false);  // what follows is a TESTEE
  command->add_option("--filter,-f", chosen->running.filter,
                      "only benchmarks whose name fits this regular expression");
  command->add_option("--repetitions", chosen->running.repetitions, "how often each is measured")
      ->check(CLI::Range(1, 1000));
  command->add_flag("--quick", chosen->running.quick, "short runs, for a first look");
  command->add_option("--json", chosen->json_file, "write what was measured; - for stdout");
  command->callback([chosen, &state] { state.status = bench(*chosen); });
}

}  // namespace assay::program
