#include "conformance/spec/cost_steps.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <thread>
#include <utility>

#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/session.h"

namespace assay::cost {
namespace {

using ::testing::SizeIs;
using clock = std::chrono::steady_clock;

std::vector<pid_t> all_processes() {
  auto all = proc::descendants(main_actor().pid());
  all.push_back(main_actor().pid());
  return all;
}

// What it has written to. A page of a file that it only reads is its own as long as no other
// process happens to map it, which is no property of it.
std::int64_t private_bytes(pid_t pid) {
  const auto memory = proc::memory_of(pid);
  return memory ? memory->private_dirty : 0;
}

/// What a thread had come to by some moment.
struct progress {
  std::chrono::nanoseconds used{};  ///< processor time
  std::int64_t waits = 0;
};
struct look {
  clock::time_point begin;
  std::chrono::nanoseconds used{};  ///< by all processes
  clock::time_point end;            ///< of asking for `used`
  std::map<std::pair<pid_t, pid_t>, progress> threads;
};

look take_look() {
  const auto processes = all_processes();
  look seen;
  seen.begin = clock::now();
  for (const pid_t pid : processes) seen.used += proc::cpu_time(pid);
  seen.end = clock::now();
  for (const pid_t pid : processes) {
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
    if (after.waits == before->second.waits && after.used - before->second.used > 2ms) ++threads;
  }
  return threads;
}

// Rounded, so that it takes one and a half to be two: whoever takes turns uses one and a little for
// handing over.
int processors_used_between(const look& first, const look& second) {
  return int(std::lround(double((second.used - first.used).count()) /
                         double((second.end - first.begin).count())));
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
      const auto between = seen[second].begin - seen[first].end;
      int found = 0;
      if (between > 10ms) found = processors_used_between(seen[first], seen[second]);
      if (between > 40ms) found = std::max(found, got_on_between(seen[first], seen[second]));
      most = std::max(most, found);
    }
  }
  return most;
}

// The best of some repetitions.
double take(const measurement& what) {
  constexpr int repetitions = 8;
  json params = what.params;
  params["repetitions"] = repetitions;
  if (what.waiting > 0) hold(what.others, what.waiting);
  const auto all = main_actor().call(what.op, params).result().get<std::vector<double>>();
  if (what.waiting > 0) release();
  EXPECT_THAT(all, SizeIs(repetitions));
  return all.empty() ? 0 : std::ranges::min(all) / what.count;
}

std::string describe(const measurement& of) {
  const std::string others =
      of.waiting > 0 ? fmt::format(" with {} of kind {}", of.waiting, of.others) : "";
  return fmt::format("{} {}{}, each: ", of.op, of.params.dump(), others);
}

}  // namespace

void hold(const unit_kind& kind, int count) {
  EXPECT_THAT(main_actor().call("cost.hold", {{"kind", kind}, {"count", count}}), returned());
}
void release() { EXPECT_THAT(main_actor().call("cost.release"), returned()); }

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

measurement among(const unit_kind& others, int waiting, measurement what) {
  what.others = others;
  what.waiting = waiting;
  return what;
}

seconds best_of(const measurement& first, const measurement& second,
                const std::function<bool(const seconds&)>& as_it_should_be) {
  constexpr double unknown = std::numeric_limits<double>::infinity();
  seconds best{unknown, unknown};
  for (int round = 1; round <= 20; ++round) {
    best.first = std::min(best.first, take(first));
    best.second = std::min(best.second, take(second));
    if (round >= 3 && as_it_should_be(best)) break;
  }
  note(describe(first) + in_units(best.first));
  note(describe(second) + in_units(best.second));
  return best;
}

void expect_more(const measurement& dear, double factor, const measurement& cheap) {
  const auto is_more = [=](const seconds& best) { return best.first > factor * best.second; };
  const seconds best = best_of(dear, cheap, is_more);
  EXPECT_GT(best.second, 0);
  EXPECT_TRUE(is_more(best)) << in_units(best.first) << " is not more than " << factor << " times "
                             << in_units(best.second);
}

void expect_less(const measurement& one, double factor, const measurement& other) {
  const auto is_less = [=](const seconds& best) { return best.first < factor * best.second; };
  const seconds best = best_of(one, other, is_less);
  EXPECT_GT(best.first, 0);
  EXPECT_TRUE(is_less(best)) << in_units(best.first) << " is not less than " << factor << " times "
                             << in_units(best.second);
}

double bytes_of_each(const unit_kind& kind, int count) {
  const pid_t main = main_actor().pid();
  const auto processes_before = proc::descendants(main);
  const std::int64_t before = private_bytes(main);
  hold(kind, count);
  std::int64_t bytes = 0;
  bool has_children = false;
  for (const pid_t pid : proc::descendants(main)) {
    if (std::ranges::count(processes_before, pid) != 0) continue;
    has_children = true;
    bytes += private_bytes(pid);
  }
  // What a child maps as well is no longer the parent's own.
  if (!has_children) bytes = private_bytes(main) - before;
  release();
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
