// What the rows of a benchmark file come to: medians, spreads and ratios, for people.
//
//   fmt::print("{}", bench_table(run_benchmarks(options)));
//
// A peer is what is neither the reference nor a floor; a floor is an implementation whose name
// begins with "floor". Ratios are of speed: more than one is faster.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "reports/figures.h"

namespace assay {

/// One implementation at one behaviour. Values are of the behaviour's metric.
struct bench_line {
  std::string implementation;
  double median = 0;
  interval confidence;      ///< where the median lies with 95 % confidence
  double to_best_peer = 0;  ///< how many times as fast; 0 where there is no such thing
  double to_floor = 0;
  std::string error;  ///< it was left out: what it said
};

struct bench_behaviour {
  std::string area;
  std::string name;
  std::string metric;             ///< see figures.h
  std::vector<bench_line> lines;  ///< the fastest first, those with an error last
  bool more_is_better() const { return assay::more_is_better(metric); }
};

/// By area and behaviour in the order of the rows; aggregates of Google Benchmark are skipped.
std::vector<bench_behaviour> summarise_benchmarks(const nlohmann::json& bench);

/// The summary as text for a terminal: median, spread, ratio to the best peer and to the floor.
std::string bench_table(const nlohmann::json& bench);

}  // namespace assay
