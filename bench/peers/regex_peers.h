// Regular expression engines, all behind the same few lines: find every match, look at its groups.
#pragma once

#include <re2/re2.h>

#include <boost/regex.hpp>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "impl/regex/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace assay::bench {

/// What a pass over a text came to; the same for every engine that is right.
struct found {
  std::size_t matches = 0;
  std::size_t length = 0;  ///< of all groups' texts, or of group 0 where there is no other
  bool operator==(const found&) const = default;
};

struct reference_regex {
  explicit reference_regex(const std::string& pattern) : program(pattern) {}
  found find_all(std::string_view text) {
    found all;
    program.for_each(text, [&](const ref::match& each) {
      ++all.matches;
      const std::size_t groups = each.group_count();
      for (std::size_t i = groups == 0 ? 0 : 1; i <= groups; ++i) {
        if (const auto group = each.group(i)) all.length += group->size();
      }
      return true;
    });
    return all;
  }
  found substitute(std::string_view text) {
    const auto done = program.sub("-", text);
    return {done.count, done.text.size()};
  }
  ref::regex program;
};

struct pcre2_jit {
  explicit pcre2_jit(const std::string& pattern) {
    int error = 0;
    PCRE2_SIZE at = 0;
    code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), 0,
                             &error, &at, nullptr));
    if (!code || pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE) != 0) {
      throw std::runtime_error("PCRE2 does not compile the pattern");
    }
    data.reset(pcre2_match_data_create_from_pattern(code.get(), nullptr));
  }
  template <typename Each>
  void for_each(std::string_view text, Each&& each) {
    const auto* subject = reinterpret_cast<PCRE2_SPTR>(text.data());
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data.get());
    PCRE2_SIZE start = 0;
    for (;;) {
      const int groups =
          pcre2_jit_match(code.get(), subject, text.size(), start, 0, data.get(), nullptr);
      if (groups < 0 && groups != PCRE2_ERROR_NOMATCH) throw std::runtime_error("PCRE2: a limit");
      if (groups < 0) return;
      each(offsets, groups);
      start = offsets[1] > offsets[0] ? offsets[1] : offsets[1] + 1;
      if (start > text.size()) return;
    }
  }
  found find_all(std::string_view text) {
    found all;
    for_each(text, [&](const PCRE2_SIZE* offsets, int groups) {
      ++all.matches;
      for (int i = groups == 1 ? 0 : 1; i < groups; ++i) {
        if (offsets[2 * i] != PCRE2_UNSET) all.length += offsets[2 * i + 1] - offsets[2 * i];
      }
    });
    return all;
  }
  found substitute(std::string_view text) {
    std::string made;
    std::size_t copied = 0;
    std::size_t count = 0;
    for_each(text, [&](const PCRE2_SIZE* offsets, int) {
      made.append(text, copied, offsets[0] - copied);
      made += '-';
      copied = offsets[1];
      ++count;
    });
    made.append(text, copied);
    return {count, made.size()};
  }
  struct free_code {
    void operator()(pcre2_code* old) const { pcre2_code_free(old); }
  };
  struct free_data {
    void operator()(pcre2_match_data* old) const { pcre2_match_data_free(old); }
  };
  std::unique_ptr<pcre2_code, free_code> code;
  std::unique_ptr<pcre2_match_data, free_data> data;
};

struct re2_engine {
  explicit re2_engine(const std::string& pattern) : program(pattern, re2::RE2::Latin1) {
    if (!program.ok()) throw std::runtime_error(program.error());
    groups.resize(static_cast<std::size_t>(program.NumberOfCapturingGroups()) + 1);
  }
  found find_all(std::string_view text) {
    found all;
    std::size_t start = 0;
    const re2::StringPiece subject(text.data(), text.size());
    while (program.Match(subject, start, text.size(), re2::RE2::UNANCHORED, groups.data(),
                         static_cast<int>(groups.size()))) {
      ++all.matches;
      for (std::size_t i = groups.size() == 1 ? 0 : 1; i < groups.size(); ++i) {
        all.length += groups[i].size();
      }
      const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
      start = groups[0].empty() ? end + 1 : end;
      if (start > text.size()) break;
    }
    return all;
  }
  found substitute(std::string_view text) {
    std::string made(text);
    const int count = re2::RE2::GlobalReplace(&made, program, "-");
    return {static_cast<std::size_t>(count), made.size()};
  }
  re2::RE2 program;
  std::vector<re2::StringPiece> groups;
};

/// std::regex and Boost.Regex have one interface.
template <typename Regex, typename Iterator, auto replace, auto syntax>
struct standard_like {
  explicit standard_like(const std::string& pattern) : program(pattern, syntax) {}
  found find_all(std::string_view text) {
    found all;
    for (Iterator each(text.begin(), text.end(), program), end; each != end; ++each) {
      ++all.matches;
      for (std::size_t i = each->size() == 1 ? 0 : 1; i < each->size(); ++i) {
        all.length += static_cast<std::size_t>((*each)[static_cast<int>(i)].length());
      }
    }
    return all;
  }
  found substitute(std::string_view text) {
    const std::string made = replace(text, program);
    return {find_all(text).matches, made.size()};
  }
  Regex program;
};

inline std::string std_replace(std::string_view text, const std::regex& program) {
  std::string made;
  std::regex_replace(std::back_inserter(made), text.begin(), text.end(), program, "-");
  return made;
}
inline std::string boost_replace(std::string_view text, const boost::regex& program) {
  std::string made;
  boost::regex_replace(std::back_inserter(made), text.begin(), text.end(), program, "-");
  return made;
}
using std_regex = standard_like<std::regex, std::regex_iterator<std::string_view::const_iterator>,
                                std_replace, std::regex::ECMAScript | std::regex::optimize>;
using boost_regex =
    standard_like<boost::regex, boost::regex_iterator<std::string_view::const_iterator>,
                  boost_replace, boost::regex::perl | boost::regex::no_mod_s>;

}  // namespace assay::bench
