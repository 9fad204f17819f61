// What the ops of the areas greenlet and green have in common.
#pragma once

#include <any>

#include "conformance/testees/reference/reference.h"
#include "impl/coroutine/greenlet.h"

namespace assay::testees {

/// The value of a greenlet or green thread: JSON, nothing, or the exit that ended it.
inline sdk::json from_any(const std::any& value) {
  if (!value.has_value()) return nullptr;
  if (const auto* exit = std::any_cast<ref::greenlet_exit>(&value)) {
    return {{"exit", exit->message}};
  }
  return std::any_cast<sdk::json>(value);
}

}  // namespace assay::testees
