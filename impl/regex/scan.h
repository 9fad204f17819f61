// Scans of bytes, 32 at a time where the processor can.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ref::scan {

template <typename Word>
Word word_at(const char* place) {
  Word word;
  std::memcpy(&word, place, sizeof word);
  return word;
}

/// Whether as many bytes are the same. Most literals are so short that a call of memcmp would cost
/// more, also because a search would have to save its vectors for it: words of a known size are
/// compared instead, the last of which may overlap the one before.
inline bool equal(const char* a, const char* b, std::size_t size) {
  const auto ends_are_equal = [&]<typename Word>(Word) {
    const std::size_t last = size - sizeof(Word);
    return word_at<Word>(a) == word_at<Word>(b) &&
           word_at<Word>(a + last) == word_at<Word>(b + last);
  };
  if (size >= 8) {
    for (std::size_t at = 8; at + 8 < size; at += 8) {
      if (word_at<std::uint64_t>(a + at) != word_at<std::uint64_t>(b + at)) return false;
    }
    return ends_are_equal(std::uint64_t{});
  }
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

/// The last place of a byte at or behind `from` and before `end`; npos.
inline std::size_t find_last(std::string_view text, std::size_t from, std::size_t end, char byte) {
  for (std::size_t at = end < text.size() ? end : text.size(); at > from;) {
    if (text[--at] == byte) return at;
  }
  return std::string_view::npos;
}

/// Whether every byte is below 0x80, so that offsets in bytes and in code points are the same.
bool is_ascii(std::string_view bytes);

}  // namespace ref::scan
