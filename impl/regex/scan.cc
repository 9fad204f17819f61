#include "impl/regex/scan.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ref::scan {
namespace {

// Apart from `find_long`, so that that one saves no registers for it.
__attribute__((noinline)) std::size_t find_plain(std::string_view text, std::size_t from,
                                                 std::string_view literal) {
  if (from > text.size()) return std::string_view::npos;
  const void* found =
      ::memmem(text.data() + from, text.size() - from, literal.data(), literal.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool is_ascii_word(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return (word & 0x8080808080808080u) == 0;
}

bool is_ascii_plain(std::string_view bytes) {
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    if (!is_ascii_word(bytes.data() + i)) return false;
  }
  // The last word reaches back over bytes that have been looked at.
  if (bytes.size() >= 8) return is_ascii_word(bytes.data() + bytes.size() - 8);
  for (; i < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) >= 0x80) return false;
  }
  return true;
}

#if defined(__x86_64__)
// Places where the first and the last byte both fit are few; those are compared in full.
class pair_search {
 public:
  __attribute__((target("avx2"))) explicit pair_search(std::string_view literal)
      : literal_(literal),
        first_(_mm256_set1_epi8(literal.front())),
        last_(_mm256_set1_epi8(literal.back())) {}

  // The text has a block of places at least. Four blocks at a time are looked at for any such
  // place, then one by one; the last one reaches back over places that have been looked at.
  __attribute__((target("avx2"))) std::size_t run(std::string_view text, std::size_t from) const {
    const char* at = text.data() + from;
    const char* const last = text.data() + text.size() - (literal_.size() - 1) - block;
    for (unsigned blocks = 0;; ++blocks, at += block) {
      while (blocks % 4 == 0 && last - at >= 3 * block && !is_near(at)) at += 4 * block;
      std::uint32_t those = ~0u;
      if (at > last) {
        if (at - last >= block) return std::string_view::npos;
        those <<= at - last;
        at = last;
      }
      for (auto bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(fits(at))) & those;
           bits != 0; bits &= bits - 1) {
        const char* const place = at + __builtin_ctz(bits);
        if (literal_.size() == 2 || equal(place, literal_.data(), literal_.size())) {
          return static_cast<std::size_t>(place - text.data());
        }
      }
    }
  }

 private:
  static constexpr std::ptrdiff_t block = 32;

  __attribute__((target("avx2"))) bool is_near(const char* at) const {
    const __m256i low = _mm256_or_si256(fits(at), fits(at + block));
    const __m256i high = _mm256_or_si256(fits(at + 2 * block), fits(at + 3 * block));
    return _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0;
  }
  __attribute__((target("avx2"))) __m256i fits(const char* at) const {
    const auto* front = reinterpret_cast<const __m256i*>(at);
    const auto* back = reinterpret_cast<const __m256i*>(at + literal_.size() - 1);
    return _mm256_and_si256(_mm256_cmpeq_epi8(first_, _mm256_loadu_si256(front)),
                            _mm256_cmpeq_epi8(last_, _mm256_loadu_si256(back)));
  }

  std::string_view literal_;
  __m256i first_;
  __m256i last_;
};

__attribute__((target("avx2"))) std::size_t find_avx2(std::string_view text, std::size_t from,
                                                      std::string_view literal) {
  if (text.size() < literal.size() - 1 + 32) return find_plain(text, from, literal);
  return pair_search(literal).run(text, from);
}

__attribute__((target("avx2"))) bool is_ascii_avx2(std::string_view bytes) {
  if (bytes.size() < 32) return is_ascii_plain(bytes);
  const auto* blocks = reinterpret_cast<const __m256i*>(bytes.data());
  std::size_t i = 0;
  for (; i + 128 <= bytes.size(); i += 128, blocks += 4) {
    const __m256i low = _mm256_or_si256(_mm256_loadu_si256(blocks), _mm256_loadu_si256(blocks + 1));
    const __m256i high =
        _mm256_or_si256(_mm256_loadu_si256(blocks + 2), _mm256_loadu_si256(blocks + 3));
    if (_mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0) return false;
  }
  for (; i + 32 <= bytes.size(); i += 32, ++blocks) {
    if (_mm256_movemask_epi8(_mm256_loadu_si256(blocks)) != 0) return false;
  }
  const auto* last = reinterpret_cast<const __m256i*>(bytes.data() + bytes.size() - 32);
  return _mm256_movemask_epi8(_mm256_loadu_si256(last)) == 0;
}

bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }
#endif

}  // namespace

std::size_t find_long(std::string_view text, std::size_t from, std::string_view literal) {
#if defined(__x86_64__)
  if (has_avx2()) return find_avx2(text, from, literal);
#endif
  return find_plain(text, from, literal);
}

bool is_ascii(std::string_view bytes) {
#if defined(__x86_64__)
  if (has_avx2()) return is_ascii_avx2(bytes);
#endif
  return is_ascii_plain(bytes);
}

}  // namespace ref::scan
