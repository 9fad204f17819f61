// Runs the benchmark programs of this build and gathers what they measured.
//
//   bench_options options;
//   options.areas = {"regex"};
//   options.machine = machine_json();
//   nlohmann::json bench = run_benchmarks(options);
//
// A benchmark program is `<bin>/bench/<area>_bench`, made with Google Benchmark; each of its
// benchmarks is named `<area>/<behaviour>/<implementation>`. All of one program run interleaved, so
// that a disturbance of the machine falls on every implementation alike.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct bench_options {
  std::vector<std::string> areas;  ///< empty: every area that has a program
  /// Testees by name or path, measured beside the bundled ones; handed on in ASSAY_BENCH_TESTEES.
  std::vector<std::string> testees;
  int repetitions = 0;  ///< 0: ten, or three of a quick run
  bool quick = false;   ///< shorter runs, for a first look; ASSAY_BENCH_QUICK=1 is set
  std::string filter;   ///< a regular expression over whole names; empty: all
  /// Where the programs lie; empty: `bench` beside the running program.
  std::filesystem::path programs;
  nlohmann::json machine;  ///< what the file says about the machine
  /// Called about once a second with the area and for how long its program has been running.
  std::function<void(std::string_view area, int seconds)> on_progress;
};

/// The areas that have a program, in alphabetical order.
std::vector<std::string> bench_areas(const std::filesystem::path& programs = {});

/// Runs them one after the other. Gives {"schema": 1, "machine": …, "benchmarks": rows, "failures":
/// [{"area", "message"}]}; a row is Google Benchmark's with "area", "behaviour" and
/// "implementation" added. A program that fails, or whose file is no JSON of Google Benchmark, is a
/// failure with its last words and what to do; where nothing else was measured, that is thrown as a
/// std::runtime_error. Throws std::invalid_argument for an area without a program and for a filter
/// that fits nothing.
nlohmann::json run_benchmarks(const bench_options& options);

/// The three parts of a row's name. Parts that Google Benchmark appends (`/real_time`,
/// `/threads:4`) are no part of it. Throws std::runtime_error when there are not three.
struct bench_name {
  std::string area;
  std::string behaviour;
  std::string implementation;
};
bench_name parse_bench_name(std::string_view name);

}  // namespace assay
