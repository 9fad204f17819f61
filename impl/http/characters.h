// Which bytes may stand where, one bit a class: a text is checked with one look-up a byte.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace ref::http::detail {

using character_class = unsigned char;
constexpr character_class token_byte = 1;   // RFC 9110, section 5.6.2
constexpr character_class value_byte = 2;   // RFC 9110, section 5.5
constexpr character_class target_byte = 4;  // of a request target
constexpr character_class host_byte = 8;    // RFC 3986, section 3.2.2, but IP literals
constexpr character_class digit_byte = 16;

constexpr std::array<character_class, 256> make_classes() {
  std::array<character_class, 256> classes{};
  for (unsigned c = 1; c < 256; ++c) {
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const auto is_one_of = [c](std::string_view signs) {
      return signs.find(static_cast<char>(c)) != signs.npos;
    };
    unsigned bits = 0;
    if (is_alphanumeric || is_one_of("!#$%&'*+-.^_`|~")) bits |= token_byte;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) bits |= value_byte;
    if (c > 0x20 && c < 0x7f && c != '#') bits |= target_byte;
    if (is_alphanumeric || is_one_of("-._~%!$&'()*+;=")) bits |= host_byte;
    if (c >= '0' && c <= '9') bits |= digit_byte;
    classes[c] = static_cast<character_class>(bits);
  }
  return classes;
}

inline constexpr std::array<character_class, 256> classes = make_classes();

/// Whether each byte is of the class.
constexpr bool all_of_class(std::string_view text, character_class wanted) {
  character_class common = wanted;
  for (const char c : text) common &= classes[static_cast<unsigned char>(c)];
  return common == wanted;
}

/// How many bytes of the class a text begins with.
constexpr std::size_t span_of_class(std::string_view text, character_class wanted) {
  std::size_t size = 0;
  while (size < text.size() && (classes[static_cast<unsigned char>(text[size])] & wanted) != 0) {
    ++size;
  }
  return size;
}

}  // namespace ref::http::detail
