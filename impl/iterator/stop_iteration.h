// The end of an iteration, as an exception: what next() throws where there is no further item.
#pragma once

#include <exception>
#include <optional>
#include <utility>

namespace ref {

/// There is no further item.
struct stop_iteration : std::exception {
  const char* what() const noexcept override { return "StopIteration"; }
};

/// The end of a generator that returns a value; it has none from the second time on.
template <typename Value>
struct stop_iteration_with : stop_iteration {
  stop_iteration_with() = default;
  explicit stop_iteration_with(Value returned) : value(std::move(returned)) {}
  std::optional<Value> value;
};

template <>
struct stop_iteration_with<void> : stop_iteration {};

}  // namespace ref
