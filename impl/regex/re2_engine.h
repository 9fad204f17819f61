// One RE2 program: the linear-time answer.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "impl/regex/pcre2_engine.h"
#include "impl/regex/printer.h"

namespace re2 {
class RE2;
}

namespace ref::detail {

/// Immutable; threads may share it.
class re2_program {
 public:
  /// Not usable (`ok()`) when RE2 finds the pattern too large.
  explicit re2_program(const re2_source& source);
  ~re2_program();

  bool ok() const;
  /// Whether it can say what Python would for this text: `$` stands for two places in a text that
  /// ends in a newline, which RE2 cannot express, and \B for none in an empty one.
  bool fits(std::string_view text) const;
  bool run(std::string_view text, std::size_t start, match_mode mode,
           std::span<std::size_t> spans) const;

 private:
  std::unique_ptr<re2::RE2> code_;
  bool has_end_anchor_;
  bool has_no_boundary_;
};

}  // namespace ref::detail
