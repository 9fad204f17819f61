// Wrong regular expressions, continued: anchors, alternation, groups, names, lookaround and flags.
#include <algorithm>

#include "conformance/saboteurs/regex_wrong.h"

namespace assay::saboteurs {
namespace {

// ---- anchors ------------------------------------------------------------------------------------

SABOTEUR("regex.anchors/caret", "lines", "matches at the start of every line") {
  sets_flag(to, "m");
}
SABOTEUR("regex.anchors/caret-in-lines", "text", "drops the flag MULTILINE") {
  drops_flag(to, "m");
}
SABOTEUR("regex.anchors/dollar", "notes", "matches at the end of the text only") {
  reads(to, "$", "\\Z");
}
SABOTEUR("regex.anchors/dollar-in-lines", "text", "drops the flag MULTILINE") {
  drops_flag(to, "m");
}
SABOTEUR("regex.anchors/end-of-text", "perl", "matches before a final newline too") {
  reads(to, "\\Z", "(?=\\n?\\Z)");
}
SABOTEUR("regex.anchors/start-of-text", "caret", "takes \\A for a caret") { reads(to, "\\A", "^"); }
SABOTEUR("regex.anchors/word-boundary", "starts", "matches where words start, not where they end") {
  reads(to, "\\b", "\\b(?=\\w)");
}
SABOTEUR("regex.anchors/not-a-word-boundary", "inside", "matches inside words only") {
  reads(to, "\\B", "(?<=\\w)(?=\\w)");
}
SABOTEUR("regex.anchors/word-boundary-unicode", "ascii", "knows the letters of ASCII only") {
  sets_flag(to, "a");
}

// ---- alternation --------------------------------------------------------------------------------

// Leftmost-longest, as POSIX wants it.
SABOTEUR("regex.alternation/first-branch", "longest", "takes the longest branch") {
  const handler whole = to.at("regex.fullmatch");
  changes_matches(to, [=](json& match, const json& params) {
    const std::string text = text_in(params, "text");
    const std::size_t begin = begin_of(match);
    for (std::size_t end = text.size(); end > end_of(match); --end) {
      const json longer = whole(changed(params, "text", slice(text, begin, end)));
      if (longer.is_null()) continue;
      match = longer;
      match["span"] = {begin, begin + end_of(longer)};
    }
  });
}
SABOTEUR("regex.alternation/precedence", "caret", "takes a caret before all branches") {
  rewrite(to, "pattern", [](const std::string& pattern) {
    return pattern.starts_with('^') ? "^(?:" + pattern.substr(1) + ")" : pattern;
  });
}
SABOTEUR("regex.alternation/empty-branch", "strict", "refuses a branch of nothing") {
  refuses(to, [](const std::string& pattern) {
    return contains(pattern, "|)") || contains(pattern, "(|") || pattern.ends_with('|');
  });
}

// ---- groups -------------------------------------------------------------------------------------

SABOTEUR("regex.groups/numbered", "from-the-right", "numbers groups from the right") {
  changes_matches(to, [](json& match, const json&) {
    std::reverse(match["groups"].begin(), match["groups"].end());
  });
}
SABOTEUR("regex.groups/without-number", "numbered", "numbers (?:…) too") { reads(to, "(?:", "("); }
SABOTEUR("regex.groups/unset", "empty", "gives an unset group the empty text") {
  changes_matches(to, [](json& match, const json&) {
    for (json& group : match["groups"]) {
      if (group.is_null()) group = "";
    }
  });
}
SABOTEUR("regex.groups/repeated", "ecmascript", "forgets the groups of earlier rounds") {
  to.replace("regex.match", [](const handler& right, const json& params) {
    json match = right(changed(params, "spans", true));
    if (match.is_null()) return match;
    for (std::size_t i = 0; i < match["groups"].size(); ++i) {
      const json& span = match["spans"][i];
      if (!span.is_null() && span[1] != match["span"][1]) match["groups"][i] = nullptr;
    }
    if (!params.at("spans").get<bool>()) match.erase("spans");
    return match;
  });
}
SABOTEUR("regex.groups/backreference", "pattern", "matches the group's pattern, not its text") {
  rewrite(to, "pattern", [](const std::string& pattern) {
    const std::size_t open = pattern.find('('), close = pattern.find(')');
    if (open == pattern.npos || close == pattern.npos) return pattern;
    return replaced(pattern, "\\1", "(?:" + pattern.substr(open + 1, close - open - 1) + ")");
  });
}
SABOTEUR("regex.groups/unset-backreference", "ecmascript", "takes an unset group for empty") {
  reads(to, "\\1", "(?(1)\\1|)");
}
SABOTEUR("regex.groups/bad-references", "lenient", "takes a reference to any number") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.groups/hundred", "python-3.4", "refuses a hundred groups") {
  refuses(to, [](const std::string& pattern) {
    return std::count(pattern.begin(), pattern.end(), '(') >= 100;
  });
}

// ---- names --------------------------------------------------------------------------------------

SABOTEUR("regex.names/syntax", "notes", "takes (?P) for a group without a name") {
  reads(to, "(?P)", "()");
}
SABOTEUR("regex.names/identifiers", "lenient", "takes any name") { takes_wrong_patterns(to); }
SABOTEUR("regex.names/numbers", "last", "numbers named groups after all others") {
  to.replace("regex.compile", [](const handler& compile, const json& params) {
    json compiled = compile(params);
    auto number = compiled["groups"].get<std::size_t>() - compiled["groupindex"].size();
    for (json& each : compiled["groupindex"]) each = ++number;
    return compiled;
  });
}

// A reference that takes any word.
std::string any_word_for_references(std::string pattern) {
  for (std::size_t at = 0; (at = pattern.find("(?P=", at)) != pattern.npos; ++at) {
    pattern.replace(at, pattern.find(')', at) + 1 - at, "\\w*");
  }
  return pattern;
}
SABOTEUR("regex.names/backreference", "any-word", "takes a reference for any word") {
  rewrite(to, "pattern", any_word_for_references);
}
SABOTEUR("regex.names/notes-example", "any-word", "takes a reference for any word") {
  rewrite(to, "pattern", any_word_for_references);
}
SABOTEUR("regex.names/unknown", "lenient", "takes a reference to any name") {
  takes_wrong_patterns(to);
}

// ---- lookaround and conditionals ----------------------------------------------------------------

SABOTEUR("regex.lookaround/ahead", "takes", "takes what it looks at") { reads(to, "(?=", "(?:"); }
SABOTEUR("regex.lookaround/not-ahead", "not-not", "drops the negation") { reads(to, "(?!", "(?="); }
SABOTEUR("regex.lookaround/behind", "takes", "takes what it looks at") { reads(to, "(?<=", "(?:"); }
SABOTEUR("regex.lookaround/not-behind", "ahead", "looks ahead") { reads(to, "(?<!", "(?!"); }
SABOTEUR("regex.lookaround/variable-width", "lenient", "takes a look behind of any width") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.lookaround/conditionals", "always", "takes the condition for true") {
  reads(to, "(?(1)", "(?:");
}

// ---- flags --------------------------------------------------------------------------------------

SABOTEUR("regex.flags/ignorecase", "drops", "drops the flag") { drops_flag(to, "i"); }
SABOTEUR("regex.flags/ignorecase-unicode", "ascii", "knows the letters of ASCII only") {
  sets_flag(to, "a");
}
SABOTEUR("regex.flags/dotall", "drops", "drops the flag") { drops_flag(to, "s"); }
SABOTEUR("regex.flags/verbose", "drops", "drops the flag") { drops_flag(to, "x"); }
SABOTEUR("regex.flags/inline-global", "drops", "drops (?i)") { reads(to, "(?i)", ""); }
SABOTEUR("regex.flags/inline-elsewhere", "lenient", "takes flags anywhere") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.flags/inline-scoped", "sets-only", "does not clear flags") {
  reads(to, "(?-i:", "(?:");
}
SABOTEUR("regex.flags/comments", "matches", "matches a comment's text") { reads(to, "(?#", "(?:"); }

}  // namespace
}  // namespace assay::saboteurs
