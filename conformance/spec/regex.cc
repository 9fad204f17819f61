// Regular expressions with the semantics of Python's re: characters, classes and quantifiers.
// What each requirement asks for is a table in fixtures/regex, which check.py there verifies
// against CPython. Groups and anchors: regex_groups.cc. What is done with patterns: regex_calls.cc.
#include "conformance/harness/requirement.h"
#include "conformance/spec/regex_steps.h"

namespace assay {
namespace {

source syntax() { return python_docs("re#regular-expression-syntax"); }

// ---- classes ------------------------------------------------------------------------------------

REQUIREMENT(regex_classes, dot, must, "the dot matches any one character except a newline",
            covers("RE-01"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, listed, must, "brackets match one of the listed characters",
            covers("RE-02"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, ranges, must,
            "a range in brackets matches the code points from its first to its last",
            covers("RE-02"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, negation, must,
            "a caret that comes first in brackets negates them; elsewhere it stands for itself",
            covers("RE-02"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, bracket_literals, must,
            "a closing bracket that comes first, and a hyphen at an end, are literal",
            covers("RE-02"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, classes_in_brackets, must,
            "classes and escapes keep their meaning in brackets", covers("RE-02"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, bad_brackets, must,
            "brackets that are not closed and reversed ranges are errors", covers("RE-02", "RE-38"),
            syntax()) {
  run_rows();
}

REQUIREMENT(
    regex_classes, digit_unicode, must, "\\d matches any decimal digit of Unicode", covers("RE-03"),
    syntax(),
    erratum(
        "The notes say 0 to 9. In text, Python's \\d matches all 660 decimal digits of Unicode.")) {
  run_rows();
}

REQUIREMENT(regex_classes, digit_ascii, must, "\\d matches 0 to 9 only under the flag ASCII",
            covers("RE-03"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, digit_complement, must,
            "\\D matches exactly what \\d does not, with and without the flag ASCII",
            covers("RE-04"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, space_unicode, must,
            "\\s matches any white space of Unicode, line ends and U+001C to U+001F too",
            covers("RE-05"), syntax(),
            erratum("The notes say space and tab. Python's \\s also matches newline, return, form "
                    "feed and vertical tab, and in text 29 code points in all.")) {
  run_rows();
}

REQUIREMENT(regex_classes, space_ascii, must,
            "\\s matches the six white spaces of ASCII only under the flag ASCII", covers("RE-05"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, space_complement, must,
            "\\S matches exactly what \\s does not, with and without the flag ASCII",
            covers("RE-06"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, word_unicode, must,
            "\\w matches letters, digits and numbers of all scripts, and the underscore",
            covers("RE-07"), syntax(),
            erratum("The notes say a to z, A to Z, 0 to 9 and the underscore. In text, Python's "
                    "\\w matches 133,548 code points.")) {
  run_rows();
}

REQUIREMENT(regex_classes, word_ascii, must,
            "\\w matches the notes' letters, digits and underscore only under the flag ASCII",
            covers("RE-07"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_classes, word_complement, must,
            "\\W matches exactly what \\w does not, with and without the flag ASCII",
            covers("RE-08"), syntax()) {
  run_rows();
}

// ---- escapes ------------------------------------------------------------------------------------

REQUIREMENT(regex_escapes, punctuation, must,
            "a backslash takes the meaning from a punctuation character", covers("RE-01", "RE-02"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_escapes, control_characters, must,
            "\\n, \\t, \\r, \\f, \\v and \\a stand for control characters", covers("RE-01"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_escapes, numbers, must,
            "\\x, \\u, \\U and octal numbers stand for their code points", covers("RE-27"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_escapes, bad_escapes, must,
            "a letter that has no meaning behind a backslash, and a number cut short, are errors",
            covers("RE-38"), syntax()) {
  run_rows();
}

// ---- quantifiers --------------------------------------------------------------------------------

REQUIREMENT(regex_quantifiers, star, must, "a star repeats zero or more times, as often as it can",
            covers("RE-09", "RE-35"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, plus, must, "a plus repeats once or more, as often as it can",
            covers("RE-09", "RE-35"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, question_mark, must,
            "a question mark matches once or not at all, once if it can", covers("RE-09", "RE-35"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, repeated_items, must,
            "a quantifier repeats a character, a class, brackets or a group", covers("RE-09"),
            syntax(),
            erratum("The notes say that a quantifier repeats the character before it. It may as "
                    "well be a class or a group.")) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, bounds, must,
            "{m}, {m,n}, {m,} and {,n} bound how often an item repeats", covers("RE-10"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, literal_braces, must,
            "braces that do not form a quantifier are literal", covers("RE-10"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, reversed_bounds, must,
            "a greatest number below the least one is an error", covers("RE-10", "RE-38"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, nothing_to_repeat, must,
            "a quantifier with nothing before it is an error", covers("RE-11", "RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, doubled, must, "a quantifier right after another is an error",
            covers("RE-11", "RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, lazy, must,
            "a question mark after a quantifier makes it take as little as it can", covers("RE-36"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, notes_greedy_and_lazy, must,
            "aa with greedy and lazy digits takes what the notes say", covers("RE-37"), syntax(),
            notes("Regular expressions")) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, possessive, should,
            "a plus after a quantifier keeps it from giving anything back", covers("RE-11"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, atomic_groups, should,
            "an atomic group keeps its first way to match", covers("RE-09"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_quantifiers, backtracking, must,
            "a quantifier gives back what the rest of the pattern needs", covers("RE-09", "RE-35"),
            syntax()) {
  run_rows();
}

}  // namespace
}  // namespace assay
