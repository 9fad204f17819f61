// Whether two runs of the benchmarks put the implementations in the same order.
//
//   ranking_change order = compare_rankings(quiet_run, loaded_run, 0.05);
//
// Times of two runs may differ by whatever else the machine did; who is ahead of whom should not.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay {

/// Two implementations of one behaviour of which either was clearly ahead once.
struct swapped_pair {
  std::string area;
  std::string behaviour;
  std::string ahead;        ///< in the first run
  std::string behind;       ///< in the first run, and ahead in the second
  double times_before = 0;  ///< how many times as fast as the other the first of them was; above 1
  double times_after = 0;   ///< the same in the second run; below 1
};

/// Two are clearly apart when the 95 % intervals of their medians do not meet and the medians
/// differ by more than the threshold. Only pairs that both runs measured are counted.
struct ranking_change {
  std::size_t apart = 0;  ///< pairs clearly apart in the first run
  std::size_t kept = 0;   ///< of these, those in the same order and clearly apart in the second
  std::size_t close = 0;  ///< of these, those not clearly apart in the second
  std::vector<swapped_pair> swapped;  ///< of these, those clearly in the other order
};

/// Both as `assay bench --json` writes them. `threshold` is a share: 0.05 for five percent.
ranking_change compare_rankings(const nlohmann::json& before, const nlohmann::json& after,
                                double threshold);

/// For a terminal: each swapped pair a line, then the sum.
std::string ranking_text(const ranking_change& order);
nlohmann::json ranking_json(const ranking_change& order);

}  // namespace assay
