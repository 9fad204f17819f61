// Producers and consumers as processes, started together and timed by themselves.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace assay::bench {

/// Which processor each process is pinned to; empty: the kernel chooses.
struct placement {
  std::vector<int> producers;
  std::vector<int> consumers;
};

/// Both ends on the first allowed processor.
placement same_core();
/// The ends on the first two allowed processors; nothing pinned where there is but one.
placement cross_core();

/// Pins this process to the processor of that index, round and round; nothing where there are none.
void pin_to(const std::vector<int>& cpus, int index);

/// What a process did; `sum` is for the check of the answer.
struct account {
  std::uint64_t messages = 0;
  std::uint64_t sum = 0;
  bool in_order = true;
};

/// What all of them did together, from the first start to the last end.
struct race_result {
  std::chrono::duration<double> elapsed{};
  std::chrono::duration<double> processor_time{};  ///< of all of them, start and end included
  account produced;
  account consumed;
  bool all_ended_well = true;
};

/// Forks the processes, lets them go at one instant, waits for all. Work gets its own number.
race_result race(int producers, int consumers, const placement& where,
                 const std::function<account(int)>& produce,
                 const std::function<account(int)>& consume);

}  // namespace assay::bench
