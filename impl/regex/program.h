// A compiled pattern: the tree, and the engines' programs for it, made when they are first needed.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "impl/regex/ending.h"
#include "impl/regex/literal.h"
#include "impl/regex/pcre2_engine.h"
#include "impl/regex/printer.h"
#include "impl/regex/re2_engine.h"
#include "impl/regex/regex.h"
#include "impl/regex/scan.h"
#include "impl/regex/sequence_engine.h"
#include "impl/regex/syntax_tree.h"

namespace ref::detail {

/// A text that is searched, with what finds code points in it.
struct subject {
  /// Throws std::invalid_argument for a text that is no UTF-8.
  explicit subject(std::string_view text)
      : bytes(text), kind(scan::is_ascii(text) ? text_kind::ascii : checked_utf8(text)) {}
  subject(std::string_view checked, text_kind known) : bytes(checked), kind(known) {}
  std::size_t code_point_at(std::size_t offset) const;

  std::string_view bytes;
  text_kind kind;

 private:
  static text_kind checked_utf8(std::string_view text);

  mutable std::once_flag counted_;
  mutable std::vector<std::uint32_t> counts_;  // code points before each block of 64 bytes
};

/// Which engine may answer; `automatic` is for users, the others are for comparing them.
enum class engine_choice { automatic, pcre2_only, re2_only, sequence_only };

/// What one iteration over a text carries from match to match.
struct budget {
  static constexpr std::uint64_t least_sequence_work = 5000;
  static constexpr std::uint64_t sequence_work_a_byte = 8;

  explicit budget(std::size_t text_size)
      : sequence_work(least_sequence_work + sequence_work_a_byte * text_size) {}

  std::chrono::nanoseconds spent{0};  // work that the searches have cost so far
  unsigned tries = 0;
  std::size_t next_literal = 0;  // where the required literal was found last,
  bool has_literal = false;      // if it has been looked for
  std::uint64_t sequence_work;   // what is left of it
};

class program {
 public:
  program(std::string_view pattern, regex_flags flags);

  std::size_t groups() const { return tree_.groups; }
  const std::map<std::string, std::size_t>& groupindex() const { return tree_.groupindex; }
  bool has_linear_engine(text_kind kind) const;

  /// As `run` in search mode, by whichever engine.
  bool find(const subject& text, std::size_t start, bool not_empty, budget& spent,
            std::span<std::size_t> spans) const {
    if (sequence_ && text.kind == text_kind::ascii) {
      const sequence_outcome got = run_sequence(text, start, spent, spans.data());
      if (got != sequence_outcome::spent) return got == sequence_outcome::matched;
    }
    return search(text, start, not_empty, spent, spans, engine_choice::automatic);
  }
  /// Finds a match at or behind `start`; with `not_empty` none that is empty at `start`.
  /// `spans` has two offsets a group, `unset` for a group that took no part.
  bool run(const subject& text, std::size_t start, match_mode mode, bool not_empty, budget& spent,
           std::span<std::size_t> spans, engine_choice choice = engine_choice::automatic) const;

 private:
  struct variant {
    mutable std::once_flag pcre2_made[3];
    mutable std::unique_ptr<pcre2_program> pcre2[3];  // by match_mode
    mutable std::once_flag re2_made;
    mutable std::unique_ptr<re2_program> re2;
    std::optional<re2_source> re2_text;
    bool has_re2 = false;
  };

  const pcre2_program& pcre2_for(text_kind kind, match_mode mode) const;
  const re2_program* re2_for(text_kind kind) const;
  bool skip_to_literal(const subject& text, std::size_t& from, budget& spent) const;
  pcre2_outcome try_near(const pcre2_program& fast, const subject& text, std::size_t from,
                         bool not_empty, budget& spent, std::span<std::size_t> spans) const;
  bool search(const subject& text, std::size_t start, bool not_empty, budget& spent,
              std::span<std::size_t> spans, engine_choice choice) const;
  bool match_here(const subject& text, std::size_t start, match_mode mode, bool not_empty,
                  std::span<std::size_t> spans, engine_choice choice) const;
  // Such patterns match no empty text, so that it does not matter whether one may.
  sequence_outcome run_sequence(const subject& text, std::size_t start, budget& spent,
                                std::size_t* spans) const {
    std::size_t from = start;
    if (text.bytes.size() < start + sequence_->least()) return sequence_outcome::none;
    // A sequence that begins with a literal looks for that one, and need not look twice.
    if (!sequence_->has_prefix() && !skip_to_literal(text, from, spent)) {
      return sequence_outcome::none;
    }
    return sequence_->run(text.bytes, from, spent.sequence_work, spans);
  }
  bool run_re2(const subject& text, std::size_t start, match_mode mode, bool not_empty,
               std::span<std::size_t> spans) const;

  syntax_tree tree_;
  required_literal literal_;
  required_ending ending_;
  std::optional<sequence_program> sequence_;
  bool is_explosive_ = false;
  variant variants_[2];
};

/// Compiles, or takes from the patterns used last.
std::shared_ptr<const program> compiled(std::string_view pattern, regex_flags flags);

}  // namespace ref::detail
