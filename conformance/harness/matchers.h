// GoogleMock matchers for outcomes of ops.
//
//   EXPECT_THAT(queue.get({.timeout = 50ms}), raised("Empty").after(at_least(50ms)));
//   EXPECT_THAT(main_actor().call("queue.qsize", {{"queue", "q"}}), returned(3));
#pragma once

#include <gmock/gmock.h>

#include <optional>

#include "conformance/harness/actor.h"

namespace assay {

/// Bounds on elapsed time. The lower bound is exact; the upper one is scaled by time_scale() and
/// leaves out the time for which processors were waited for.
struct time_bounds {
  std::chrono::nanoseconds lower{0};
  std::chrono::nanoseconds upper = std::chrono::nanoseconds::max();
};
/// At least this long, and at most this long plus a generous, scaled second.
time_bounds at_least(std::chrono::nanoseconds lower);
/// Without waiting: within a generous, scaled bound (500 ms).
time_bounds at_once();

/// Matches an outcome that raised this error type.
class raised {
 public:
  using is_gtest_matcher = void;
  explicit raised(std::string error_type) : type_(std::move(error_type)) {}
  raised after(time_bounds bounds) const;
  raised at_position(int position) const;             ///< data.position
  raised with_status(std::vector<int> any_of) const;  ///< data.status is one of these

  bool MatchAndExplain(const outcome& value, ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  std::string type_;
  std::optional<time_bounds> bounds_;
  std::optional<int> position_;
  std::vector<int> statuses_;
};

/// Matches an outcome that returned this JSON value (or anything, without an argument).
class returned {
 public:
  using is_gtest_matcher = void;
  returned() = default;
  explicit returned(json value) : value_(std::move(value)) {}
  returned after(time_bounds bounds) const;

  bool MatchAndExplain(const outcome& value, ::testing::MatchResultListener* listener) const;
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  std::optional<json> value_;
  std::optional<time_bounds> bounds_;
};

}  // namespace assay
