#include "reports/ranking.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/bench_summary.h"
#include "reports/figures.h"

namespace assay {
namespace {

using nlohmann::json;

const bench_line* line_of(const bench_behaviour& behaviour, const std::string& implementation) {
  const auto found =
      std::find_if(behaviour.lines.begin(), behaviour.lines.end(), [&](const bench_line& each) {
        return each.implementation == implementation && each.error.empty();
      });
  return found == behaviour.lines.end() ? nullptr : &*found;
}

const bench_behaviour* behaviour_of(const std::vector<bench_behaviour>& all,
                                    const bench_behaviour& wanted) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const bench_behaviour& each) {
    return each.area == wanted.area && each.name == wanted.name && each.metric == wanted.metric;
  });
  return found == all.end() ? nullptr : &*found;
}

double times_as_fast(bool more_is_better, const bench_line& one, const bench_line& other) {
  return more_is_better ? one.median / other.median : other.median / one.median;
}

bool are_apart(const bench_line& one, const bench_line& other, double threshold) {
  const double larger = std::max(one.median, other.median);
  const double smaller = std::min(one.median, other.median);
  const bool meet =
      one.confidence.low <= other.confidence.high && other.confidence.low <= one.confidence.high;
  return !meet && larger > smaller * (1 + threshold);
}

// Lines are sorted, so that `first` is ahead of `second` in the first run.
void compare_pair(const bench_behaviour& before, const bench_line& first, const bench_line& second,
                  const bench_behaviour& after, double threshold, ranking_change& order) {
  const bench_line* first_after = line_of(after, first.implementation);
  const bench_line* second_after = line_of(after, second.implementation);
  if (!first.error.empty() || !second.error.empty()) return;
  if (first_after == nullptr || second_after == nullptr) return;
  if (!are_apart(first, second, threshold)) return;
  ++order.apart;
  const bool more = before.more_is_better();
  const double times_after = times_as_fast(more, *first_after, *second_after);
  if (!are_apart(*first_after, *second_after, threshold)) {
    ++order.close;
  } else if (times_after > 1) {
    ++order.kept;
  } else {
    order.swapped.push_back({before.area, before.name, first.implementation, second.implementation,
                             times_as_fast(more, first, second), times_after});
  }
}

}  // namespace

ranking_change compare_rankings(const json& before, const json& after, double threshold) {
  ranking_change order;
  const auto new_ones = summarise_benchmarks(after);
  for (const auto& behaviour : summarise_benchmarks(before)) {
    const bench_behaviour* now = behaviour_of(new_ones, behaviour);
    if (now == nullptr) continue;
    for (auto first = behaviour.lines.begin(); first != behaviour.lines.end(); ++first) {
      for (auto second = first + 1; second != behaviour.lines.end(); ++second) {
        compare_pair(behaviour, *first, *second, *now, threshold, order);
      }
    }
  }
  return order;
}

std::string ranking_text(const ranking_change& order) {
  std::string out;
  for (const auto& each : order.swapped) {
    out +=
        fmt::format("  {}/{}: {} was {:.2f} times as fast as {}, is {:.2f} times\n", each.area,
                    each.behaviour, each.ahead, each.times_before, each.behind, each.times_after);
  }
  return out + fmt::format(
                   "order: of {} pairs clearly apart before, {} are in the same order, {} "
                   "are no longer clearly apart, {} changed places\n",
                   order.apart, order.kept, order.close, order.swapped.size());
}

json ranking_json(const ranking_change& order) {
  json swapped = json::array();
  for (const auto& each : order.swapped) {
    swapped.push_back({{"area", each.area},
                       {"behaviour", each.behaviour},
                       {"ahead", each.ahead},
                       {"behind", each.behind},
                       {"times_before", each.times_before},
                       {"times_after", each.times_after}});
  }
  return {
      {"apart", order.apart}, {"kept", order.kept}, {"close", order.close}, {"swapped", swapped}};
}

}  // namespace assay
