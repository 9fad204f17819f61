#include "impl/regex/scan.h"

#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ref::scan {
namespace {

std::size_t find_plain(std::string_view text, std::size_t from, std::string_view literal) {
  if (from > text.size()) return std::string_view::npos;
  const void* found =
      ::memmem(text.data() + from, text.size() - from, literal.data(), literal.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool is_ascii_plain(std::string_view bytes) {
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; i < bytes.size(); ++i) {
    if (static_cast<unsigned char>(bytes[i]) >= 0x80) return false;
  }
  return true;
}

#if defined(__x86_64__)
// Places where the first and the last byte both fit are few; those are compared in full.
class pair_search {
 public:
  __attribute__((target("avx2"))) pair_search(std::string_view text, std::string_view literal)
      : text_(text),
        literal_(literal),
        first_(_mm256_set1_epi8(literal.front())),
        last_(_mm256_set1_epi8(literal.back())) {}

  // Four blocks at a time are looked at for any such place, then one by one.
  __attribute__((target("avx2"))) std::size_t run(std::size_t at) const {
    const std::size_t size = literal_.size();
    while (at + size - 1 + 32 <= text_.size()) {
      while (at + size - 1 + 128 <= text_.size()) {
        const __m256i low = _mm256_or_si256(fits(at), fits(at + 32));
        const __m256i high = _mm256_or_si256(fits(at + 64), fits(at + 96));
        if (_mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0) break;
        at += 128;
      }
      for (int i = 0; i < 4 && at + size - 1 + 32 <= text_.size(); ++i, at += 32) {
        const std::size_t place = first_of(at, ~0u);
        if (place != std::string_view::npos) return place;
      }
    }
    if (at + size > text_.size()) return std::string_view::npos;
    if (size - 1 + 32 > text_.size()) return text_.find(literal_, at);
    // The last block reaches back over places that have been looked at.
    const std::size_t last = text_.size() - (size - 1) - 32;
    return first_of(last, ~0u << (at - last));
  }

 private:
  // The first of the block's places; those whose bit is not set do not count.
  __attribute__((target("avx2"))) std::size_t first_of(std::size_t at, std::uint32_t those) const {
    const std::size_t size = literal_.size();
    for (auto bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(fits(at))) & those; bits != 0;
         bits &= bits - 1) {
      const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(bits));
      if (size == 2 || std::memcmp(text_.data() + place, literal_.data(), size) == 0) return place;
    }
    return std::string_view::npos;
  }
  __attribute__((target("avx2"))) __m256i fits(std::size_t at) const {
    const auto* front = reinterpret_cast<const __m256i*>(text_.data() + at);
    const auto* back = reinterpret_cast<const __m256i*>(text_.data() + at + literal_.size() - 1);
    return _mm256_and_si256(_mm256_cmpeq_epi8(first_, _mm256_loadu_si256(front)),
                            _mm256_cmpeq_epi8(last_, _mm256_loadu_si256(back)));
  }

  std::string_view text_;
  std::string_view literal_;
  __m256i first_;
  __m256i last_;
};

__attribute__((target("avx2"))) std::size_t find_avx2(std::string_view text, std::size_t from,
                                                      std::string_view literal) {
  return pair_search(text, literal).run(from);
}

__attribute__((target("avx2"))) bool is_ascii_avx2(std::string_view bytes) {
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
  return is_ascii_plain(bytes.substr(i));
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}
#endif

}  // namespace

std::size_t find(std::string_view text, std::size_t from, std::string_view literal) {
  if (literal.size() == 1) return text.find(literal.front(), from);
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
