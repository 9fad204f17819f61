// UTF-8: checked once, then walked without checks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ref::utf8 {

/// Whether the bytes are well-formed UTF-8 (no surrogates, nothing overlong, at most U+10FFFF).
bool is_valid(std::string_view bytes);

/// Code points of well-formed UTF-8.
std::u32string decode(std::string_view bytes);

void append(std::string& to, char32_t code_point);
std::string encode(std::u32string_view code_points);

/// Code points in well-formed UTF-8.
std::size_t length(std::string_view bytes);

/// The offset behind the code point that starts at `offset`.
std::size_t next(std::string_view bytes, std::size_t offset);

}  // namespace ref::utf8
