// Where the groups of a match begin and end, in bytes: two offsets a group. Those of a few groups
// lie in the object, so that most matches take no memory of their own.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ref::detail {

constexpr std::size_t unset = static_cast<std::size_t>(-1);  // of a group that took no part

class group_offsets {
 public:
  explicit group_offsets(std::size_t size = 0)
      : size_(size), many_(size > few_.size() ? size : 0) {}

  std::size_t size() const { return size_; }
  const std::size_t* data() const { return many_.empty() ? few_.data() : many_.data(); }
  /// For who writes them.
  std::span<std::size_t> all() {
    return many_.empty() ? std::span(few_.data(), size_) : std::span(many_);
  }

 private:
  std::size_t size_;
  std::array<std::size_t, 8> few_{};
  std::vector<std::size_t> many_;
};

}  // namespace ref::detail
