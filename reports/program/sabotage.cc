#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>

#include "reports/program/commands.h"
#include "reports/terminal.h"

namespace assay::program {
namespace {

struct sabotage_options {
  selection wanted;
  int jobs = 0;
  std::string json_file;
};

int sabotage(const sabotage_options& options) {
  const auto what = select_requirements(options.wanted);
  std::vector<saboteur> chosen;
  for (auto& each : known_saboteurs()) {
    const auto same = [&](const requirement* one) { return one->slug == each.requirement; };
    if (std::any_of(what.begin(), what.end(), same)) chosen.push_back(std::move(each));
  }
  std::vector<testee_definition> testees;
  std::vector<job> jobs;
  for (const auto& each : chosen) {
    jobs.push_back({testees.size(), find_requirement(each.requirement)});
    testees.push_back(load_testee("saboteur:" + each.variant()));
  }

  terminal errors(stderr);
  run_options running;
  running.workers = options.jobs;
  running.on_result = [&](const result& each, std::size_t done, std::size_t total) {
    errors.progress(done, total, each.what->slug);
  };
  std::vector<result> seen = run_jobs(testees, jobs, running);
  errors.end_progress();

  std::vector<sabotage_result> results;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    results.push_back({std::move(chosen[i]), std::move(seen[i])});
  }
  std::FILE* const out = options.json_file == "-" ? stderr : stdout;
  const terminal style(out);
  std::string text;
  std::set<std::string> with_caught;
  std::set<std::string> not_here;
  std::size_t escaped = 0;
  std::size_t unknown = 0;
  for (const auto& each : results) {
    if (each.is_caught()) {
      with_caught.insert(each.who.requirement);
      continue;
    }
    if (each.is_not_here()) {
      not_here.insert(each.who.requirement);
      ++unknown;
      text += fmt::format("{}  {}\n  {}\n", style.verdict("not here", true),
                          style.bold(each.who.variant()), each.seen.message);
      continue;
    }
    ++escaped;
    text += fmt::format("{}  {}\n  {}\n  {} {}\n  again: assay check saboteur:{} --filter {}\n",
                        style.verdict("escaped", false), style.bold(each.who.variant()),
                        each.who.summary, each.seen.observed, each.seen.message, each.who.variant(),
                        each.who.requirement);
  }
  for (const requirement* each : what) {
    const auto of_it = [&](const auto& one) { return one.who.requirement == each->slug; };
    if (std::any_of(results.begin(), results.end(), of_it)) continue;
    text += fmt::format("{}  {}\n", style.verdict("no saboteur", false), style.bold(each->slug));
  }
  text += fmt::format("{} of {} saboteurs caught; {} of {} requirements have a caught one\n",
                      results.size() - escaped - unknown, results.size(), with_caught.size(),
                      what.size());
  if (unknown > 0) text += fmt::format("{} not here: neither caught nor escaped\n", unknown);
  for (const auto& slug : with_caught) not_here.erase(slug);
  print_and_write([&] { fmt::print(out, "{}", text); },
                  [&] {
                    if (options.json_file.empty()) return;
                    write_json(options.json_file, sabotage_json(results, what));
                  });
  return escaped == 0 && with_caught.size() + not_here.size() == what.size() ? as_expected
                                                                             : deviations;
}

}  // namespace

void add_sabotage(CLI::App& app, context& state) {
  auto options = std::make_shared<sabotage_options>();
  auto* command = app.add_subcommand(
      "sabotage", "check the spec itself: run each deliberately wrong testee, all must be caught");
  add_selection(*command, options->wanted);
  command
      ->add_option("--jobs,-j", options->jobs, "saboteurs at once (default: twice the processors)")
      ->check(CLI::Range(1, 1024));
  command->add_option("--json", options->json_file, "write the results; - for stdout");
  command->callback([options, &state] { state.status = sabotage(*options); });
}

}  // namespace assay::program
