#include "conformance/harness/matchers.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "conformance/protocol/type.h"

namespace assay {
namespace {

using ms = std::chrono::duration<double, std::milli>;

std::string describe(const time_bounds& bounds) {
  std::string text;
  if (bounds.lower.count() > 0)
    text += fmt::format(" after at least {} ms", ms(bounds.lower).count());
  if (bounds.upper != std::chrono::nanoseconds::max()) {
    text += fmt::format("{} within {} ms", text.empty() ? "" : " and",
                        ms(scaled(bounds.upper)).count());
  }
  return text;
}

bool check(const std::optional<time_bounds>& bounds, const outcome& value,
           ::testing::MatchResultListener* listener) {
  if (!bounds) return true;
  if (value.elapsed() < bounds->lower) {
    *listener << fmt::format("which came {:.3f} ms too early",
                             ms(bounds->lower - value.elapsed()).count());
    return false;
  }
  if (bounds->upper != std::chrono::nanoseconds::max() &&
      value.own_time() > scaled(bounds->upper)) {
    *listener << fmt::format("which came {:.1f} ms too late",
                             ms(value.own_time() - scaled(bounds->upper)).count());
    return false;
  }
  return true;
}

}  // namespace

time_bounds at_least(std::chrono::nanoseconds lower) { return {lower, lower + 1s}; }

time_bounds at_once() { return {0ns, 500ms}; }

raised raised::after(time_bounds bounds) const {
  raised copy = *this;
  copy.bounds_ = bounds;
  return copy;
}

raised raised::at_position(int position) const {
  raised copy = *this;
  copy.position_ = position;
  return copy;
}

raised raised::with_status(std::vector<int> any_of) const {
  raised copy = *this;
  copy.statuses_ = std::move(any_of);
  return copy;
}

bool raised::MatchAndExplain(const outcome& value, ::testing::MatchResultListener* listener) const {
  if (value.ok() || value.error_type() != type_) return false;
  const json& data = value.error_data();
  if (position_ && data.value("position", -1) != *position_) {
    *listener << "whose position is "
              << (data.contains("position") ? data["position"].dump() : std::string("absent"));
    return false;
  }
  if (!statuses_.empty() &&
      std::find(statuses_.begin(), statuses_.end(), data.value("status", -1)) == statuses_.end()) {
    *listener << "whose status is "
              << (data.contains("status") ? data["status"].dump() : std::string("absent"));
    return false;
  }
  return check(bounds_, value, listener);
}

void raised::DescribeTo(std::ostream* out) const {
  *out << "raises " << type_;
  if (position_) *out << " at position " << *position_;
  if (!statuses_.empty()) *out << fmt::format(" with status {}", fmt::join(statuses_, " or "));
  if (bounds_) *out << describe(*bounds_);
}

void raised::DescribeNegationTo(std::ostream* out) const {
  *out << "not: ";
  DescribeTo(out);
}

returned returned::after(time_bounds bounds) const {
  returned copy = *this;
  copy.bounds_ = bounds;
  return copy;
}

bool returned::MatchAndExplain(const outcome& value,
                               ::testing::MatchResultListener* listener) const {
  if (!value.ok()) return false;
  if (value_ && value.result() != *value_) {
    const json difference = json::diff(*value_, value.result());
    if (!difference.empty() && !difference[0]["path"].get_ref<const std::string&>().empty()) {
      *listener << "which differs first at " << difference[0]["path"].get<std::string>();
    }
    return false;
  }
  return check(bounds_, value, listener);
}

void returned::DescribeTo(std::ostream* out) const {
  *out << "returns " << (value_ ? clip(*value_, 1000) : std::string("anything"));
  if (bounds_) *out << describe(*bounds_);
}

void returned::DescribeNegationTo(std::ostream* out) const {
  *out << "not: ";
  DescribeTo(out);
}

}  // namespace assay
