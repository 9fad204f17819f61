#include "reports/compare.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "reports/figures.h"
#include "reports/rank_test.h"

namespace assay {
namespace {

using nlohmann::json;

// What a file's runs of one benchmark measured.
struct series {
  std::string metric;
  std::vector<double> samples;  // sorted
  bool has_failed = false;
};

struct all_series {
  std::vector<std::string> names;  // in the order of the file
  std::map<std::string, series> of;
};

// A row as `assay bench` writes them; a ranking needs these fields.
bool is_of_assay_bench(const json& row) {
  return row.contains("area") && row.contains("behaviour") && row.contains("implementation");
}

std::string metric_of(const json& row) {
  for (const char* rate : {"bytes_each", "bytes_per_second", "items_per_second"}) {
    if (row.value(rate, 0.0) > 0) return rate;
  }
  return "real_time";
}

// Google Benchmark appends to a name how often it ran; of our own rows the parts are known.
std::string name_of(const json& row) {
  if (!is_of_assay_bench(row)) return row.value("run_name", row.at("name").get<std::string>());
  return fmt::format("{}/{}/{}", row.at("area").get<std::string>(),
                     row.at("behaviour").get<std::string>(),
                     row.at("implementation").get<std::string>());
}

all_series series_of(const json& file) {
  all_series all;
  for (const auto& row : file.at("benchmarks")) {
    if (row.value("run_type", std::string()) == "aggregate") continue;
    const auto name = name_of(row);
    auto [found, is_new] = all.of.try_emplace(name);
    if (is_new) {
      all.names.push_back(name);
      found->second.metric = metric_of(row);
    }
    series& one = found->second;
    if (row.value("error_occurred", false)) {
      one.has_failed = true;
    } else if (one.metric == "real_time") {
      one.samples.push_back(
          in_nanoseconds(row.value("real_time", 0.0), row.value("time_unit", "ns")));
    } else {
      one.samples.push_back(row.value(one.metric, 0.0));
    }
  }
  for (auto& [_, one] : all.of) std::sort(one.samples.begin(), one.samples.end());
  return all;
}

// The U test of two lists of four cannot give less than 0.028, of three not less than 0.1.
constexpr std::size_t fewest_runs = 4;

timing_change compared(const std::string& name, const series& before, const series& after,
                       const compare_options& options) {
  timing_change change;
  change.name = name;
  change.metric = after.metric;
  change.runs_before = before.samples.size();
  change.runs_after = after.samples.size();
  if (before.samples.empty() || after.samples.empty() || before.metric != after.metric) {
    change.verdict = timing_verdict::failed;
    return change;
  }
  change.before = quantile(before.samples, 0.5);
  change.after = quantile(after.samples, 0.5);
  if (change.before <= 0 || change.after <= 0) {
    change.verdict = timing_verdict::failed;
    return change;
  }
  const double longer =
      more_is_better(change.metric) ? change.before / change.after : change.after / change.before;
  change.time_change = longer - 1;
  change.p = mann_whitney(before.samples, after.samples);
  // The same factor both ways: twice as slow and twice as fast are equally far from no change.
  const double factor = 1 + options.threshold;
  const bool is_far = longer > factor || longer < 1 / factor;
  if (std::min(change.runs_before, change.runs_after) < fewest_runs) {
    change.verdict = is_far ? timing_verdict::too_few_runs : timing_verdict::same;
  } else if (is_far && change.p < options.alpha) {
    change.verdict = longer > 1 ? timing_verdict::slower : timing_verdict::faster;
  }
  return change;
}

std::vector<timing_change> compare_timings(const json& before, const json& after,
                                           const compare_options& options) {
  const all_series old_ones = series_of(before);
  const all_series new_ones = series_of(after);
  std::vector<timing_change> changes;
  const auto lone = [&](const std::string& name, const series& one, timing_verdict verdict) {
    timing_change change;
    change.name = name;
    change.metric = one.metric;
    change.verdict = verdict;
    const double median = one.samples.empty() ? 0 : quantile(one.samples, 0.5);
    (verdict == timing_verdict::only_before ? change.before : change.after) = median;
    changes.push_back(change);
  };
  for (const auto& name : old_ones.names) {
    const series& one = old_ones.of.at(name);
    const auto other = new_ones.of.find(name);
    if (other == new_ones.of.end()) {
      lone(name, one, timing_verdict::only_before);
    } else {
      changes.push_back(compared(name, one, other->second, options));
    }
  }
  for (const auto& name : new_ones.names) {
    if (!old_ones.of.count(name)) lone(name, new_ones.of.at(name), timing_verdict::only_after);
  }
  return changes;
}

struct judged {
  std::string verdict;
  bool expected = false;
};
using verdicts_by_pair = std::map<std::pair<std::string, std::string>, judged>;

verdicts_by_pair verdicts_of(const json& file) {
  verdicts_by_pair all;
  for (const auto& each : file.at("results")) {
    const auto verdict = each.at("verdict").get<std::string>();
    if (verdict == "not supported" || verdict == "not here") continue;
    all[{each.at("testee"), each.at("requirement")}] = {verdict, each.at("expected").get<bool>()};
  }
  return all;
}

void compare_verdicts(const json& before, const json& after, comparison& seen) {
  const verdicts_by_pair old_ones = verdicts_of(before);
  const verdicts_by_pair new_ones = verdicts_of(after);
  for (const auto& [pair, now] : new_ones) {
    const auto then = old_ones.find(pair);
    const std::string was = then == old_ones.end() ? std::string() : then->second.verdict;
    if (was == now.verdict) {
      ++seen.verdicts_alike;
      continue;
    }
    const bool was_fine = then == old_ones.end() || then->second.expected;
    // An unexpected pass is a stale expectation, and nothing that got worse.
    const bool is_worse = !now.expected && now.verdict != "unexpected pass" && was_fine;
    seen.verdicts.push_back({pair.first, pair.second, was, now.verdict, is_worse});
  }
  for (const auto& [pair, then] : old_ones) {
    if (!new_ones.count(pair)) {
      seen.verdicts.push_back({pair.first, pair.second, then.verdict, "", false});
    }
  }
}

bool is_of_results(const json& file) { return file.is_object() && file.contains("results"); }
bool is_of_benchmarks(const json& file) {
  return file.is_object() && file.contains("benchmarks") && file.at("benchmarks").is_array();
}
bool are_of_assay_bench(const json& file) {
  const json& rows = file.at("benchmarks");
  return std::all_of(rows.begin(), rows.end(), is_of_assay_bench);
}

// Where a file says what it ran on: our own `machine`, or Google Benchmark's `context`.
json machine_of(const json& file) {
  if (file.contains("machine")) {
    const json& machine = file.at("machine");
    return json{{"cpu", machine.value("cpu", "")}, {"cores", machine.value("cores", 0)}};
  }
  if (!file.contains("context")) return nullptr;
  const json& context = file.at("context");
  return json{{"cores", context.value("num_cpus", 0)}, {"host", context.value("host_name", "")}};
}

std::string percent(double share) { return fmt::format("{:+.1f} %", 100 * share); }

}  // namespace

const char* to_string(timing_verdict verdict) {
  switch (verdict) {
    case timing_verdict::same:
      return "same";
    case timing_verdict::faster:
      return "faster";
    case timing_verdict::slower:
      return "slower";
    case timing_verdict::too_few_runs:
      return "too few runs";
    case timing_verdict::only_before:
      return "gone";
    case timing_verdict::only_after:
      return "new";
    case timing_verdict::failed:
      return "not comparable";
  }
  return "";
}

std::size_t comparison::worse() const {
  const auto slower = std::count_if(timings.begin(), timings.end(), [](const auto& each) {
    return each.verdict == timing_verdict::slower;
  });
  const auto regressed = std::count_if(verdicts.begin(), verdicts.end(),
                                       [](const auto& each) { return each.is_regression; });
  return static_cast<std::size_t>(slower + regressed);
}

comparison compare(const json& before, const json& after, const compare_options& options) {
  comparison seen;
  if (is_of_results(before) && is_of_results(after)) {
    compare_verdicts(before, after, seen);
  } else if (is_of_benchmarks(before) && is_of_benchmarks(after)) {
    seen.timings = compare_timings(before, after, options);
    if (are_of_assay_bench(before) && are_of_assay_bench(after)) {
      seen.order = compare_rankings(before, after, options.threshold);
    }
    if (machine_of(before) != machine_of(after)) {
      seen.remarks.push_back("the files are of two machines: what changed may be the machine");
    }
  } else {
    throw std::runtime_error(
        "two files of one kind are needed: both from `assay check --json`, or both from `assay "
        "bench --json` or Google Benchmark");
  }
  return seen;
}

std::string comparison_text(const comparison& seen) {
  std::string out;
  for (const auto& remark : seen.remarks) out += fmt::format("note: {}\n", remark);
  std::vector<std::vector<std::string>> rows;
  for (const auto& each : seen.verdicts) {
    const auto said = [](const std::string& verdict) { return verdict.empty() ? "-" : verdict; };
    rows.push_back({each.testee + "  " + each.requirement, said(each.before), said(each.after),
                    each.is_regression ? "regression" : ""});
  }
  if (!rows.empty()) {
    rows.insert(rows.begin(), {"", "before", "after", ""});
    out += aligned(rows);
  }
  rows.clear();
  for (const auto& each : seen.timings) {
    const auto figure = [&](double value) {
      return value > 0 ? show_figure(each.metric, value) : std::string("-");
    };
    const bool has_both = each.before > 0 && each.after > 0;
    rows.push_back(
        {each.name, figure(each.before), figure(each.after),
         has_both ? percent(each.time_change) : "-", has_both ? fmt::format("{:.3f}", each.p) : "-",
         fmt::format("{}/{}", each.runs_before, each.runs_after), to_string(each.verdict)});
  }
  if (!rows.empty()) {
    rows.insert(rows.begin(), {"", "before", "after", "time", "p", "runs", ""});
    out += aligned(rows);
  }
  if (seen.timings.empty()) {
    const auto worse = seen.worse();
    out += fmt::format("{} verdicts alike, {} changed, {} of them {}\n", seen.verdicts_alike,
                       seen.verdicts.size(), worse, worse == 1 ? "a regression" : "regressions");
  } else {
    const auto count = [&](timing_verdict verdict) {
      return std::count_if(seen.timings.begin(), seen.timings.end(),
                           [&](const auto& each) { return each.verdict == verdict; });
    };
    out += fmt::format("{} benchmarks: {} slower, {} faster, {} the same", seen.timings.size(),
                       count(timing_verdict::slower), count(timing_verdict::faster),
                       count(timing_verdict::same));
    for (const auto verdict : {timing_verdict::too_few_runs, timing_verdict::only_before,
                               timing_verdict::only_after, timing_verdict::failed}) {
      if (count(verdict) > 0) out += fmt::format(", {} {}", count(verdict), to_string(verdict));
    }
    out += "\n";
  }
  if (seen.order) out += ranking_text(*seen.order);
  return out;
}

json comparison_json(const comparison& seen) {
  json verdicts = json::array();
  for (const auto& each : seen.verdicts) {
    verdicts.push_back({{"testee", each.testee},
                        {"requirement", each.requirement},
                        {"before", each.before},
                        {"after", each.after},
                        {"regression", each.is_regression}});
  }
  json timings = json::array();
  for (const auto& each : seen.timings) {
    timings.push_back({{"name", each.name},
                       {"metric", each.metric},
                       {"before", each.before},
                       {"after", each.after},
                       {"runs_before", each.runs_before},
                       {"runs_after", each.runs_after},
                       {"time_change", each.time_change},
                       {"p", each.p},
                       {"verdict", to_string(each.verdict)}});
  }
  return {{"schema", 1},
          {"remarks", seen.remarks},
          {"verdicts_alike", seen.verdicts_alike},
          {"verdicts", verdicts},
          {"timings", timings},
          {"worse", seen.worse()},
          {"order", seen.order ? ranking_json(*seen.order) : json()}};
}

}  // namespace assay
