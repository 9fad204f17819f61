#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "conformance/harness/fixtures.h"
#include "reports/html.h"
#include "reports/junit.h"
#include "reports/program/commands.h"
#include "reports/terminal.h"
#include "reports/write_file.h"

namespace assay::program {
namespace {

struct check_options {
  std::vector<std::string> names;
  bool all = false;
  bool verbose = false;
  int jobs = 0;
  std::string json_file;
  std::string junit_file;
  std::string html_file;
  selection wanted;
};

void write_files(const check_options& options, const run_result& run,
                 const std::vector<const requirement*>& what) {
  if (!options.junit_file.empty()) write_file(options.junit_file, junit_xml(run));
  if (options.json_file.empty() && options.html_file.empty()) return;
  auto json = results_json(run, what, known_saboteurs(), known_claims());
  if (!options.json_file.empty()) write_json(options.json_file, json);
  if (!options.html_file.empty()) write_html(options.html_file, std::move(json), nullptr, nullptr);
}

// With few verdicts each has its line; with many, only what deviates.
bool shows_every_line(const check_options& options, const run_result& run) {
  constexpr std::size_t few = 12;
  return options.verbose || run.results.size() <= few;
}

// The number of verdicts that were not expected.
std::size_t unexpected(const run_result& run) {
  const auto is_unexpected = [](const result& each) { return !each.expected; };
  return static_cast<std::size_t>(
      std::count_if(run.results.begin(), run.results.end(), is_unexpected));
}

void print_run(const check_options& options, const run_result& run) {
  // Where the JSON goes to standard output, it must stand there alone.
  std::FILE* const out = options.json_file == "-" ? stderr : stdout;
  const terminal style(out);
  if (shows_every_line(options, run)) {
    for (const auto& each : run.results) fmt::print(out, "{}", verdict_line(each, style));
    fmt::print(out, "\n");
  }
  for (const auto& each : run.results) {
    // An expected deviation has its reason; its evidence is there for those who ask.
    if (!each.expected || (options.verbose && each.verdict == "expected fail")) {
      fmt::print(out, "{}\n", deviation_text(each, style));
    }
  }
  fmt::print(out, "{}{}", not_here_text(run, style), matrix_text(run, style));
}

int check(const check_options& options) {
  std::vector<std::string> names = options.names;
  if (options.all) names = bundled_testees();
  if (names.empty()) throw std::invalid_argument("check needs a TESTEE, or --all");
  std::vector<testee_definition> testees;
  for (const auto& name : names) {
    testees.push_back(load_testee(name));
    const auto same = [&](const auto& other) { return other.name == testees.back().name; };
    if (std::count_if(testees.begin(), testees.end(), same) > 1) {
      throw std::invalid_argument(fmt::format(
          "two testees are named '{}'; results could not be told apart", testees.back().name));
    }
  }
  const auto what = select_requirements(options.wanted);

  terminal errors(stderr);
  run_options running;
  running.workers = options.jobs;
  running.on_result = [&](const result& each, std::size_t done, std::size_t total) {
    errors.progress(done, total, each.testee + " " + each.what->slug);
  };
  const run_result run = run_requirements(testees, what, running);
  errors.end_progress();

  print_and_write([&] { print_run(options, run); }, [&] { write_files(options, run, what); });
  return unexpected(run) == 0 ? as_expected : deviations;
}

}  // namespace

void add_selection(CLI::App& command, selection& wanted) {
  command.add_option("--area,-a", wanted.areas, "only this area (may be given again)")
      ->allow_extra_args(false);  // what follows is a TESTEE
  command
      .add_option("--filter,-f", wanted.filters,
                  "only requirements that fit this glob, as 'queue.get/*', or not this one, as "
                  "'!queue.get/*' (may be given again)")
      ->allow_extra_args(false);
  command.add_option("--level", wanted.levels, "only must, should or may (may be given again)")
      ->allow_extra_args(false);
}

void add_check(CLI::App& app, context& state) {
  auto options = std::make_shared<check_options>();
  auto* command = app.add_subcommand("check", "run the spec on testees and print the matrix");
  command->add_option("TESTEE", options->names, "names or paths");
  command->add_flag("--all", options->all, "every bundled testee");
  add_selection(*command, options->wanted);
  command
      ->add_option("--jobs,-j", options->jobs,
                   "requirements at once, beside known hangs (default: twice the processors)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--json", options->json_file, "write all results and evidence; - for stdout");
  command->add_option("--junit", options->junit_file, "write JUnit XML");
  command->add_option("--html", options->html_file, "write the page of these results");
  command->add_flag("--verbose,-v", options->verbose,
                    "a line for every verdict, and the evidence of known deviations");
  command->callback([options, &state] { state.status = check(*options); });
}

}  // namespace assay::program
