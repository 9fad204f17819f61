// RE2 as a testee: patterns as they are, flags as its own prefix (?ims), matches one after the
// other by the loop of RE2::GlobalReplace. It counts bytes of UTF-8.
#include <re2/re2.h>

#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;
using assay::testees::utf8_text;

std::string with_flags(const std::string& pattern, const std::string& flags) {
  std::string prefix;
  for (const char flag : flags) {
    if (flag == 'a') continue;  // classes are ASCII in any case
    if (flag == 'x') throw raised("PatternError", "RE2 has no flag x");
    prefix += flag;
  }
  return prefix.empty() ? pattern : "(?" + prefix + ")" + pattern;
}

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags)
      : regex_(with_flags(assay::testees::to_utf8(text), flags), quiet()) {
    if (!regex_.ok()) throw raised("PatternError", regex_.error());
  }

  int groups() const override { return regex_.NumberOfCapturingGroups(); }
  std::map<std::string, int> names() const override { return regex_.NamedCapturingGroups(); }

  match_spans find(const std::u32string& text, anchoring how) const override {
    const utf8_text subject(text);
    std::vector<re2::StringPiece> found;
    const RE2::Anchor anchor = how == anchoring::search  ? RE2::UNANCHORED
                               : how == anchoring::match ? RE2::ANCHOR_START
                                                         : RE2::ANCHOR_BOTH;
    return find_from(subject, 0, anchor, found) ? spans_of(subject, found) : match_spans();
  }

  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    const utf8_text subject(text);
    const char* const begin = subject.bytes().data();
    const std::size_t size = subject.bytes().size();
    std::vector<match_spans> result;
    std::vector<re2::StringPiece> found;
    const char* last_end = nullptr;
    for (std::size_t at = 0; at <= size && (most == 0 || result.size() < most);) {
      if (!find_from(subject, at, RE2::UNANCHORED, found)) break;
      const re2::StringPiece& whole = found[0];
      if (whole.empty() && whole.data() == last_end) {  // not where the last match ended
        at = at < size ? subject.next(at) : size + 1;
        continue;
      }
      result.push_back(spans_of(subject, found));
      last_end = whole.data() + whole.size();
      at = static_cast<std::size_t>(last_end - begin);
    }
    return result;
  }

 private:
  bool find_from(const utf8_text& subject, std::size_t at, RE2::Anchor how,
                 std::vector<re2::StringPiece>& found) const {
    found.resize(static_cast<std::size_t>(groups()) + 1);
    const std::string& bytes = subject.bytes();
    return regex_.Match(bytes, at, bytes.size(), how, found.data(), groups() + 1);
  }

  static match_spans spans_of(const utf8_text& subject,
                              const std::vector<re2::StringPiece>& found) {
    const auto place = [&](const char* at) {
      return subject.code_points_before(static_cast<std::size_t>(at - subject.bytes().data()));
    };
    match_spans result(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].data() == nullptr) continue;
      result[i] = {place(found[i].data()), place(found[i].data() + found[i].size())};
    }
    return result;
  }

  RE2 regex_;
};

}  // namespace

int main() {
  assay::sdk::adapter adapter{"RE2", ASSAY_RE2_VERSION, "C++"};
  // Its list of syntax marks the rest as NOT SUPPORTED, and gives \d, \s, \w and \b as ASCII.
  // Its errors have no positions.
  adapter.supports({
      "regex",
      "-regex.classes/digit-unicode",
      "-regex.classes/digit-complement",
      "-regex.classes/space-unicode",
      "-regex.classes/space-complement",
      "-regex.classes/word-unicode",
      "-regex.classes/word-complement",
      "-regex.quantifiers/possessive",
      "-regex.quantifiers/atomic-groups",
      "-regex.anchors/end-of-text",
      "-regex.anchors/word-boundary-unicode",
      "-regex.groups/backreference",
      "-regex.groups/unset-backreference",
      "-regex.groups/bad-references",
      "-regex.names/backreference",
      "-regex.names/unknown",
      "-regex.names/notes-example",
      "-regex.lookaround",
      "-regex.flags/verbose",
      "-regex.flags/comments",
      "-regex.errors/positions-of-brackets",
      "-regex.errors/positions-of-quantifiers",
      "-regex.errors/positions-of-escapes",
      "-regex.errors/positions-of-groups",
  });
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
