#include "reports/bench_summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace assay {
namespace {

using nlohmann::json;

double in_nanoseconds(const json& row) {
  static const std::map<std::string, double, std::less<>> units{
      {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  const auto unit = units.find(row.value("time_unit", std::string("ns")));
  return row.value("real_time", 0.0) * (unit == units.end() ? 1.0 : unit->second);
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = static_cast<double>(sorted.size() - 1) * share;
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
}

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
  for (const char* rate : {"bytes_per_second", "items_per_second"}) {
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
      samples.push_back(metric == "real_time" ? in_nanoseconds(*row) : row->value(metric, 0.0));
    }
  }
  if (!line.error.empty() || samples.empty()) return line;
  std::sort(samples.begin(), samples.end());
  line.median = quantile(samples, 0.5);
  line.lower_quartile = quantile(samples, 0.25);
  line.upper_quartile = quantile(samples, 0.75);
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
      return behaviour.is_rate() ? line.median / other : other / line.median;
    };
    line.to_best_peer = ratio(peer);
    line.to_floor = ratio(floor);
  }
}

// Three digits that count.
std::string three_digits(double value) {
  const int before = value > 0 ? static_cast<int>(std::floor(std::log10(value * 1.0005))) : 0;
  return fmt::format("{:.{}f}", value, std::clamp(2 - before, 0, 6));
}

std::string scaled(double value, const std::vector<std::pair<double, const char*>>& units) {
  for (const auto& [scale, unit] : units) {
    if (value >= scale * 0.9995) return fmt::format("{} {}", three_digits(value / scale), unit);
  }
  return fmt::format("{} {}", three_digits(value), units.back().second);
}

std::string show(const bench_behaviour& behaviour, double value) {
  if (behaviour.metric == "bytes_per_second") {
    return scaled(value, {{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}, {1, "B/s"}});
  }
  if (behaviour.metric == "items_per_second") {
    return scaled(value, {{1e9, "G/s"}, {1e6, "M/s"}, {1e3, "k/s"}, {1, "/s"}});
  }
  return scaled(value, {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}});
}

std::string show_ratio(double ratio) {
  if (ratio <= 0) return "-";
  return ratio >= 10 ? fmt::format("{:.1f}x", ratio) : fmt::format("{:.2f}x", ratio);
}

// Columns of a terminal, as far as UTF-8 text of single-width characters goes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

using row_text = std::array<std::string, 5>;

void print_rows(const std::vector<row_text>& rows, std::string& out) {
  std::array<std::size_t, 5> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows) {
    std::string line = "  " + row[0] + std::string(widths[0] - width_of(row[0]), ' ');
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += std::string(2 + widths[i] - width_of(row[i]), ' ') + row[i];
    }
    out += line + "\n";
  }
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
                       return behaviour.is_rate() ? a.median > b.median : a.median < b.median;
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
    std::vector<row_text> rows{{"", "median", "middle half", "best peer", "floor"}};
    std::string errors;
    for (const auto& line : behaviour.lines) {
      if (!line.error.empty()) {
        errors += fmt::format("  {} is left out: {}\n", line.implementation, line.error);
        continue;
      }
      rows.push_back({line.implementation, show(behaviour, line.median),
                      fmt::format("{} to {}", show(behaviour, line.lower_quartile),
                                  show(behaviour, line.upper_quartile)),
                      show_ratio(line.to_best_peer), show_ratio(line.to_floor)});
    }
    if (rows.size() > 1) print_rows(rows, out);
    out += errors;
  }
  return out;
}

}  // namespace assay
