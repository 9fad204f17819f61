// UTF-8 and code points: the protocol counts code points, engines count what they hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::testees {

/// Well-formed UTF-8 to code points and back; JSON strings are always well-formed.
std::u32string to_code_points(std::string_view utf8);
std::string to_utf8(std::u32string_view text);

/// A text for an engine that counts bytes of UTF-8, and the code points that its places stand for.
class utf8_text {
 public:
  explicit utf8_text(std::u32string_view text);
  const std::string& bytes() const { return bytes_; }
  /// How many code points begin before this byte; its argument may be the end of the text.
  std::int64_t code_points_before(std::size_t byte) const { return before_[byte]; }
  /// Where the code point after the one at this byte begins.
  std::size_t next(std::size_t byte) const;

 private:
  std::string bytes_;
  std::vector<std::uint32_t> before_;
};

}  // namespace assay::testees
