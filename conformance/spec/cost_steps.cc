#include "conformance/spec/cost_steps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <thread>
#include <utility>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/session.h"

namespace assay::cost {
namespace {

using clock = std::chrono::steady_clock;

std::vector<pid_t> all_processes() {
  auto all = proc::descendants(main_actor().pid());
  all.push_back(main_actor().pid());
  return all;
}

std::int64_t private_bytes(pid_t pid) {
  const auto memory = proc::memory_of(pid);
  return memory ? memory->private_clean + memory->private_dirty : 0;
}

/// What a thread had come to by some moment.
struct progress {
  std::chrono::nanoseconds used{};  ///< processor time
  std::int64_t waits = 0;
};
struct look {
  clock::time_point time;
  std::map<std::pair<pid_t, pid_t>, progress> threads;
};

look take_look() {
  look seen{clock::now(), {}};
  for (const pid_t pid : all_processes()) {
    for (const pid_t tid : proc::threads(pid)) {
      seen.threads[{pid, tid}] = {proc::cpu_time(pid, tid), proc::voluntary_switches(pid, tid)};
    }
  }
  return seen;
}

// Threads that take turns, by a lock as CPython's, wait at the end of a turn. So at most one of
// them has had the processor without a wait; the time tells it from those that never got it.
int got_on_between(const look& first, const look& second) {
  int threads = 0;
  for (const auto& [thread, after] : second.threads) {
    const auto before = first.threads.find(thread);
    if (before == first.threads.end()) continue;
    if (after.waits == before->second.waits && after.used - before->second.used > 5ms) ++threads;
  }
  return threads;
}

// Looks at the testee until the call is done.
int at_once_during(pending_call& computing) {
  std::vector<look> seen;
  while (!computing.is_done()) {
    seen.push_back(take_look());
    std::this_thread::sleep_for(5ms);
  }
  int most = 0;
  for (std::size_t first = 0; first < seen.size(); ++first) {
    for (std::size_t second = first + 1; second < seen.size(); ++second) {
      if (seen[second].time - seen[first].time < 40ms) continue;
      most = std::max(most, got_on_between(seen[first], seen[second]));
    }
  }
  return most;
}

}  // namespace

void note(const std::string& text) {
  if (session* here = current_session()) here->log().add("assay", "!", text);
}

std::string in_units(double seconds) {
  if (seconds < 1e-6) return fmt::format("{:.3g} ns", seconds * 1e9);
  if (seconds < 1e-3) return fmt::format("{:.3g} µs", seconds * 1e6);
  return fmt::format("{:.3g} ms", seconds * 1e3);
}

measurement starting(const unit_kind& kind, int count) {
  return {"cost.start", {{"kind", kind}, {"count", count}}, count};
}
measurement switching(const unit_kind& kind, int count) {
  return {"cost.switch", {{"kind", kind}, {"count", count}}, count};
}
measurement waiting(const std::string& method, int idle, int count) {
  return {"cost.wait", {{"method", method}, {"idle", idle}, {"count", count}}, count};
}

std::vector<double> best_of(const std::vector<measurement>& all) {
  constexpr int rounds = 3;
  std::vector<double> best(all.size(), std::numeric_limits<double>::infinity());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      json params = all[i].params;
      params["repetitions"] = 8;
      const outcome measured = main_actor().call(all[i].op, params);
      for (const auto& seconds : measured.result()) {
        best[i] = std::min(best[i], seconds.get<double>() / all[i].count);
      }
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    note(fmt::format("{} {}: {} each", all[i].op, all[i].params.dump(), in_units(best[i])));
  }
  return best;
}

void expect_times(double dear, double factor, double cheap) {
  EXPECT_GT(cheap, 0);
  EXPECT_GT(dear, factor * cheap) << in_units(dear) << " is less than " << factor << " times "
                                  << in_units(cheap);
}

double bytes_of_each(const unit_kind& kind, int count) {
  const pid_t main = main_actor().pid();
  const auto processes_before = proc::descendants(main);
  const std::int64_t before = private_bytes(main);
  EXPECT_THAT(main_actor().call("cost.hold", {{"kind", kind}, {"count", count}}), returned());
  std::int64_t bytes = 0;
  bool has_children = false;
  for (const pid_t pid : proc::descendants(main)) {
    if (std::ranges::count(processes_before, pid) != 0) continue;
    has_children = true;
    bytes += private_bytes(pid);
  }
  // What a child maps as well is no longer the parent's own.
  if (!has_children) bytes = private_bytes(main) - before;
  EXPECT_THAT(main_actor().call("cost.release"), returned());
  note(fmt::format("{}: {:.2f} KiB each", kind, double(bytes) / count / 1024));
  return double(bytes) / count;
}

side_by_side compute(const unit_kind& kind, int attempts) {
  constexpr int units = 4;
  side_by_side found;
  for (; attempts > 0 && found.at_once < 2; --attempts) {
    pending_call computing =
        main_actor().begin("cost.compute", {{"kind", kind}, {"units", units}, {"seconds", 0.1}});
    found.at_once = std::max(found.at_once, at_once_during(computing));
    found.rounds = computing.finish().result().get<std::vector<std::int64_t>>();
  }
  note(fmt::format("{} of {} units of kind {} computed at once", found.at_once, units, kind));
  return found;
}

}  // namespace assay::cost
