// A set of ASCII characters, and scans for the end of a run of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ref::detail {

/// Bytes below 128. The texts that are scanned hold no others.
class byte_set {
 public:
  void add(unsigned char low, unsigned char high);
  void add(const byte_set& other);
  void complement();
  void fill() { columns_.fill(0xff); }

  bool contains(char byte) const {
    const auto value = static_cast<unsigned char>(byte);
    return (columns_[value & 15] >> (value >> 4) & 1) != 0;
  }
  bool intersects(const byte_set& other) const;
  bool is_full() const { return size() == 128; }
  /// How many bytes it has.
  int size() const;
  /// The least byte of a set that is not empty.
  char least() const;

  /// The first place at or behind `from` whose byte is in the set; the text's size if there is
  /// none.
  std::size_t find(std::string_view text, std::size_t from) const;
  /// The first place at or behind `from` whose byte is not in the set; likewise.
  std::size_t find_end(std::string_view text, std::size_t from) const {
    std::size_t at = from;
    const std::size_t close = std::min(text.size(), from + near);
    while (at < close && contains(text[at])) ++at;
    return at < close || at == text.size() ? at : find_far_end(text, at);
  }
  /// The same, quicker where the run is long.
  std::size_t find_far_end(std::string_view text, std::size_t from) const;
  /// The last place at or behind `from` and before `end` whose byte is in the set; npos.
  std::size_t find_last(std::string_view text, std::size_t from, std::size_t end) const {
    for (std::size_t at = std::min(end, text.size()); at > from;) {
      if (contains(text[--at])) return at;
    }
    return std::string_view::npos;
  }

 private:
  // Most runs are short: these many bytes are looked at one by one before the long scan begins.
  static constexpr std::size_t near = 8;

  // By the lower four bits of a byte, one bit for each value of the upper three: as the processor
  // looks up 32 bytes at a time.
  std::array<std::uint8_t, 16> columns_{};
};

}  // namespace ref::detail
