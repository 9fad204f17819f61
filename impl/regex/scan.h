// Scans of bytes, 32 at a time where the processor can.
#pragma once

#include <cstddef>
#include <string_view>

namespace ref::scan {

/// The first place of a literal at or behind `from`; npos when there is none. The literal is not
/// empty.
std::size_t find(std::string_view text, std::size_t from, std::string_view literal);

/// Whether every byte is below 0x80, so that offsets in bytes and in code points are the same.
bool is_ascii(std::string_view bytes);

}  // namespace ref::scan
