// A second actor, where it does not matter whether it is a process or a thread.
#pragma once

#include <string_view>

#include "conformance/harness/actor.h"

namespace assay {

/// A new actor that has everything which the main actor opened: a process, or a thread where the
/// testee's [adapter] says others = "threads", because what is judged lives in one process.
actor& start_other(std::string_view name);

}  // namespace assay
