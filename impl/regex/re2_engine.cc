#include "impl/regex/re2_engine.h"

#include <re2/re2.h>

#include <array>
#include <vector>

namespace ref::detail {
namespace {

constexpr std::int64_t memory_most = 64 << 20;

re2::RE2::Options options() {
  re2::RE2::Options chosen;
  chosen.set_log_errors(false);
  chosen.set_max_mem(memory_most);
  chosen.set_encoding(re2::RE2::Options::EncodingUTF8);
  return chosen;
}

}  // namespace

re2_program::re2_program(const re2_source& source)
    : code_(std::make_unique<re2::RE2>(source.pattern, options())),
      has_end_anchor_(source.has_end_anchor),
      has_no_boundary_(source.has_no_boundary) {}

re2_program::~re2_program() = default;

bool re2_program::ok() const { return code_->ok(); }

bool re2_program::fits(std::string_view text) const {
  if (text.empty()) return !has_no_boundary_;
  return !has_end_anchor_ || text.back() != '\n';
}

bool re2_program::run(std::string_view text, std::size_t start, match_mode mode,
                      std::span<std::size_t> spans) const {
  const auto anchor = mode == match_mode::search  ? re2::RE2::UNANCHORED
                      : mode == match_mode::start ? re2::RE2::ANCHOR_START
                                                  : re2::RE2::ANCHOR_BOTH;
  std::array<re2::StringPiece, 8> few;
  std::vector<re2::StringPiece> many(spans.size() / 2 > few.size() ? spans.size() / 2 : 0);
  re2::StringPiece* groups = many.empty() ? few.data() : many.data();
  if (!code_->Match(re2::StringPiece(text.data(), text.size()), start, text.size(), anchor, groups,
                    static_cast<int>(spans.size() / 2))) {
    return false;
  }
  for (std::size_t i = 0; i < spans.size() / 2; ++i) {
    const bool is_set = groups[i].data() != nullptr;
    spans[2 * i] = is_set ? static_cast<std::size_t>(groups[i].data() - text.data()) : unset;
    spans[2 * i + 1] = is_set ? spans[2 * i] + groups[i].size() : unset;
  }
  return true;
}

}  // namespace ref::detail
