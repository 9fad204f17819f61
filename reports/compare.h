// What changed between two files of results, or between two of benchmarks.
//
//   comparison seen = compare(read(old_file), read(new_file), {.threshold = 0.05});
//   fmt::print("{}", comparison_text(seen));
//
// Benchmarks may be any that Google Benchmark wrote with --benchmark_format=json; verdicts are
// those of `assay check --json`.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "reports/ranking.h"

namespace assay {

struct compare_options {
  double threshold = 0.05;  ///< a change of the median of up to this share is none
  double alpha = 0.05;      ///< a change that chance explains more often than this is none
};

/// A requirement of a testee whose verdict is another than it was.
struct verdict_change {
  std::string testee;
  std::string requirement;
  std::string before;  ///< empty: it was not judged then
  std::string after;   ///< empty: it is not judged now
  /// It was as it should be, or was known, and is an unexpected deviation now.
  bool is_regression = false;
};

enum class timing_verdict { same, faster, slower, too_few_runs, only_before, only_after, failed };
const char* to_string(timing_verdict verdict);

/// One benchmark in both files; medians are nanoseconds or, with a rate, per second.
struct timing_change {
  std::string name;
  std::string metric;  ///< see figures.h
  double before = 0;
  double after = 0;
  std::size_t runs_before = 0;
  std::size_t runs_after = 0;
  double time_change = 0;  ///< by which share it takes longer now; negative: less long
  double p = 1;            ///< of the Mann-Whitney U test
  timing_verdict verdict = timing_verdict::same;
};

struct comparison {
  std::vector<verdict_change> verdicts;
  std::vector<timing_change> timings;
  std::optional<ranking_change> order;  ///< of two files of `assay bench`
  std::size_t verdicts_alike = 0;
  std::vector<std::string> remarks;  ///< what makes the files hard to compare, such as two machines
  /// Regressions and slower benchmarks.
  std::size_t worse() const;
};

/// Throws std::runtime_error when the files are of different kinds, or of neither.
comparison compare(const nlohmann::json& before, const nlohmann::json& after,
                   const compare_options& options);

/// For a terminal: each change a line, then the sum.
std::string comparison_text(const comparison& seen);
nlohmann::json comparison_json(const comparison& seen);

}  // namespace assay
