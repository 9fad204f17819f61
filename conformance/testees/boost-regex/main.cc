// Boost.Regex as a testee: Perl's grammar over code points, with ICU's properties (u32regex).
// Perl's modifiers m and s are on by default there; they are set as the flags say.
#include <boost/regex/icu.hpp>

#include "conformance/testees/boost_version.h"
#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;
using assay::testees::span;
using place = std::u32string::const_iterator;
using matches = boost::match_results<place>;

unsigned options_of(const std::string& flags) {
  const auto has = [&](char flag) { return flags.find(flag) != flags.npos; };
  if (has('a')) throw raised("PatternError", "u32regex has no flag a");
  unsigned options = boost::regex_constants::perl;
  if (has('i')) options |= boost::regex_constants::icase;
  if (!has('m')) options |= boost::regex_constants::no_mod_m;
  options |= has('s') ? boost::regex_constants::mod_s : boost::regex_constants::no_mod_s;
  if (has('x')) options |= boost::regex_constants::mod_x;
  return options;
}

match_spans spans_of(const matches& found) {
  match_spans result;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto group = static_cast<int>(i);
    result.push_back(found[group].matched
                         ? span{found.position(group), found.position(group) + found.length(group)}
                         : span{});
  }
  return result;
}

// Its own budget of work: it throws rather than backtrack without end.
template <typename Find>
auto within_budget(Find find) {
  try {
    return find();
  } catch (const boost::regex_error& wrong) {
    const bool is_limit = wrong.code() == boost::regex_constants::error_complexity ||
                          wrong.code() == boost::regex_constants::error_stack;
    throw raised(is_limit ? "LimitExceeded" : "InternalError", wrong.what());
  }
}

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags) {
    try {
      regex_ = boost::make_u32regex(text.begin(), text.end(), options_of(flags));
    } catch (const boost::regex_error& wrong) {
      throw raised("PatternError", wrong.what()).at(wrong.position());
    }
  }

  int groups() const override { return static_cast<int>(regex_.mark_count()); }

  match_spans find(const std::u32string& text, anchoring how) const override {
    return within_budget([&] {
      matches found;
      const bool is_found =
          how == anchoring::fullmatch
              ? boost::u32regex_match(text.begin(), text.end(), found, regex_)
              : boost::u32regex_search(
                    text.begin(), text.end(), found, regex_,
                    how == anchoring::match ? boost::match_continuous : boost::match_default);
      return is_found ? spans_of(found) : match_spans();
    });
  }

  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    return within_budget([&] {
      std::vector<match_spans> result;
      for (boost::u32regex_iterator<place> at(text.begin(), text.end(), regex_), end;
           at != end && (most == 0 || result.size() < most); ++at) {
        result.push_back(spans_of(*at));
      }
      return result;
    });
  }

 private:
  boost::u32regex regex_;
};

}  // namespace

int main() {
  assay::sdk::adapter adapter{"Boost.Regex", assay::testees::boost_version(), "C++"};
  // Names are written (?<name>…) there, not (?P<name>…), and cannot be listed; there is no flag for
  // ASCII.
  adapter.supports({
      "regex",
      "-regex.names",
      "-regex.sub/template-names",
      "-regex.classes/digit-ascii",
      "-regex.classes/space-ascii",
      "-regex.classes/word-ascii",
  });
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
