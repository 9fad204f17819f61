// How long a call of a testee may wait.
#pragma once

#include <chrono>
#include <optional>

#include "conformance/sdk/cpp/adapter.h"

namespace assay::testees {

/// Null: as long as it takes; zero: not at all.
using patience = std::optional<std::chrono::nanoseconds>;

/// The param `timeout`: none and more than nanoseconds hold, some three hundred years, are for
/// ever; below zero is zero.
inline patience patience_of(const sdk::json& params) {
  const sdk::json& seconds = params.at("timeout");
  if (seconds.is_null() || seconds.get<double>() > 9e9) return std::nullopt;
  if (seconds.get<double>() <= 0) return std::chrono::nanoseconds(0);
  return std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds.get<double>()));
}

}  // namespace assay::testees
