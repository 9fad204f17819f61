#include "reports/bench_summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "reports/figures.h"

namespace assay {
namespace {

using nlohmann::json;

// Rows of one behaviour, in the order in which implementations first appear.
struct gathered {
  std::string area;
  std::string name;
  std::vector<std::string> implementations;
  std::map<std::string, std::vector<const json*>> rows;
};

std::vector<gathered> gather(const json& bench) {
  std::vector<gathered> all;
  for (const auto& row : bench.at("benchmarks")) {
    if (row.value("run_type", std::string()) == "aggregate") continue;
    const auto area = row.at("area").get<std::string>();
    const auto name = row.at("behaviour").get<std::string>();
    auto found = std::find_if(all.begin(), all.end(), [&](const gathered& each) {
      return each.area == area && each.name == name;
    });
    if (found == all.end()) found = all.insert(all.end(), gathered{area, name, {}, {}});
    const auto implementation = row.at("implementation").get<std::string>();
    auto& rows = found->rows[implementation];
    if (rows.empty()) found->implementations.push_back(implementation);
    rows.push_back(&row);
  }
  return all;
}

std::string metric_of(const gathered& behaviour) {
  for (const char* rate : {"bytes_each", "bytes_per_second", "items_per_second"}) {
    for (const auto& [_, rows] : behaviour.rows) {
      for (const json* row : rows) {
        if (row->value(rate, 0.0) > 0) return rate;
      }
    }
  }
  return "real_time";
}

bench_line summarise(const std::string& implementation, const std::vector<const json*>& rows,
                     const std::string& metric) {
  bench_line line;
  line.implementation = implementation;
  std::vector<double> samples;
  for (const json* row : rows) {
    if (row->value("error_occurred", false)) {
      line.error = row->value("error_message", std::string("failed"));
    } else {
      samples.push_back(metric == "real_time" ? in_nanoseconds(row->value("real_time", 0.0),
                                                               row->value("time_unit", "ns"))
                                              : row->value(metric, 0.0));
    }
  }
  if (!line.error.empty() || samples.empty()) return line;
  std::sort(samples.begin(), samples.end());
  line.median = quantile(samples, 0.5);
  line.confidence = median_interval(samples);
  if (line.median <= 0) line.error = "measured nothing";
  return line;
}

bool is_floor(const bench_line& line) { return line.implementation.rfind("floor", 0) == 0; }
bool is_reference(const bench_line& line) { return line.implementation.rfind("reference", 0) == 0; }

void add_ratios(bench_behaviour& behaviour) {
  const auto fastest = [&](auto&& is_wanted) -> double {
    for (const auto& line : behaviour.lines) {
      if (line.error.empty() && is_wanted(line)) return line.median;
    }
    return 0;
  };
  const double peer =
      fastest([](const bench_line& line) { return !is_floor(line) && !is_reference(line); });
  const double floor = fastest(is_floor);
  for (auto& line : behaviour.lines) {
    if (!line.error.empty()) continue;
    const auto ratio = [&](double other) {
      if (other <= 0) return 0.0;
      return behaviour.more_is_better() ? line.median / other : other / line.median;
    };
    line.to_best_peer = ratio(peer);
    line.to_floor = ratio(floor);
  }
}

std::string show_ratio(double ratio) {
  if (ratio <= 0) return "-";
  return ratio >= 10 ? fmt::format("{:.1f}x", ratio) : fmt::format("{:.2f}x", ratio);
}

}  // namespace

std::vector<bench_behaviour> summarise_benchmarks(const json& bench) {
  std::vector<bench_behaviour> all;
  for (const auto& each : gather(bench)) {
    bench_behaviour behaviour{each.area, each.name, metric_of(each), {}};
    for (const auto& name : each.implementations) {
      behaviour.lines.push_back(summarise(name, each.rows.at(name), behaviour.metric));
    }
    std::stable_sort(behaviour.lines.begin(), behaviour.lines.end(),
                     [&](const bench_line& a, const bench_line& b) {
                       if (a.error.empty() != b.error.empty()) return a.error.empty();
                       return behaviour.more_is_better() ? a.median > b.median
                                                         : a.median < b.median;
                     });
    add_ratios(behaviour);
    all.push_back(std::move(behaviour));
  }
  return all;
}

std::string bench_table(const json& bench) {
  std::string out;
  for (const auto& behaviour : summarise_benchmarks(bench)) {
    out += fmt::format("{}{}: {}\n", out.empty() ? "" : "\n", behaviour.area, behaviour.name);
    std::vector<std::vector<std::string>> rows{
        {"", "median", "95 % interval", "best peer", "floor"}};
    std::string errors;
    for (const auto& line : behaviour.lines) {
      if (!line.error.empty()) {
        errors += fmt::format("  {} is left out: {}\n", line.implementation, line.error);
        continue;
      }
      rows.push_back({line.implementation, show_figure(behaviour.metric, line.median),
                      fmt::format("{} to {}", show_figure(behaviour.metric, line.confidence.low),
                                  show_figure(behaviour.metric, line.confidence.high)),
                      show_ratio(line.to_best_peer), show_ratio(line.to_floor)});
    }
    if (rows.size() > 1) out += aligned(rows);
    out += errors;
  }
  return out;
}

}  // namespace assay
