// What the requirements of area cost ask, and how they read the answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay::cost {

/// Something that runs, as the ops name it.
using unit_kind = std::string;

/// A measurement: an op with a number of repetitions, and how many units, switches or waits are in
/// each of them.
struct measurement {
  std::string op;
  json params;
  int count = 1;
};
measurement starting(const unit_kind& kind, int count);
measurement switching(const unit_kind& kind, int count);
measurement waiting(const std::string& method, int idle, int count);

/// Seconds for one unit, switch or wait, of each measurement. All are taken in turn, several times,
/// and the best of each counts: other load can only add to a figure.
std::vector<double> best_of(const std::vector<measurement>& all);

/// Adds a line to the requirement's evidence.
void note(const std::string& text);
/// Seconds for people: `1.85 µs`.
std::string in_units(double seconds);

/// Expects that `dear` is at least so many times `cheap`; says both figures either way.
void expect_times(double dear, double factor, double cheap);

/// Bytes that so many units add to the memory that no one else has mapped, for each of them.
double bytes_of_each(const unit_kind& kind, int count);

/// What the kernel shows of units that compute side by side.
struct side_by_side {
  /// How many threads of the testee got on in one stretch of time without once waiting, be it for
  /// each other. They are in parallel as far as there are processors, however busy those are.
  int at_once = 0;
  /// How many rounds of work each unit got done.
  std::vector<std::int64_t> rounds;
};
/// Lets units compute until more than one was seen to do so at once, so many times at most.
side_by_side compute(const unit_kind& kind, int attempts);

}  // namespace assay::cost
