// From the tree to the syntax of the engines, keeping Python's meaning.
#pragma once

#include <optional>
#include <string>

#include "impl/regex/syntax_tree.h"

namespace ref::detail {

/// What kind of text a program is for. Most text is ASCII; there, Unicode's classes are those of
/// ASCII, and the engines are much faster without UTF-8.
enum class text_kind { ascii, utf8 };

struct pcre2_source {
  std::string pattern;
  bool caseless = false;  // for the whole pattern
  bool ucp = false;       // \w \d \b are Unicode's
};

/// Throws limit_exceeded for repetitions beyond what PCRE2 can count.
pcre2_source to_pcre2(const syntax_tree& tree, text_kind kind);

struct re2_source {
  std::string pattern;
  bool has_end_anchor = false;   // `$` was printed as \z: right unless the text ends in a newline
  bool has_no_boundary = false;  // \B was printed: right unless the text is empty
};

/// nullopt where RE2 has no such construct or would answer differently.
std::optional<re2_source> to_re2(const syntax_tree& tree, text_kind kind);

}  // namespace ref::detail
