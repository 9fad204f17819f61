#include "conformance/testees/text.h"

#include <cstddef>

namespace assay::testees {
namespace {

std::size_t length_at(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

std::u32string to_code_points(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t length = length_at(utf8[at]);
    const auto first = static_cast<unsigned char>(utf8[at]);
    char32_t point = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      point = (point << 6) | (static_cast<unsigned char>(utf8[at + i]) & 0x3Fu);
    }
    text += point;
    at += length;
  }
  return text;
}

std::string to_utf8(std::u32string_view text) {
  std::string utf8;
  utf8.reserve(text.size());
  for (const char32_t point : text) {
    if (point < 0x80) {
      utf8 += static_cast<char>(point);
    } else if (point < 0x800) {
      utf8 += static_cast<char>(0xC0u | (point >> 6));
      utf8 += static_cast<char>(0x80u | (point & 0x3Fu));
    } else if (point < 0x10000) {
      utf8 += static_cast<char>(0xE0u | (point >> 12));
      utf8 += static_cast<char>(0x80u | ((point >> 6) & 0x3Fu));
      utf8 += static_cast<char>(0x80u | (point & 0x3Fu));
    } else {
      utf8 += static_cast<char>(0xF0u | (point >> 18));
      utf8 += static_cast<char>(0x80u | ((point >> 12) & 0x3Fu));
      utf8 += static_cast<char>(0x80u | ((point >> 6) & 0x3Fu));
      utf8 += static_cast<char>(0x80u | (point & 0x3Fu));
    }
  }
  return utf8;
}

utf8_text::utf8_text(std::u32string_view text) : bytes_(to_utf8(text)) {
  before_.reserve(bytes_.size() + 1);
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < bytes_.size(); ++count) {
    const std::size_t length = length_at(bytes_[at]);
    before_.insert(before_.end(), length, count);
    at += length;
  }
  before_.push_back(count);
}

std::size_t utf8_text::next(std::size_t byte) const { return byte + length_at(bytes_[byte]); }

}  // namespace assay::testees
