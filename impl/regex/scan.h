// Scans of bytes, 32 at a time where the processor can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ref::scan {

/// Whether as many bytes are the same. Most literals are so short that a call of memcmp would cost
/// more: two words that overlap, each of a known size, are compared instead.
inline bool equal(const char* a, const char* b, std::size_t size) {
  const auto ends_are_equal = [&]<typename Word>(Word) {
    Word words[4];
    std::memcpy(&words[0], a, sizeof(Word));
    std::memcpy(&words[1], b, sizeof(Word));
    std::memcpy(&words[2], a + size - sizeof(Word), sizeof(Word));
    std::memcpy(&words[3], b + size - sizeof(Word), sizeof(Word));
    return words[0] == words[1] && words[2] == words[3];
  };
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) return ends_are_equal(std::uint64_t{});
  if (size >= 4) return ends_are_equal(std::uint32_t{});
  if (size >= 2) return ends_are_equal(std::uint16_t{});
  return size == 0 || *a == *b;
}

/// As `find`, for a literal of at least two bytes.
std::size_t find_long(std::string_view text, std::size_t from, std::string_view literal);

/// The first place of a literal at or behind `from`; npos when there is none. The literal is not
/// empty.
inline std::size_t find(std::string_view text, std::size_t from, std::string_view literal) {
  return literal.size() == 1 ? text.find(literal.front(), from) : find_long(text, from, literal);
}

/// Whether every byte is below 0x80, so that offsets in bytes and in code points are the same.
bool is_ascii(std::string_view bytes);

}  // namespace ref::scan
