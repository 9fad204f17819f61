#include "reports/figures.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace assay {
namespace {

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

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

std::string show_figure(std::string_view metric, double value) {
  if (metric == "bytes_per_second") {
    return scaled(value, {{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}, {1, "B/s"}});
  }
  if (metric == "items_per_second") {
    return scaled(value, {{1e9, "G/s"}, {1e6, "M/s"}, {1e3, "k/s"}, {1, "/s"}});
  }
  if (metric == "bytes_each") {
    return scaled(value, {{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}});
  }
  return scaled(value, {{1e9, "s"}, {1e6, "ms"}, {1e3, "µs"}, {1, "ns"}});
}

double in_nanoseconds(double value, std::string_view unit) {
  static const std::map<std::string, double, std::less<>> units{
      {"ns", 1.0}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  const auto known = units.find(unit);
  return value * (known == units.end() ? 1.0 : known->second);
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = static_cast<double>(sorted.size() - 1) * share;
  const auto low = static_cast<std::size_t>(at);
  const auto high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - static_cast<double>(low));
}

interval median_interval(const std::vector<double>& sorted) {
  const std::size_t count = sorted.size();
  // That of `count` coins no more than `left_out` show heads.
  double chance = std::pow(0.5, static_cast<double>(count));
  double term = chance;
  std::size_t left_out = 0;
  for (std::size_t next = 1; next < count; ++next) {
    if (2 * chance > 0.05) break;
    left_out = next - 1;
    term *= static_cast<double>(count - next + 1) / static_cast<double>(next);
    chance += term;
  }
  return {sorted[left_out], sorted[count - 1 - left_out]};
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string room(widths[i] - width_of(row[i]), ' ');
      line += i == 0 ? row[i] + room : "  " + room + row[i];
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

}  // namespace assay
