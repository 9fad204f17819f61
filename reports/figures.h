// Figures of benchmarks as people read them, and tables of text whose columns stand under another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The metrics: items_per_second and bytes_per_second, of which more is better; bytes_each and
/// real_time in nanoseconds, of which less is.
inline bool more_is_better(std::string_view metric) { return metric.ends_with("_per_second"); }

/// A value of a metric with three digits that count and its unit: `3.91 GB/s`, `79.2 k/s`, `412
/// ns`.
std::string show_figure(std::string_view metric, double value);

/// A time of Google Benchmark's in nanoseconds; an unknown unit is taken for nanoseconds.
double in_nanoseconds(double value, std::string_view unit);

/// With linear interpolation between the two nearest; `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double share);

/// Where the median lies with 95 % confidence or more, whatever the distribution: between the
/// samples that come k-th from both ends, since each sample is on either side of it like a coin
/// (of ten samples the second and the ninth). Fewer than six cannot say: all of them. `sorted` is
/// not empty. Source: W. J. Conover, Practical Nonparametric Statistics, "confidence interval for
/// a quantile".
struct interval {
  double low = 0;
  double high = 0;
};
interval median_interval(const std::vector<double>& sorted);

/// Rows of equal length as lines indented by two: the first column to the left, others to the
/// right. Widths count code points, which fits characters of a single column.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace assay
