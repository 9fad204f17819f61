// PCRE2 as a testee: its 32-bit library, so that offsets are code points as they come. Patterns are
// passed through as they are, and JIT-compiled; matches follow each other as in pcre2demo.
#define PCRE2_CODE_UNIT_WIDTH 32
#include <pcre2.h>

#include <algorithm>
#include <iterator>

#include "conformance/testees/regex_ops.h"
#include "conformance/testees/text.h"

namespace {

using assay::sdk::raised;
using assay::testees::anchoring;
using assay::testees::match_spans;

struct freer {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};
template <typename T>
using owned = std::unique_ptr<T, freer>;

PCRE2_SPTR units(const std::u32string& text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string message_of(int code) {
  PCRE2_UCHAR buffer[256];
  const int length = pcre2_get_error_message(code, buffer, std::size(buffer));
  if (length < 0) return "error " + std::to_string(code);
  return assay::testees::to_utf8(std::u32string(buffer, buffer + length));
}

std::uint32_t options_of(const std::string& flags) {
  std::uint32_t options = PCRE2_UTF | PCRE2_UCP;
  for (const char flag : flags) {
    switch (flag) {
      case 'a':
        options &= ~static_cast<std::uint32_t>(PCRE2_UCP);
        break;
      case 'i':
        options |= PCRE2_CASELESS;
        break;
      case 'm':
        options |= PCRE2_MULTILINE;
        break;
      case 's':
        options |= PCRE2_DOTALL;
        break;
      case 'x':
        options |= PCRE2_EXTENDED;
        break;
      default:
        throw raised("PatternError", std::string("unknown flag ") + flag);
    }
  }
  return options;
}

class pattern : public assay::testees::regex_pattern {
 public:
  pattern(const std::u32string& text, const std::string& flags) {
    const owned<pcre2_compile_context> context(pcre2_compile_context_create(nullptr));
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_.reset(
        pcre2_compile(units(text), text.size(), options_of(flags), &error, &offset, context.get()));
    if (!code_) {
      throw raised("PatternError", message_of(error)).at(static_cast<std::int64_t>(offset));
    }
    // Without JIT pcre2_match interprets, so a refusal is no error.
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
    data_.reset(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
  }

  int groups() const override { return static_cast<int>(info(PCRE2_INFO_CAPTURECOUNT)); }

  std::map<std::string, int> names() const override {
    std::map<std::string, int> result;
    const std::uint32_t entry_size = info(PCRE2_INFO_NAMEENTRYSIZE);
    PCRE2_SPTR entry = nullptr;
    pcre2_pattern_info(code_.get(), PCRE2_INFO_NAMETABLE, &entry);
    for (std::uint32_t left = info(PCRE2_INFO_NAMECOUNT); left > 0; --left, entry += entry_size) {
      std::u32string name;
      for (PCRE2_SPTR at = entry + 1; *at != 0; ++at) name += static_cast<char32_t>(*at);
      result[assay::testees::to_utf8(name)] = static_cast<int>(entry[0]);
    }
    return result;
  }

  match_spans find(const std::u32string& text, anchoring how) const override {
    std::uint32_t options = 0;
    if (how != anchoring::search) options |= PCRE2_ANCHORED;
    if (how == anchoring::fullmatch) options |= PCRE2_ENDANCHORED;
    return find_from(text, 0, options);
  }

  // After an empty match the same place is tried once more for a match that is not empty.
  std::vector<match_spans> find_all(const std::u32string& text, std::size_t most) const override {
    std::vector<match_spans> result;
    std::size_t at = 0;
    std::uint32_t options = 0;
    while (at <= text.size() && (most == 0 || result.size() < most)) {
      match_spans found = find_from(text, at, options);
      if (found.empty()) {
        if (options == 0) break;
        ++at;
        options = 0;
        continue;
      }
      const bool is_empty = found[0].begin == found[0].end;
      // \K in a lookaround can put the start behind the end; go on from where the match began.
      at = static_cast<std::size_t>(std::max(found[0].begin, found[0].end));
      options = is_empty ? PCRE2_NOTEMPTY_ATSTART | PCRE2_ANCHORED : 0;
      result.push_back(std::move(found));
    }
    return result;
  }

 private:
  std::uint32_t info(std::uint32_t what) const {
    std::uint32_t value = 0;
    pcre2_pattern_info(code_.get(), what, &value);
    return value;
  }

  match_spans find_from(const std::u32string& text, std::size_t start,
                        std::uint32_t options) const {
    const int count = pcre2_match(code_.get(), units(text), text.size(), start,
                                  options | PCRE2_NO_UTF_CHECK, data_.get(), nullptr);
    if (count == PCRE2_ERROR_NOMATCH) return {};
    if (count < 0) {
      const bool is_limit = count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_DEPTHLIMIT ||
                            count == PCRE2_ERROR_HEAPLIMIT || count == PCRE2_ERROR_JIT_STACKLIMIT;
      throw raised(is_limit ? "LimitExceeded" : "InternalError", message_of(count));
    }
    match_spans result(static_cast<std::size_t>(groups()) + 1);
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data_.get());
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (offsets[2 * i] == PCRE2_UNSET) continue;
      result[i] = {static_cast<std::int64_t>(offsets[2 * i]),
                   static_cast<std::int64_t>(offsets[2 * i + 1])};
    }
    return result;
  }

  owned<pcre2_code> code_;
  owned<pcre2_match_data> data_;
};

std::string version() {
  PCRE2_UCHAR buffer[64];
  const int length = pcre2_config(PCRE2_CONFIG_VERSION, buffer);
  return length > 1 ? assay::testees::to_utf8(std::u32string(buffer, buffer + length - 1)) : "";
}

}  // namespace

int main() {
  assay::sdk::adapter adapter{"PCRE2", version(), "C"};
  adapter.supports({"regex"});
  assay::testees::add_regex_ops_of<pattern>(adapter);
  return adapter.run();
}
