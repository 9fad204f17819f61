// Results as JUnit XML, which CI systems read: a suite for each testee and area.
#pragma once

#include <string>

#include "conformance/harness/result.h"

namespace assay {

/// Deviations are <failure> (or <error> for crash, hang and malformed reply), expected failures and
/// what is not supported or not here are <skipped> with the reason, transcripts are <system-out>.
std::string junit_xml(const run_result& run);

}  // namespace assay
