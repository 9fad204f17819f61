#include "impl/base/utf8.h"

#include <cstdint>
#include <cstring>

namespace ref::utf8 {
namespace {

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// The least second byte for a lead byte: excludes what is overlong. The greatest one: excludes
// surrogates and what lies beyond U+10FFFF.
bool is_second(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0 && second <= 0xbf;
    case 0xed:
      return second >= 0x80 && second <= 0x9f;
    case 0xf0:
      return second >= 0x90 && second <= 0xbf;
    case 0xf4:
      return second >= 0x80 && second <= 0x8f;
    default:
      return is_continuation(second);
  }
}

}  // namespace

bool is_valid(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return false;
    const std::size_t size = sequence_length(lead);
    if (i + size > bytes.size()) return false;
    if (!is_second(lead, static_cast<unsigned char>(bytes[i + 1]))) return false;
    for (std::size_t k = 2; k < size; ++k) {
      if (!is_continuation(static_cast<unsigned char>(bytes[i + k]))) return false;
    }
    i += size;
  }
  return true;
}

std::u32string decode(std::string_view bytes) {
  std::u32string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const std::size_t size = sequence_length(lead);
    char32_t value = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t k = 1; k < size; ++k) {
      value = (value << 6) | (static_cast<unsigned char>(bytes[i + k]) & 0x3fu);
    }
    out += value;
    i += size;
  }
  return out;
}

void append(std::string& to, char32_t c) {
  const auto byte = [&](char32_t value) { to += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | (c >> 6));
    byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3f));
    byte(0x80 | ((c >> 6) & 0x3f));
    byte(0x80 | (c & 0x3f));
  }
}

std::string encode(std::u32string_view code_points) {
  std::string out;
  for (char32_t c : code_points) append(out, c);
  return out;
}

std::size_t length(std::string_view bytes) {
  std::size_t count = 0;
  for (char c : bytes) count += !is_continuation(static_cast<unsigned char>(c));
  return count;
}

std::size_t next(std::string_view bytes, std::size_t offset) {
  return offset + sequence_length(static_cast<unsigned char>(bytes[offset]));
}

}  // namespace ref::utf8
