// Base64 (RFC 4648, section 4), as the protocol carries bytes in JSON: {"base64": "aGk="}.
//
//   std::string text = assay::base64_encode("hi");                       // "aGk="
//   std::optional<std::string> bytes = assay::base64_decode(text);       // "hi"
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// With padding, without line breaks.
std::string base64_encode(std::string_view bytes);

/// The bytes; nullopt for anything that `base64_encode` would not have written: other characters,
/// missing padding, white space, bits set behind the last byte.
std::optional<std::string> base64_decode(std::string_view text);

/// Whether `base64_decode` would succeed, without making the bytes.
bool is_base64(std::string_view text);

}  // namespace assay
