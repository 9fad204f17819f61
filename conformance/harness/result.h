// What a run of the spec came to: testees, and a verdict with its evidence for each requirement.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conformance/harness/requirement.h"
#include "conformance/harness/transcript.h"

namespace assay {

/// A testee as it was met in one run.
struct testee_summary {
  std::string name;
  std::string implementation;
  std::string version;  ///< empty where it could not be asked
  std::string language;
  std::string summary;
  std::vector<std::string> supports;
  bool here = true;
  std::string missing;  ///< what it lacks when it is not here
};

/// The verdict of one requirement on one testee.
struct result {
  std::string testee;
  std::string asked;  ///< what the testee was asked for by, its name or a path
  const requirement* what = nullptr;
  /// pass, fail, crash, hang, malformed reply, not supported, not here, expected fail or
  /// unexpected pass.
  std::string verdict;
  /// As `verdict`, before the testee's expectations were looked at.
  std::string observed;
  /// False for what the run's exit status must tell: a deviation without a reason, or a reason
  /// without the deviation.
  bool expected = true;
  std::string reason;  ///< the expectation's, empty without one
  std::chrono::nanoseconds duration{};
  std::string message;
  std::vector<transcript_line> transcript;
};

struct run_result {
  std::vector<testee_summary> testees;
  /// By testee in the order asked for, then by requirement.
  std::vector<result> results;
};

}  // namespace assay
