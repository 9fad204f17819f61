// How a requirement ends early, as it becomes its verdict: the testee could not go on, or this
// machine lacks what the requirement needs.
#pragma once

#include <stdexcept>
#include <string>

namespace assay {

/// Thrown by every call on a testee that does not answer properly. Spec bodies let it pass.
class testee_failure : public std::runtime_error {
 public:
  testee_failure(std::string verdict, const std::string& message)
      : std::runtime_error(message), verdict_(std::move(verdict)) {}
  /// fail, crash, hang, malformed reply or not here.
  const std::string& verdict() const { return verdict_; }

 private:
  std::string verdict_;
};

}  // namespace assay
