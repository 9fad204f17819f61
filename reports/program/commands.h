// The commands of the program `assay`: each adds itself to the command line and runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "conformance/harness/runner.h"
#include "reports/results.h"

namespace assay::program {

/// Exit statuses.
constexpr int as_expected = 0;
constexpr int deviations = 1;
constexpr int could_not_run = 2;

/// What a command line came to: the chosen command's function sets the status.
struct context {
  int status = as_expected;
};

void add_check(CLI::App& app, context& state);
void add_call(CLI::App& app, context& state);
void add_list(CLI::App& app, context& state);
void add_explain(CLI::App& app, context& state);
void add_sabotage(CLI::App& app, context& state);
void add_report(CLI::App& app, context& state);
void add_bench(CLI::App& app, context& state);
void add_compare(CLI::App& app, context& state);

/// Prints, and then writes files: these also where the print is no longer read.
void print_and_write(const std::function<void()>& print, const std::function<void()>& write);

/// `--area`, `--filter` and `--level`, alike in every command that selects requirements.
void add_selection(CLI::App& command, selection& wanted);

/// A file of JSON; throws std::runtime_error that names the file and the byte.
nlohmann::json read_json(const std::string& file);
/// As above, of schema 1 with the key `needed`, as the command `made_by` writes it.
nlohmann::json read_json(const std::string& file, const char* needed, const char* made_by);

/// Saboteurs of this build; empty where the program for them was not built.
std::vector<saboteur> known_saboteurs();
std::vector<claim> known_claims();

}  // namespace assay::program
