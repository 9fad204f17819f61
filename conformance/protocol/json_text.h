// JSON text to values and back, fast where the protocol needs it: items of 16 MiB travel as base64
// text, which a general parser looks at character by character. Structure and plain ASCII texts
// are read here; every other text and every number is left to nlohmann's parser.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay {

/// A line that is no message: no JSON, not UTF-8, nested too deeply.
class malformed_line : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value of a whole JSON text (RFC 8259). Uses stack in proportion to the nesting, so the limit
/// bounds that too. Throws `malformed_line`, saying what is wrong and at which byte.
nlohmann::json parse_json(std::string_view text, std::size_t nesting_limit);

/// Appends the JSON text of a value, as compact as `dump()`. Throws nlohmann::json::type_error for
/// a string that is not UTF-8.
void append_json(std::string& out, const nlohmann::json& value);

}  // namespace assay
