#include "conformance/protocol/base64.h"

#include <array>
#include <cstdint>

namespace assay {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(invalid);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto values = make_values();

std::uint32_t value_of(char c) { return values[static_cast<unsigned char>(c)]; }

// How many of the last four characters are padding; nullopt where the length or the padding is
// wrong or bits are set behind the last byte.
std::optional<std::size_t> padding_of(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty() || text.back() != '=') return 0;
  const std::size_t padding = text[text.size() - 2] == '=' ? 2 : 1;
  const std::uint32_t last = value_of(text[text.size() - padding - 1]);
  const std::uint32_t unused = padding == 2 ? 0x0f : 0x03;
  if (last == invalid || (last & unused) != 0) return std::nullopt;
  return padding;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  char* out = text.data();
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, in += 3) {
    const std::uint32_t three = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    *out++ = alphabet[three >> 18];
    *out++ = alphabet[three >> 12 & 63];
    *out++ = alphabet[three >> 6 & 63];
    *out++ = alphabet[three & 63];
  }
  if (left > 0) {
    const std::uint32_t three =
        std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0);
    *out++ = alphabet[three >> 18];
    *out++ = alphabet[three >> 12 & 63];
    if (left == 2) *out++ = alphabet[three >> 6 & 63];
  }
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  const auto padding = padding_of(text);
  if (!padding) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  char* out = bytes.data();
  const char* in = text.data();
  const std::size_t whole = text.size() - (*padding > 0 ? 4 : 0);
  std::uint32_t seen = 0;
  for (std::size_t i = 0; i < whole; i += 4, in += 4) {
    const std::uint32_t a = value_of(in[0]);
    const std::uint32_t b = value_of(in[1]);
    const std::uint32_t c = value_of(in[2]);
    const std::uint32_t d = value_of(in[3]);
    seen |= a | b | c | d;
    const std::uint32_t three = a << 18 | b << 12 | c << 6 | d;
    *out++ = static_cast<char>(three >> 16);
    *out++ = static_cast<char>(three >> 8);
    *out++ = static_cast<char>(three);
  }
  if (*padding > 0) {
    const std::uint32_t a = value_of(in[0]);
    const std::uint32_t b = value_of(in[1]);
    const std::uint32_t c = *padding == 1 ? value_of(in[2]) : 0;
    seen |= a | b | c;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    if (*padding == 1) *out++ = static_cast<char>(b << 4 | c >> 2);
  }
  if (seen > 63) return std::nullopt;  // only the mark for invalid has the upper bits
  bytes.resize(static_cast<std::size_t>(out - bytes.data()));
  return bytes;
}

bool is_base64(std::string_view text) {
  const auto padding = padding_of(text);
  if (!padding) return false;
  std::uint32_t seen = 0;
  for (char c : text.substr(0, text.size() - *padding)) seen |= value_of(c);
  return seen <= 63;
}

}  // namespace assay
