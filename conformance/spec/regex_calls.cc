// Regular expressions, continued: what is done with a pattern, wrong patterns, and limits.
#include "conformance/harness/actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/regex_steps.h"

namespace assay {
namespace {

// ---- calls --------------------------------------------------------------------------------------

REQUIREMENT(regex_calls, match, must,
            "match starts at the start of the text and need not reach its end",
            covers("RE-22", "RE-23"), python_docs("re.match")) {
  run_rows();
}

REQUIREMENT(regex_calls, search, must, "search finds the leftmost place that matches",
            covers("RE-22", "RE-23"), python_docs("re.search")) {
  run_rows();
}

REQUIREMENT(regex_calls, fullmatch, must, "fullmatch takes the whole text or nothing",
            covers("RE-22", "RE-23"), python_docs("re.fullmatch")) {
  run_rows();
}

REQUIREMENT(regex_calls, notes_examples, must,
            "the notes' patterns of numbers and of tags find what the notes say",
            covers("RE-24", "RE-25"), python_docs("re.match"), notes("Regular expressions")) {
  run_rows();
}

REQUIREMENT(regex_calls, code_points, must, "spans count code points, not bytes or UTF-16 units",
            covers("RE-27"), python_docs("re.Match.span")) {
  run_rows();
}

REQUIREMENT(regex_calls, combining_characters, must,
            "a combining mark is a character of its own, and texts are not normalised",
            covers("RE-27"), python_docs("re.search")) {
  run_rows();
}

// ---- findall ------------------------------------------------------------------------------------

REQUIREMENT(regex_findall, all_matches, must,
            "findall returns all matches that do not overlap, left to right", covers("RE-28"),
            python_docs("re.findall")) {
  run_rows();
}

REQUIREMENT(regex_findall, none, must, "findall returns an empty list when nothing matches",
            covers("RE-29"), python_docs("re.findall")) {
  run_rows();
}

REQUIREMENT(regex_findall, one_group, must, "with one group, findall returns that group's texts",
            covers("RE-29"), python_docs("re.findall")) {
  run_rows();
}

REQUIREMENT(regex_findall, several_groups, must,
            "with several groups, findall returns lists of their texts, unset ones empty",
            covers("RE-29"), python_docs("re.findall")) {
  run_rows();
}

REQUIREMENT(regex_findall, finditer, must,
            "finditer gives the same matches with their spans and groups", covers("RE-28"),
            python_docs("re.finditer")) {
  run_rows();
}

// ---- empty matches ------------------------------------------------------------------------------

REQUIREMENT(regex_empty, findall, must,
            "findall reports empty matches, also right after a match that is not empty",
            covers("RE-34"), python_docs("re.findall")) {
  run_rows();
}

REQUIREMENT(regex_empty, finditer, must,
            "an empty match may start where the last match ended, but not where an empty one did",
            covers("RE-34"), python_docs("re.finditer")) {
  run_rows();
}

REQUIREMENT(regex_empty, sub, must,
            "sub replaces empty matches, also right after a match that is not empty",
            covers("RE-34"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_empty, split, must,
            "split splits at empty matches, also right after a match that is not empty",
            covers("RE-34"), python_docs("re.split")) {
  run_rows();
}

// ---- sub ----------------------------------------------------------------------------------------

REQUIREMENT(regex_sub, all, must, "sub replaces every match and leaves the rest",
            covers("RE-30", "RE-33"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, no_match, must, "sub returns the text as it is when nothing matches",
            covers("RE-33"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, count, must, "a count limits how many matches sub replaces; zero means all",
            covers("RE-33"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, template_groups, must,
            "\\1, \\g<1> and \\g<0> in a template stand for the groups' texts", covers("RE-33"),
            python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, template_names, must,
            "\\g<name> in a template stands for the named group's text", covers("RE-33"),
            python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, template_unset, must, "an unset group in a template stands for nothing",
            covers("RE-33", "RE-16"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, template_escapes, must,
            "\\n, \\\\ and octal numbers in a template stand for characters", covers("RE-33"),
            python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, template_errors, must,
            "a template with a bad escape or an unknown group is an error", covers("RE-33"),
            python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, function, must, "sub with a function puts what it returns for each match",
            covers("RE-31"), python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, function_text_is_literal, must,
            "backslashes in what the function returns mean nothing", covers("RE-31"),
            python_docs("re.sub")) {
  run_rows();
}

REQUIREMENT(regex_sub, function_returns_text, should,
            "a function that returns a number instead of a text is a TypeError", covers("RE-32"),
            python_docs("re.sub"),
            erratum("The notes only ask for a text. Python raises TypeError for a number, and "
                    "takes None for the empty text.")) {
  run_rows();
}

// ---- split --------------------------------------------------------------------------------------

REQUIREMENT(regex_split, pieces, must,
            "split returns the pieces between the matches, empty ones too", covers("RE-28"),
            python_docs("re.split")) {
  run_rows();
}

REQUIREMENT(regex_split, groups, must,
            "the texts of split's groups stand between the pieces, unset ones null",
            covers("RE-28", "RE-16"), python_docs("re.split")) {
  run_rows();
}

REQUIREMENT(regex_split, maxsplit, must,
            "maxsplit limits the splits, and the last piece is the rest", covers("RE-28"),
            python_docs("re.split")) {
  run_rows();
}

// ---- errors -------------------------------------------------------------------------------------

REQUIREMENT(regex_errors, brackets, must, "groups that are not closed or not opened are errors",
            covers("RE-38"), python_docs("re#regular-expression-syntax")) {
  run_rows();
}

REQUIREMENT(regex_errors, extensions, must, "an unknown extension or flag is an error",
            covers("RE-38"), python_docs("re#regular-expression-syntax")) {
  run_rows();
}

REQUIREMENT(regex_errors, positions_of_brackets, should,
            "the error of a bracket points at the bracket", covers("RE-38"),
            python_docs("re.error")) {
  run_rows();
}

REQUIREMENT(regex_errors, positions_of_quantifiers, should,
            "the error of a quantifier points at it", covers("RE-38", "RE-11"),
            python_docs("re.error")) {
  run_rows();
}

REQUIREMENT(regex_errors, positions_of_escapes, should,
            "the error of an escape points at its backslash or its number",
            covers("RE-38", "RE-18"), python_docs("re.error")) {
  run_rows();
}

REQUIREMENT(regex_errors, positions_of_groups, should,
            "the error of a group's syntax points into the group",
            covers("RE-38", "RE-19", "RE-20", "RE-21"), python_docs("re.error")) {
  run_rows();
}

REQUIREMENT(regex_errors, positions_in_templates, should,
            "the error of a template points into the template", covers("RE-33", "RE-38"),
            python_docs("re.error")) {
  run_rows();
}

// ---- limits -------------------------------------------------------------------------------------

REQUIREMENT(regex_limits, long_text, must, "a text of 1 MiB is searched like a short one",
            covers("RE-28"), python_docs("re.search")) {
  run_rows();
}

REQUIREMENT(regex_limits, long_repeat, should, "a group may repeat half a million times",
            covers("RE-09"), python_docs("re.search")) {
  run_rows();
}

REQUIREMENT(regex_limits, many_matches, must, "a text may hold a hundred thousand matches",
            covers("RE-28"), python_docs("re.finditer")) {
  run_rows();
}

REQUIREMENT(
    regex_limits, nested_quantifiers, should,
    "a pattern with nested quantifiers is answered or raises LimitExceeded, and never hangs",
    covers("RE-39"), python_docs("re#regular-expression-syntax"),
    erratum("Python's re itself has no limit, and takes hours.")) {
  for (const char* pattern : {"(a+)+b", "(a*)*b", "(a|aa)+b", "(a|a)*b", "(.*)*b"}) {
    const outcome got = main_actor().call(
        "regex.search", {{"pattern", pattern}, {"text", std::string(40, 'a')}}, scaled(3s));
    if (got.ok()) {
      EXPECT_TRUE(got.result().is_null()) << pattern << ": " << got.describe();
    } else {
      EXPECT_EQ(got.error_type(), "LimitExceeded") << pattern << ": " << got.describe();
    }
  }
}

}  // namespace
}  // namespace assay
