#include "impl/regex/charset.h"

#include <algorithm>

namespace ref::detail {
namespace {

constexpr char32_t last = 0x10ffff;

// U+0130, U+0131 (i), U+017F (s), U+212A (k): letters beyond ASCII whose case is in ASCII.
constexpr std::pair<char32_t, char32_t> folding_into_ascii[] = {
    {0x130, 'i'}, {0x131, 'i'}, {0x17f, 's'}, {0x212a, 'k'}};

}  // namespace

const ranges& space_ranges(bool ascii) {
  static const ranges in_ascii = {{9, 13}, {' ', ' '}};
  static const ranges in_unicode = {
      {9, 13},          {0x1c, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
      {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
  return ascii ? in_ascii : in_unicode;
}

const ranges& ascii_digits() {
  static const ranges digits = {{'0', '9'}};
  return digits;
}

const ranges& ascii_word() {
  static const ranges word = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  return word;
}

ranges normalised(ranges list) {
  std::sort(list.begin(), list.end());
  ranges joined;
  for (auto [low, high] : list) {
    if (!joined.empty() && low <= joined.back().second + 1) {
      joined.back().second = std::max(joined.back().second, high);
    } else {
      joined.emplace_back(low, high);
    }
  }
  ranges valid;
  for (auto [low, high] : joined) {
    if (low < 0xd800) valid.emplace_back(low, std::min<char32_t>(high, 0xd7ff));
    if (high > 0xdfff) valid.emplace_back(std::max<char32_t>(low, 0xe000), high);
  }
  return valid;
}

ranges complement(const ranges& list) {
  ranges out;
  char32_t next = 0;
  for (auto [low, high] : normalised(list)) {
    if (low > next) out.emplace_back(next, low - 1);
    next = high + 1;
  }
  if (next <= last) out.emplace_back(next, last);
  return normalised(out);
}

ranges with_ascii_cases(ranges list) {
  const ranges given = list;
  for (auto [low, high] : given) {
    for (char32_t c = std::max<char32_t>(low, 'A'); c <= std::min<char32_t>(high, 'Z'); ++c) {
      list.emplace_back(c + 32, c + 32);
    }
    for (char32_t c = std::max<char32_t>(low, 'a'); c <= std::min<char32_t>(high, 'z'); ++c) {
      list.emplace_back(c - 32, c - 32);
    }
  }
  return normalised(std::move(list));
}

void add_ascii_part(ranges& to, char32_t low, char32_t high, bool unicode_ignore_case) {
  if (low <= 0x7f) to.emplace_back(low, std::min<char32_t>(high, 0x7f));
  if (!unicode_ignore_case) return;
  for (auto [far, near] : folding_into_ascii) {
    if (low <= far && far <= high) to.emplace_back(near, near);
  }
}

}  // namespace ref::detail
