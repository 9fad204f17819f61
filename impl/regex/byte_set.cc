#include "impl/regex/byte_set.h"

#include <bit>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ref::detail {
namespace {

#if defined(__x86_64__)
constexpr std::size_t block = 32;

bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }

// The first place whose byte is in the set, or is not. Two tables give the set's column for a
// byte's lower half and the one bit for its upper half. The text has a block at least.
__attribute__((target("avx2"))) std::size_t scan_avx2(const std::uint8_t* columns,
                                                      std::string_view text, std::size_t from,
                                                      std::uint32_t wanted) {
  const __m256i low_table =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns)));
  const __m256i high_table = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i half = _mm256_set1_epi8(15);
  const auto bits_at = [&](std::size_t at) __attribute__((target("avx2"))) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i column = _mm256_shuffle_epi8(low_table, _mm256_and_si256(bytes, half));
    const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    const __m256i both = _mm256_and_si256(column, _mm256_shuffle_epi8(high_table, upper));
    const __m256i absent = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
    // One bit a byte, set where the byte is absent; `wanted` turns that round.
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(absent)) ^ wanted;
  };
  std::size_t at = from;
  for (; at + block <= text.size(); at += block) {
    const std::uint32_t bits = bits_at(at);
    if (bits != 0) return at + static_cast<std::size_t>(__builtin_ctz(bits));
  }
  if (at >= text.size()) return at;
  // The last block reaches back over bytes that have been looked at.
  const std::size_t last = text.size() - block;
  const std::uint32_t bits = bits_at(last) & (~0u << (at - last));
  return bits == 0 ? text.size() : last + static_cast<std::size_t>(__builtin_ctz(bits));
}
#endif

}  // namespace

void byte_set::add(unsigned char low, unsigned char high) {
  for (unsigned value = low; value <= high && value < 128; ++value) {
    columns_[value & 15] = static_cast<std::uint8_t>(columns_[value & 15] | 1u << (value >> 4));
  }
}

void byte_set::add(const byte_set& other) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i] = static_cast<std::uint8_t>(columns_[i] | other.columns_[i]);
  }
}

void byte_set::complement() {
  for (std::uint8_t& column : columns_) column = static_cast<std::uint8_t>(~column);
}

bool byte_set::intersects(const byte_set& other) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if ((columns_[i] & other.columns_[i]) != 0) return true;
  }
  return false;
}

int byte_set::size() const {
  return std::accumulate(columns_.begin(), columns_.end(), 0,
                         [](int sum, std::uint8_t column) { return sum + std::popcount(column); });
}

char byte_set::least() const {
  char byte = 0;
  while (!contains(byte)) ++byte;
  return byte;
}

std::size_t byte_set::find(std::string_view text, std::size_t from) const {
#if defined(__x86_64__)
  if (text.size() >= block && has_avx2()) return scan_avx2(columns_.data(), text, from, ~0u);
#endif
  std::size_t at = from;
  while (at < text.size() && !contains(text[at])) ++at;
  return at;
}

std::size_t byte_set::find_far_end(std::string_view text, std::size_t from) const {
#if defined(__x86_64__)
  if (text.size() >= block && has_avx2()) return scan_avx2(columns_.data(), text, from, 0);
#endif
  std::size_t at = from;
  while (at < text.size() && contains(text[at])) ++at;
  return at;
}

}  // namespace ref::detail
