// The Mann-Whitney U test: whether one list of timings tends to be greater than another.
//
//   double p = mann_whitney({10.1, 10.2, 10.4}, {11.0, 11.2, 11.1});
//
// It looks at ranks alone, so that outliers count no more than any other value and nothing is
// assumed about the shape of the distribution. Source: H. B. Mann and D. R. Whitney, "On a Test of
// Whether one of Two Random Variables is Stochastically Larger than the Other", Annals of
// Mathematical Statistics 18 (1947).
#pragma once

#include <vector>

namespace assay {

/// The two-sided probability of ranks at least as uneven as these if both lists came from the same
/// distribution: exact when no two values are equal and neither list has more than 20, else by the
/// normal approximation, corrected for ties and continuity. 1 when a list is empty.
double mann_whitney(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace assay
