// Oniguruma as a testee: its own Python syntax, over UTF-8.
#include <oniguruma.h>

#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;
using assay::testees::utf8_text;

const OnigUChar* begin_of(const std::string& text) {
  return reinterpret_cast<const OnigUChar*>(text.data());
}
const OnigUChar* end_of(const std::string& text) { return begin_of(text) + text.size(); }

std::string message_of(int code, OnigErrorInfo* about = nullptr) {
  OnigUChar buffer[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int length = about == nullptr ? onig_error_code_to_str(buffer, code)
                                      : onig_error_code_to_str(buffer, code, about);
  return {buffer, buffer + length};
}

OnigOptionType options_of(const std::string& flags) {
  OnigOptionType options = ONIG_OPTION_CAPTURE_GROUP;  // groups without a name count, too
  for (const char flag : flags) {
    switch (flag) {
      case 'a':
        options |= ONIG_OPTION_POSIX_IS_ASCII | ONIG_OPTION_IGNORECASE_IS_ASCII;
        break;
      case 'i':
        options |= ONIG_OPTION_IGNORECASE;
        break;
      case 'm':
        options |= ONIG_OPTION_NEGATE_SINGLELINE;
        break;
      case 's':
        options |= ONIG_OPTION_MULTILINE;  // its name for a dot that matches newlines
        break;
      case 'x':
        options |= ONIG_OPTION_EXTEND;
        break;
      default:
        throw raised("PatternError", std::string("unknown flag ") + flag);
    }
  }
  return options;
}

struct freer {
  void operator()(regex_t* regex) const { onig_free(regex); }
  void operator()(OnigRegion* region) const { onig_region_free(region, 1); }
};

using compiled = std::unique_ptr<regex_t, freer>;

compiled compile(const std::string& text, const std::string& flags) {
  regex_t* made = nullptr;
  OnigErrorInfo about{};
  const int code = onig_new(&made, begin_of(text), end_of(text), options_of(flags),
                            ONIG_ENCODING_UTF8, ONIG_SYNTAX_PYTHON, &about);
  if (code != ONIG_NORMAL) throw raised("PatternError", message_of(code, &about));
  return compiled(made);
}

[[noreturn]] void give_up(int code) {
  const bool is_limit = code == ONIGERR_MATCH_STACK_LIMIT_OVER ||
                        code == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER ||
                        code == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER;
  throw raised(is_limit ? "LimitExceeded" : "InternalError", message_of(code));
}

match_spans spans_of(const utf8_text& text, const OnigRegion& region) {
  const auto place = [&](int byte) {
    return text.code_points_before(static_cast<std::size_t>(byte));
  };
  match_spans result(static_cast<std::size_t>(region.num_regs));
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (region.beg[i] != ONIG_REGION_NOTPOS) {
      result[i] = {place(region.beg[i]), place(region.end[i])};
    }
  }
  return result;
}

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags)
      : pattern(assay::testees::to_utf8(text), flags) {}

  // There is no call for "the whole text": a second pattern ends with \z, behind a newline, since
  // the first may end with a comment under x.
  pattern(const std::string& text, const std::string& flags)
      : regex_(compile(text, flags)),
        whole_(compile("(?:" + text + (flags.find('x') == flags.npos ? ")\\Z" : "\n)\\Z"), flags)) {
  }

  int groups() const override { return onig_number_of_captures(regex_.get()); }

  std::map<std::string, int> names() const override {
    std::map<std::string, int> result;
    const auto add = [](const OnigUChar* name, const OnigUChar* end, int, int* numbers, regex_t*,
                        void* to) {
      (*static_cast<std::map<std::string, int>*>(to))[std::string(name, end)] = numbers[0];
      return 0;
    };
    onig_foreach_name(regex_.get(), add, &result);
    return result;
  }

  match_spans find(const std::u32string& text, anchoring how) const override {
    const utf8_text subject(text);
    const OnigUChar* const begin = begin_of(subject.bytes());
    const OnigUChar* const end = end_of(subject.bytes());
    const region found(onig_region_new());
    const int code =
        how == anchoring::search
            ? onig_search(regex_.get(), begin, end, begin, end, found.get(), ONIG_OPTION_NONE)
            : onig_match((how == anchoring::match ? regex_ : whole_).get(), begin, end, begin,
                         found.get(), ONIG_OPTION_NONE);
    if (code == ONIG_MISMATCH) return {};
    if (code < 0) give_up(code);
    return spans_of(subject, *found);
  }

  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    const utf8_text subject(text);
    struct {
      const utf8_text& subject;
      std::size_t most;
      std::vector<match_spans> matches;
    } result{subject, most, {}};
    const auto add = [](int, int, OnigRegion* found, void* to) {
      auto& into = *static_cast<decltype(result)*>(to);
      into.matches.push_back(spans_of(into.subject, *found));
      return into.matches.size() == into.most ? 1 : 0;
    };
    const region found(onig_region_new());
    const int code = onig_scan(regex_.get(), begin_of(subject.bytes()), end_of(subject.bytes()),
                               found.get(), ONIG_OPTION_NONE, add, &result);
    if (code < 0) give_up(code);
    return std::move(result.matches);
  }

 private:
  using region = std::unique_ptr<OnigRegion, freer>;

  compiled regex_;
  compiled whole_;
};

}  // namespace

int main() {
  OnigEncoding used[] = {ONIG_ENCODING_UTF8};
  onig_initialize(used, 1);
  assay::sdk::adapter adapter{"Oniguruma", onig_version(), "C"};
  // Its errors have no positions, and its Python is 3.9, which has no possessive quantifiers.
  adapter.supports({
      "regex",
      "-regex.quantifiers/possessive",
      "-regex.errors/positions-of-brackets",
      "-regex.errors/positions-of-quantifiers",
      "-regex.errors/positions-of-escapes",
      "-regex.errors/positions-of-groups",
  });
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
