// std::regex as a testee: the ECMAScript grammar over wide characters, so that one character is one
// code point, in the classic locale, whose classes are ASCII.
#include <locale>
#include <regex>

#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;
using assay::testees::span;

std::wstring wide(const std::u32string& text) { return {text.begin(), text.end()}; }

std::wregex::flag_type options_of(const std::string& flags) {
  std::wregex::flag_type options = std::regex::ECMAScript;
  for (const char flag : flags) {
    switch (flag) {
      case 'a':
        break;  // classes are ASCII in any case
      case 'i':
        options |= std::regex::icase;
        break;
      case 'm':
        options |= std::regex_constants::multiline;
        break;
      default:
        throw raised("PatternError", std::string("std::regex has no flag ") + flag);
    }
  }
  return options;
}

match_spans spans_of(const std::wsmatch& match) {
  match_spans result;
  for (std::size_t i = 0; i < match.size(); ++i) {
    result.push_back(match[i].matched ? span{match.position(i), match.position(i) + match.length(i)}
                                      : span{});
  }
  return result;
}

[[noreturn]] void give_up(const std::regex_error& wrong) {
  const bool is_limit = wrong.code() == std::regex_constants::error_complexity ||
                        wrong.code() == std::regex_constants::error_stack;
  throw raised(is_limit ? "LimitExceeded" : "InternalError", wrong.what());
}

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags) {
    try {
      regex_.assign(wide(text), options_of(flags));
    } catch (const std::regex_error& wrong) {
      throw raised("PatternError", wrong.what());
    }
  }

  int groups() const override { return static_cast<int>(regex_.mark_count()); }

  match_spans find(const std::u32string& text, anchoring how) const override {
    const std::wstring subject = wide(text);
    std::wsmatch match;
    try {
      const bool found =
          how == anchoring::fullmatch
              ? std::regex_match(subject, match, regex_)
              : std::regex_search(subject, match, regex_,
                                  how == anchoring::match ? std::regex_constants::match_continuous
                                                          : std::regex_constants::match_default);
      return found ? spans_of(match) : match_spans();
    } catch (const std::regex_error& wrong) {
      give_up(wrong);
    }
  }

  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    const std::wstring subject = wide(text);
    std::vector<match_spans> result;
    try {
      for (std::wsregex_iterator at(subject.begin(), subject.end(), regex_), end;
           at != end && (most == 0 || result.size() < most); ++at) {
        result.push_back(spans_of(*at));
      }
    } catch (const std::regex_error& wrong) {
      give_up(wrong);
    }
    return result;
  }

 private:
  std::wregex regex_;
};

std::string version() {
#ifdef _GLIBCXX_RELEASE
  return "libstdc++ " + std::to_string(_GLIBCXX_RELEASE);
#else
  return "libc++ " + std::to_string(_LIBCPP_VERSION);
#endif
}

}  // namespace

int main() {
  assay::sdk::adapter adapter{"std::regex", version(), "C++"};
  // What its grammar lacks, and what the classic locale cannot know. Its errors have no positions.
  adapter.supports({
      "regex",
      "-regex.names",
      "-regex.classes/digit-unicode",
      "-regex.classes/digit-complement",
      "-regex.classes/space-unicode",
      "-regex.classes/space-complement",
      "-regex.classes/word-unicode",
      "-regex.classes/word-complement",
      "-regex.quantifiers/possessive",
      "-regex.quantifiers/atomic-groups",
      "-regex.anchors/end-of-text",
      "-regex.anchors/start-of-text",
      "-regex.anchors/word-boundary-unicode",
      "-regex.lookaround/behind",
      "-regex.lookaround/not-behind",
      "-regex.lookaround/conditionals",
      "-regex.flags/ignorecase-unicode",
      "-regex.flags/dotall",
      "-regex.flags/verbose",
      "-regex.flags/inline-global",
      "-regex.flags/inline-scoped",
      "-regex.flags/comments",
      "-regex.sub/template-names",
      "-regex.errors/positions-of-brackets",
      "-regex.errors/positions-of-quantifiers",
      "-regex.errors/positions-of-escapes",
      "-regex.errors/positions-of-groups",
  });
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
