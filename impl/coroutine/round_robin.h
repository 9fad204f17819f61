// The simplest scheduler: generators resumed in turn, on the caller's thread.
//
//   std::vector<ref::generator<int>> workers = …;
//   ref::round_robin(workers, 100);                    // 100 rounds, or until all have ended
//
// Nothing runs at the same time: a body that blocks, blocks all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace ref {

/// Resumes each generator once a round, in their order; one that has ended is passed over. Returns
/// how often one was resumed. What leaves a body ends the whole, and the others stay as they are.
template <typename Generators>
std::size_t round_robin(Generators& all,
                        std::int64_t rounds = std::numeric_limits<std::int64_t>::max()) {
  std::size_t steps = 0;
  for (bool goes_on = true; goes_on && rounds > 0; --rounds) {
    goes_on = false;
    for (auto& each : all) {
      if (each.is_finished()) continue;
      ++steps;
      if (each.try_next() != nullptr) goes_on = true;
    }
  }
  return steps;
}

}  // namespace ref
