#include <fmt/core.h>

#include <cstdlib>
#include <ostream>

#include "conformance/harness/actor.h"
#include "conformance/harness/testee_failure.h"
#include "conformance/protocol/base64.h"
#include "conformance/protocol/type.h"

namespace assay {
namespace {

std::chrono::nanoseconds unscaled_call_timeout = 10s;

}  // namespace

double time_scale() {
  static const double scale = [] {
    const char* text = std::getenv("ASSAY_TIME_SCALE");
    const double given = text != nullptr ? std::atof(text) : 1;
    return given > 0 ? given : 1;
  }();
  return scale;
}

std::chrono::nanoseconds scaled(std::chrono::nanoseconds bound) {
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(bound.count()) * time_scale()));
}

std::chrono::nanoseconds call_timeout() { return scaled(unscaled_call_timeout); }

void set_call_timeout(std::chrono::nanoseconds timeout) { unscaled_call_timeout = timeout; }

outcome outcome::of_result(json result, std::chrono::nanoseconds elapsed) {
  outcome made;
  made.ok_ = true;
  made.result_ = std::move(result);
  made.elapsed_ = elapsed;
  return made;
}

outcome outcome::of_error(json error, std::chrono::nanoseconds elapsed) {
  outcome made;
  made.error_ = std::move(error);
  made.elapsed_ = elapsed;
  return made;
}

const json& outcome::result() const {
  if (!ok_) throw testee_failure("fail", "expected a result, but the call " + describe());
  return result_;
}

std::string outcome::error_type() const { return ok_ ? "" : error_.value("type", ""); }

std::string outcome::error_message() const { return ok_ ? "" : error_.value("message", ""); }

std::string outcome::describe() const {
  const auto ms = std::chrono::duration<double, std::milli>(elapsed_).count();
  if (ok_) return fmt::format("returned {} after {:.1f} ms", clip(result_, 1000), ms);
  std::string more;
  for (const auto& [key, value] : error_.items()) {
    if (key != "type" && key != "message") more += fmt::format(", {} {}", key, clip(value));
  }
  return fmt::format("raised {} (\"{}\"{}) after {:.1f} ms", error_type(),
                     clip(std::string_view(error_message()), 500), more, ms);
}

std::ostream& operator<<(std::ostream& out, const outcome& value) {
  return out << value.describe();
}

json to_base64(std::string_view bytes) { return {{"base64", base64_encode(bytes)}}; }

std::string from_base64(const json& value) {
  const auto text = value.is_object() ? value.find("base64") : value.end();
  if (value.is_object() && text != value.end() && text->is_string()) {
    if (auto bytes = base64_decode(text->get_ref<const std::string&>())) return *bytes;
  }
  throw testee_failure("fail", "expected bytes {\"base64\": text}, got " + clip(value));
}

}  // namespace assay
