// What the requirements of area cost ask, and how they read the answers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay::cost {

/// Something that runs, as the ops name it.
using unit_kind = std::string;

/// Has so many units wait, and lets them end.
void hold(const unit_kind& kind, int count);
void release();

/// A measurement: an op that is repeated, how many units, switches or waits are in each repetition,
/// and how many units of a kind wait meanwhile.
struct measurement {
  std::string op;
  json params;
  int count = 1;
  unit_kind others = {};
  int waiting = 0;
};
measurement starting(const unit_kind& kind, int count);
measurement switching(const unit_kind& kind, int count);
measurement waiting(const std::string& method, int idle, int count);
/// The same measurement while so many units of the kind wait.
measurement among(const unit_kind& others, int waiting, measurement what);

/// Seconds for one unit, switch or wait, of two measurements: taken in turn, some times, the best
/// of each. What else runs on the machine can only add to a figure; so when they are not yet as
/// they should be, they are taken again, up to a limit.
struct seconds {
  double first = 0;
  double second = 0;
};
seconds best_of(const measurement& first, const measurement& second,
                const std::function<bool(const seconds&)>& as_it_should_be);

/// Expects that the one takes more than so many times as long as the other, or less.
void expect_more(const measurement& dear, double factor, const measurement& cheap);
void expect_less(const measurement& one, double factor, const measurement& other);

/// Adds a line to the requirement's evidence.
void note(const std::string& text);
/// Seconds for people: `1.85 µs`.
std::string in_units(double seconds);

/// Bytes that so many units add to the memory that was written to and that no one else has mapped,
/// for each of them.
double bytes_of_each(const unit_kind& kind, int count);

/// What the kernel shows of units that compute side by side.
struct side_by_side {
  /// How many threads of the testee got on in one stretch of time without once waiting, be it for
  /// each other; these are in parallel as far as there are processors, however busy those are. Or
  /// how many processors the testee used in one, if that is more: a runtime may have its threads
  /// take turns, and yet several of them at once.
  int at_once = 0;
  /// How many rounds of work each unit got done.
  std::vector<std::int64_t> rounds;
};
/// Lets units compute until more than one was seen to do so at once, so many times at most.
side_by_side compute(const unit_kind& kind, int attempts);

}  // namespace assay::cost
