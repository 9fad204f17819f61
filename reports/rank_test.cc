#include "reports/rank_test.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace assay {
namespace {

// Of all ways to place the values of a among those of b, the share whose U is at most `u`.
// ways[j][k] is the number of ways to have k pairs in order with j values of a placed so far.
double share_up_to(std::size_t n, std::size_t m, std::size_t u) {
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1, 0.0));
  ways[0][0] = 1;
  // A value of a that stands behind i values of b adds i pairs; each i may be taken many times.
  for (std::size_t behind = 0; behind <= m; ++behind) {
    for (std::size_t taken = 1; taken <= n; ++taken) {
      for (std::size_t sum = behind; sum <= n * m; ++sum) {
        ways[taken][sum] += ways[taken - 1][sum - behind];
      }
    }
  }
  double below = 0;
  double all = 0;
  for (std::size_t sum = 0; sum <= n * m; ++sum) {
    all += ways[n][sum];
    if (sum <= u) below += ways[n][sum];
  }
  return below / all;
}

}  // namespace

double mann_whitney(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) return 1;
  std::vector<std::pair<double, bool>> all;  // value, whether it is one of a
  for (const double value : a) all.emplace_back(value, true);
  for (const double value : b) all.emplace_back(value, false);
  std::sort(all.begin(), all.end());

  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  double rank_sum = 0;  // of a; equal values share the mean of their ranks
  double tie_sum = 0;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    const auto equal = static_cast<double>(end - begin);
    const double rank = static_cast<double>(begin + end + 1) / 2;
    for (std::size_t i = begin; i < end; ++i) rank_sum += all[i].second ? rank : 0;
    tie_sum += equal * equal * equal - equal;
    begin = end;
  }
  const double u_of_a = rank_sum - n * (n + 1) / 2;
  const double u = std::min(u_of_a, n * m - u_of_a);

  constexpr std::size_t most = 20;
  if (tie_sum == 0 && a.size() <= most && b.size() <= most) {
    const auto whole = static_cast<std::size_t>(std::lround(u));
    return std::min(1.0, 2 * share_up_to(a.size(), b.size(), whole));
  }
  const double size = n + m;
  const double variance = n * m / 12 * (size + 1 - tie_sum / (size * (size - 1)));
  if (variance <= 0) return 1;  // all values are equal
  const double z = std::max(0.0, n * m / 2 - u - 0.5) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0));
}

}  // namespace assay
