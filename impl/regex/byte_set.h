// A set of ASCII characters, and scans for the end of a run of them.
#pragma once

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

  bool contains(char byte) const {
    const auto value = static_cast<unsigned char>(byte);
    return (columns_[value & 15] >> (value >> 4) & 1) != 0;
  }
  bool intersects(const byte_set& other) const;
  bool is_full() const;

  /// The first place at or behind `from` whose byte is in the set; the text's size if there is
  /// none.
  std::size_t find(std::string_view text, std::size_t from) const;
  /// The first place at or behind `from` whose byte is not in the set; likewise.
  std::size_t find_end(std::string_view text, std::size_t from) const;

 private:
  // By the lower four bits of a byte, one bit for each value of the upper three: as the processor
  // looks up 32 bytes at a time.
  std::array<std::uint8_t, 16> columns_{};
};

}  // namespace ref::detail
