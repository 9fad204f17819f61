// One PCRE2 program with its JIT code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "impl/regex/group_offsets.h"
#include "impl/regex/printer.h"

struct pcre2_real_code_8;

namespace ref::detail {

enum class match_mode { search, start, full };

enum class pcre2_outcome {
  matched,
  none,          // none anywhere
  out_of_range,  // none that starts below the limit
  spent,         // the budget
};

/// Immutable; threads may share it. Each thread has its own match data and JIT stack.
class pcre2_program {
 public:
  /// Throws limit_exceeded when PCRE2 finds the pattern too large.
  pcre2_program(const pcre2_source& source, text_kind kind, match_mode mode);
  ~pcre2_program();
  pcre2_program(const pcre2_program&) = delete;
  pcre2_program& operator=(const pcre2_program&) = delete;

  /// The match must start at or below `last_start` (search only). `work` bounds backtracking.
  pcre2_outcome run(std::string_view text, std::size_t start, std::size_t last_start,
                    bool not_empty, std::uint32_t work, std::span<std::size_t> spans) const;

 private:
  pcre2_real_code_8* code_ = nullptr;
  bool searches_ = false;
  bool is_native_ = false;
};

}  // namespace ref::detail
