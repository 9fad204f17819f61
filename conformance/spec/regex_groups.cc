// Regular expressions, continued: anchors, alternation, groups, references, lookaround and flags.
#include "conformance/harness/requirement.h"
#include "conformance/spec/regex_steps.h"

namespace assay {
namespace {

source syntax() { return python_docs("re#regular-expression-syntax"); }

// ---- anchors ------------------------------------------------------------------------------------

REQUIREMENT(regex_anchors, caret, must, "a caret matches where the text starts and nowhere else",
            covers("RE-12"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, caret_in_lines, must,
            "under MULTILINE a caret also matches after every newline", covers("RE-12"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, dollar, must,
            "a dollar matches at the end of the text and before a newline that ends it",
            covers("RE-13"), syntax(),
            erratum("The notes say at the end of the text. A dollar also matches before one "
                    "newline that ends it.")) {
  run_rows();
}

REQUIREMENT(regex_anchors, dollar_in_lines, must,
            "under MULTILINE a dollar also matches before every newline", covers("RE-13"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, end_of_text, must,
            "\\Z matches at the end of the text only, not before a final newline", covers("RE-13"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, start_of_text, must,
            "\\A matches at the start of the text only, under MULTILINE too", covers("RE-12"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, word_boundary, must,
            "\\b matches between a word character and another or an end of the text",
            covers("RE-07", "RE-08"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, not_a_word_boundary, must,
            "\\B matches inside words and between other characters", covers("RE-07", "RE-08"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_anchors, word_boundary_unicode, must,
            "\\b and \\B go by the letters of all scripts, and of ASCII only with the flag ASCII",
            covers("RE-07", "RE-08"), syntax()) {
  run_rows();
}

// ---- alternation --------------------------------------------------------------------------------

REQUIREMENT(regex_alternation, first_branch, must,
            "the first branch that lets the whole pattern match wins, not the longest",
            covers("RE-14"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_alternation, precedence, must,
            "alternation binds weaker than concatenation, anchors and quantifiers", covers("RE-14"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_alternation, empty_branch, must, "a branch may be empty", covers("RE-14"),
            syntax()) {
  run_rows();
}

// ---- groups -------------------------------------------------------------------------------------

REQUIREMENT(regex_groups, numbered, must,
            "groups are numbered by their opening brackets, and the whole match is group 0",
            covers("RE-15"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, without_number, must, "(?:…) groups without a number", covers("RE-15"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, unset, must, "a group that took no part is null, not empty",
            covers("RE-16"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, repeated, must,
            "a group that repeats holds its last text, and keeps one of an earlier round",
            covers("RE-16"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, backreference, must, "\\1 to \\99 match the text of their group again",
            covers("RE-17"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, unset_backreference, must,
            "a reference to a group that took no part does not match", covers("RE-18"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, bad_references, must,
            "a reference to a group that is missing or still open is an error",
            covers("RE-18", "RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_groups, hundred, must, "a pattern may have more than a hundred groups",
            covers("RE-15"), syntax()) {
  run_rows();
}

// ---- names --------------------------------------------------------------------------------------

REQUIREMENT(
    regex_names, syntax, must, "(?P<name>…) gives a group a name; without the name it is an error",
    covers("RE-19"), syntax(),
    erratum(
        "The notes print (?P) without the name. Python refuses that; the form is (?P<name>…).")) {
  run_rows();
}

REQUIREMENT(regex_names, identifiers, must,
            "a group's name is an identifier, and no other group has it", covers("RE-20", "RE-38"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_names, numbers, must, "a named group has a number too", covers("RE-20"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_names, backreference, must, "(?P=name) matches the text of the named group again",
            covers("RE-21"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_names, unknown, must, "a reference to a name that no group has is an error",
            covers("RE-21", "RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(
    regex_names, notes_example, must,
    "the notes' pattern of two nested tags finds them by name, and not when they are swapped",
    covers("RE-26"), python_docs("re.match"), notes("Regular expressions")) {
  run_rows();
}

// ---- lookaround and conditionals ----------------------------------------------------------------

REQUIREMENT(regex_lookaround, ahead, must,
            "(?=…) matches where its pattern follows, and takes nothing", covers("RE-15"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_lookaround, not_ahead, must, "(?!…) matches where its pattern does not follow",
            covers("RE-15"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_lookaround, behind, must, "(?<=…) matches where its pattern of fixed width ends",
            covers("RE-15"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_lookaround, not_behind, must,
            "(?<!…) matches where its pattern of fixed width does not end", covers("RE-15"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_lookaround, variable_width, should, "a look behind of no fixed width is an error",
            covers("RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_lookaround, conditionals, may,
            "(?(1)…|…) and (?(name)…|…) go by whether the group took part", covers("RE-16"),
            syntax()) {
  run_rows();
}

// ---- flags --------------------------------------------------------------------------------------

REQUIREMENT(regex_flags, ignorecase, must,
            "IGNORECASE matches letters in either case, in brackets and references too",
            covers("RE-02"), python_docs("re.IGNORECASE")) {
  run_rows();
}

REQUIREMENT(regex_flags, ignorecase_unicode, must,
            "IGNORECASE knows the letters of all scripts, and of ASCII only with the flag ASCII",
            covers("RE-07"), python_docs("re.IGNORECASE")) {
  run_rows();
}

REQUIREMENT(regex_flags, dotall, must, "DOTALL lets the dot match a newline", covers("RE-01"),
            python_docs("re.DOTALL")) {
  run_rows();
}

REQUIREMENT(regex_flags, verbose, must,
            "VERBOSE leaves out white space and comments, save in brackets and after a backslash",
            covers("RE-02"), python_docs("re.VERBOSE")) {
  run_rows();
}

REQUIREMENT(regex_flags, inline_global, must,
            "(?aimsx) at the start of a pattern sets flags for all of it", covers("RE-22"),
            syntax()) {
  run_rows();
}

REQUIREMENT(regex_flags, inline_elsewhere, must, "global flags that do not come first are an error",
            covers("RE-38"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_flags, inline_scoped, must,
            "(?i:…) and (?-i:…) set and clear flags within a group", covers("RE-15"), syntax()) {
  run_rows();
}

REQUIREMENT(regex_flags, comments, must, "(?#…) is a comment", covers("RE-19"), syntax()) {
  run_rows();
}

}  // namespace
}  // namespace assay
