// What a regular expression engine with Python's semantics must answer. The cases are tables in
// fixtures/regex, verified against CPython by fixtures/regex/check.py.
#include <string>
#include <utility>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/fixtures.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

void expect_row(const json& row, const outcome& got) {
  SCOPED_TRACE(row.dump() + " got " + got.describe());
  if (!row.contains("raises")) {
    EXPECT_TRUE(got.ok());
    if (!got.ok()) return;
    json result = got.result();
    if (row["op"] == "regex.compile") result.erase("engine");  // an extra that an adapter may give
    EXPECT_EQ(result, row["expect"]);
    return;
  }
  EXPECT_EQ(got.error_type(), row["raises"]);
  if (row.contains("position")) {
    EXPECT_EQ(got.error_data().value("position", -1), row["position"]);
  }
}

// Sends all rows of a requirement at once, and compares each answer.
void run_table(std::string_view file, std::string_view slug) {
  const auto rows = cases(file, slug);
  std::vector<std::pair<std::string, json>> calls;
  for (const json& row : rows) calls.emplace_back(row["op"], row["params"]);
  const auto answers = main_actor().call_all(calls);
  for (std::size_t at = 0; at < rows.size(); ++at) expect_row(rows[at], answers[at]);
}

REQUIREMENT(regex_classes, dot, must, "the dot matches any one character except a newline",
            covers("RE-01"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/dot");
}

REQUIREMENT(regex_classes, sets, must,
            "brackets match one listed character, with ranges, negation and literal rules",
            covers("RE-02"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/sets");
}

REQUIREMENT(regex_classes, digit_unicode, must, "\\d matches by Unicode's properties in text",
            covers("RE-03"), python_docs("re#regular-expression-syntax"),
            erratum("The notes list ASCII characters only; in text, Python matches Unicode's.")) {
  run_table("regex/classes.jsonl", "regex.classes/digit-unicode");
}

REQUIREMENT(regex_classes, digit_ascii, must,
            "\\d matches the notes' ASCII characters under the ASCII flag", covers("RE-03"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/digit-ascii");
}

REQUIREMENT(regex_classes, digit_complement, must, "\\D matches exactly what \\d does not",
            covers("RE-04"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/digit-complement");
}

REQUIREMENT(regex_classes, space_unicode, must, "\\s matches by Unicode's properties in text",
            covers("RE-05"), python_docs("re#regular-expression-syntax"),
            erratum("The notes list ASCII characters only; in text, Python matches Unicode's.")) {
  run_table("regex/classes.jsonl", "regex.classes/space-unicode");
}

REQUIREMENT(regex_classes, space_ascii, must,
            "\\s matches the notes' ASCII characters under the ASCII flag", covers("RE-05"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/space-ascii");
}

REQUIREMENT(regex_classes, space_complement, must, "\\S matches exactly what \\s does not",
            covers("RE-06"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/space-complement");
}

REQUIREMENT(regex_classes, word_unicode, must, "\\w matches by Unicode's properties in text",
            covers("RE-07"), python_docs("re#regular-expression-syntax"),
            erratum("The notes list ASCII characters only; in text, Python matches Unicode's.")) {
  run_table("regex/classes.jsonl", "regex.classes/word-unicode");
}

REQUIREMENT(regex_classes, word_ascii, must,
            "\\w matches the notes' ASCII characters under the ASCII flag", covers("RE-07"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/word-ascii");
}

REQUIREMENT(regex_classes, word_complement, must, "\\W matches exactly what \\w does not",
            covers("RE-08"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/classes.jsonl", "regex.classes/word-complement");
}

REQUIREMENT(regex_quantifiers, star_plus_question, must,
            "star, plus and question mark repeat a character, class or group",
            covers("RE-09", "RE-35"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/quantifiers.jsonl", "regex.quantifiers/star-plus-question");
}

REQUIREMENT(regex_quantifiers, braces, must,
            "braces bound the number of repeats; malformed braces are literal", covers("RE-10"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/quantifiers.jsonl", "regex.quantifiers/braces");
}

REQUIREMENT(regex_quantifiers, nothing_to_repeat, must,
            "a quantifier without an item, or doubled, is an error with its position",
            covers("RE-11", "RE-38"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/quantifiers.jsonl", "regex.quantifiers/nothing-to-repeat");
}

REQUIREMENT(regex_quantifiers, lazy, must, "a question mark after a quantifier makes it lazy",
            covers("RE-36"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/quantifiers.jsonl", "regex.quantifiers/lazy");
}

REQUIREMENT(regex_quantifiers, notes_greedy, must,
            "aa with greedy and lazy digits gives the notes' answers", covers("RE-37"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/quantifiers.jsonl", "regex.quantifiers/notes-greedy");
}

REQUIREMENT(regex_anchors, caret, must,
            "the caret matches only where the text starts, or lines with MULTILINE",
            covers("RE-12"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/anchors.jsonl", "regex.anchors/caret");
}

REQUIREMENT(regex_anchors, dollar, must,
            "the dollar matches at the end and before one final newline", covers("RE-13"),
            python_docs("re#regular-expression-syntax"),
            erratum("The notes say that $ matches at the end of the string only.")) {
  run_table("regex/anchors.jsonl", "regex.anchors/dollar");
}

REQUIREMENT(regex_alternation, leftmost_branch, must,
            "alternation takes the first branch that succeeds and binds weakest", covers("RE-14"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/alternation.jsonl", "regex.alternation/leftmost-branch");
}

REQUIREMENT(regex_groups, numbered, must, "groups are numbered by their opening bracket",
            covers("RE-15"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/groups.jsonl", "regex.groups/numbered");
}

REQUIREMENT(regex_groups, unset, must,
            "a group that took no part is null, and in repeats the last capture stays",
            covers("RE-16"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/groups.jsonl", "regex.groups/unset");
}

REQUIREMENT(regex_groups, backreference, must,
            "a numbered backreference matches the text of its group", covers("RE-17"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/groups.jsonl", "regex.groups/backreference");
}

REQUIREMENT(regex_groups, bad_reference, must,
            "a reference to an unset group fails; to a missing or open one it is an error",
            covers("RE-18"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/groups.jsonl", "regex.groups/bad-reference");
}

REQUIREMENT(regex_names, syntax, must, "a name is given by (?P<name>...); a bare (?P) is an error",
            covers("RE-19"), python_docs("re#regular-expression-syntax"),
            erratum("The notes print (?P) without the name; Python refuses it.")) {
  run_table("regex/names.jsonl", "regex.names/syntax");
}

REQUIREMENT(regex_names, identifiers, must,
            "names are unique identifiers, and named groups have numbers", covers("RE-20"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/names.jsonl", "regex.names/identifiers");
}

REQUIREMENT(regex_names, backreference, must,
            "(?P=name) matches the group's text; an unknown name is an error", covers("RE-21"),
            python_docs("re#regular-expression-syntax")) {
  run_table("regex/names.jsonl", "regex.names/backreference");
}

REQUIREMENT(regex_calls, anchoring, must,
            "match starts at the start, search finds the leftmost, fullmatch takes all; else null",
            covers("RE-22", "RE-23"), python_docs("re.search")) {
  run_table("regex/calls.jsonl", "regex.calls/anchoring");
}

REQUIREMENT(regex_calls, notes_examples, must, "the notes' examples give the notes' answers",
            covers("RE-24", "RE-25", "RE-26"), python_docs("re#regular-expression-syntax")) {
  run_table("regex/calls.jsonl", "regex.calls/notes-examples");
}

REQUIREMENT(regex_calls, code_points, must, "spans count code points, whatever the bytes",
            covers("RE-27"), python_docs("re.search")) {
  run_table("regex/calls.jsonl", "regex.calls/code-points");
}

REQUIREMENT(regex_findall, all_matches, must,
            "findall returns all matches that do not overlap, left to right", covers("RE-28"),
            python_docs("re.findall")) {
  run_table("regex/findall.jsonl", "regex.findall/all-matches");
}

REQUIREMENT(
    regex_findall, groups, must,
    "findall returns texts, one group's texts, or lists of several groups, unset ones empty",
    covers("RE-29"), python_docs("re.findall")) {
  run_table("regex/findall.jsonl", "regex.findall/groups");
}

REQUIREMENT(regex_empty, after_match, must,
            "an empty match counts, also right after one that was not empty", covers("RE-34"),
            python_docs("re.findall")) {
  run_table("regex/empty.jsonl", "regex.empty/after-match");
}

REQUIREMENT(regex_sub, replaces, must, "sub replaces every match, and no match leaves the text",
            covers("RE-30", "RE-33"), python_docs("re.sub")) {
  run_table("regex/sub.jsonl", "regex.sub/replaces");
}

REQUIREMENT(regex_sub, template, must, "templates expand groups and refuse bad escapes",
            covers("RE-33"), python_docs("re.sub")) {
  run_table("regex/sub.jsonl", "regex.sub/template");
}

REQUIREMENT(regex_sub, function, must, "sub with a function uses what it returns for each match",
            covers("RE-31"), python_docs("re.sub")) {
  run_table("regex/sub.jsonl", "regex.sub/function");
}

REQUIREMENT(regex_sub, function_returns_text, must,
            "a function that returns a number is a TypeError", covers("RE-32"),
            python_docs("re.sub")) {
  run_table("regex/sub.jsonl", "regex.sub/function-returns-text");
}

REQUIREMENT(regex_split, groups, must,
            "split keeps the groups' texts between the pieces, unset ones null", covers("RE-28"),
            python_docs("re.split")) {
  run_table("regex/split.jsonl", "regex.split/groups");
}

REQUIREMENT(regex_errors, positions, must, "a bad pattern is an error at Python's position",
            covers("RE-38", "RE-02"), python_docs("re.error")) {
  run_table("regex/errors.jsonl", "regex.errors/positions");
}

REQUIREMENT(
    regex_limits, nested_quantifiers, should,
    "a pattern with nested quantifiers is answered or raises LimitExceeded, and never hangs",
    covers("RE-39"), python_docs("re#regular-expression-syntax")) {
  for (const char* pattern : {"(a+)+b", "(a*)*b", "(a|aa)+b"}) {
    const outcome got =
        main_actor().call("regex.search", {{"pattern", pattern}, {"text", std::string(40, 'a')}});
    if (got.ok()) {
      EXPECT_TRUE(got.result().is_null()) << got.describe();
    } else {
      EXPECT_EQ(got.error_type(), "LimitExceeded") << got.describe();
    }
  }
}

}  // namespace
}  // namespace assay
