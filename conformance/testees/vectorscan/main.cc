// Vectorscan, the portable Hyperscan, as a testee. It reports every match, which may overlap, and
// captures nothing. Of those reports the ops take the leftmost and, of these, the longest.
#include <hs/hs.h>

#include <algorithm>

#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;
using assay::testees::span;
using assay::testees::utf8_text;

unsigned options_of(const std::string& flags) {
  unsigned options = HS_FLAG_UTF8 | HS_FLAG_UCP | HS_FLAG_SOM_LEFTMOST | HS_FLAG_ALLOWEMPTY;
  for (const char flag : flags) {
    switch (flag) {
      case 'a':
        options &= ~static_cast<unsigned>(HS_FLAG_UCP);
        break;
      case 'i':
        options |= HS_FLAG_CASELESS;
        break;
      case 'm':
        options |= HS_FLAG_MULTILINE;
        break;
      case 's':
        options |= HS_FLAG_DOTALL;
        break;
      default:
        throw raised("PatternError", std::string("Vectorscan has no flag ") + flag);
    }
  }
  return options;
}

struct freer {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
  void operator()(hs_compile_error_t* error) const { hs_free_compile_error(error); }
};

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags) {
    hs_database_t* made = nullptr;
    hs_compile_error_t* wrong = nullptr;
    const std::string utf8 = assay::testees::to_utf8(text);
    if (hs_compile(utf8.c_str(), options_of(flags), HS_MODE_BLOCK, nullptr, &made, &wrong) !=
        HS_SUCCESS) {
      const std::unique_ptr<hs_compile_error_t, freer> owned(wrong);
      throw raised("PatternError", wrong->message);
    }
    database_.reset(made);
    hs_scratch_t* scratch = nullptr;
    if (hs_alloc_scratch(made, &scratch) != HS_SUCCESS) throw raised("InternalError", "no scratch");
    scratch_.reset(scratch);
  }

  int groups() const override { return 0; }

  match_spans find(const std::u32string& text, anchoring how) const override {
    const auto size = static_cast<std::int64_t>(text.size());
    for (const span& each : reports(text)) {
      if (how != anchoring::search && each.begin != 0) break;
      if (how != anchoring::fullmatch || each.end == size) return {each};
    }
    return {};
  }

  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    std::vector<match_spans> result;
    std::int64_t at = 0;
    for (const span& each : reports(text)) {
      if (most != 0 && result.size() == most) break;
      if (each.begin < at) continue;
      result.push_back({each});
      at = each.end;
    }
    return result;
  }

 private:
  // The leftmost first, of these the longest.
  std::vector<span> reports(const std::u32string& text) const {
    const utf8_text subject(text);
    std::vector<span> all;
    const auto add = [](unsigned, unsigned long long begin, unsigned long long end, unsigned,
                        void* to) {
      static_cast<std::vector<span>*>(to)->push_back(
          {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)});
      return 0;
    };
    const std::string& bytes = subject.bytes();
    const hs_error_t code =
        hs_scan(database_.get(), bytes.data(), static_cast<unsigned>(bytes.size()), 0,
                scratch_.get(), add, &all);
    if (code != HS_SUCCESS) throw raised("InternalError", "hs_scan: " + std::to_string(code));
    for (span& each : all) {
      each = {subject.code_points_before(static_cast<std::size_t>(each.begin)),
              subject.code_points_before(static_cast<std::size_t>(each.end))};
    }
    std::sort(all.begin(), all.end(), [](const span& left, const span& right) {
      return left.begin != right.begin ? left.begin < right.begin : left.end > right.end;
    });
    return all;
  }

  std::unique_ptr<hs_database_t, freer> database_;
  std::unique_ptr<hs_scratch_t, freer> scratch_;
};

}  // namespace

int main() {
  const std::string version = hs_version();
  assay::sdk::adapter adapter{"Vectorscan", version.substr(0, version.find(' ')), "C++"};
  // It captures nothing and knows no first branch, no lazy quantifiers and, with starts of matches,
  // no pattern that matches an empty text: what is about those is left out.
  adapter.supports({
      "regex.classes",
      "regex.escapes",
      "regex.quantifiers/plus",
      "regex.quantifiers/bounds",
      "regex.quantifiers/reversed-bounds",
      "regex.quantifiers/literal-braces",
      "regex.quantifiers/nothing-to-repeat",
      "regex.quantifiers/doubled",
      "regex.calls/search",
      "regex.calls/match",
      "regex.calls/fullmatch",
      "regex.calls/combining-characters",
      "regex.findall/all-matches",
      "regex.findall/none",
      "regex.split/pieces",
      "regex.sub/all",
      "regex.sub/template-escapes",
      "regex.sub/template-errors",
      "regex.sub/function-returns-text",
      "regex.flags/ignorecase",
      "regex.flags/ignorecase-unicode",
      "regex.flags/dotall",
      "regex.flags/inline-global",
      "regex.flags/inline-elsewhere",
      "regex.flags/comments",
      "regex.errors/brackets",
      "regex.errors/extensions",
      "regex.errors/positions-in-templates",
      "regex.limits",
  });
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
