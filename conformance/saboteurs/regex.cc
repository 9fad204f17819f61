// Wrong regular expressions: each breaks one requirement of the area regex. Characters, escapes and
// quantifiers; see also regex_groups.cc and regex_calls.cc.
#include "conformance/saboteurs/regex_wrong.h"

namespace assay::saboteurs {
namespace {

// ---- classes ------------------------------------------------------------------------------------

SABOTEUR("regex.classes/dot", "newlines", "lets the dot match a newline") { sets_flag(to, "s"); }

SABOTEUR("regex.classes/listed", "dot", "takes a dot in brackets for any character") {
  reads(to, "[.", "[\\s\\S.");
}

SABOTEUR("regex.classes/ranges", "ends", "takes a range for its two ends") {
  rewrite(to, "pattern", [](const std::string& pattern) {
    std::string result;
    bool inside = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      if (pattern[at] == '[') inside = true;
      if (pattern[at] == ']') inside = false;
      const bool between = at > 0 && pattern[at - 1] != '[' && pattern[at + 1] != ']';
      if (!(inside && pattern[at] == '-' && between)) result += pattern[at];
    }
    return result;
  });
}

SABOTEUR("regex.classes/negation", "literal", "takes every caret in brackets for itself") {
  reads(to, "[^", "[\\^");
}

SABOTEUR("regex.classes/bracket-literals", "empty", "takes [] for an empty class") {
  reads(to, "[]", "(?!)");
}

SABOTEUR("regex.classes/classes-in-brackets", "letter", "takes \\d in brackets for the letter") {
  reads(to, "[\\d", "[d");
}

SABOTEUR("regex.classes/bad-brackets", "lenient", "takes brackets that are never closed") {
  takes_wrong_patterns(to);
}

SABOTEUR("regex.classes/digit-unicode", "ascii", "knows the digits of ASCII only") {
  sets_flag(to, "a");
}
SABOTEUR("regex.classes/digit-ascii", "no-flag", "drops the flag ASCII") { drops_flag(to, "a"); }
SABOTEUR("regex.classes/digit-complement", "ascii", "takes \\D for all but 0 to 9") {
  reads(to, "\\D", "[^0-9]");
}

SABOTEUR("regex.classes/space-unicode", "ascii", "knows the white space of ASCII only") {
  sets_flag(to, "a");
}
SABOTEUR("regex.classes/space-ascii", "no-flag", "drops the flag ASCII") { drops_flag(to, "a"); }
SABOTEUR("regex.classes/space-complement", "notes", "takes \\S for all but space and tab") {
  reads(to, "\\S", "[^ \\t]");
}

SABOTEUR("regex.classes/word-unicode", "ascii", "knows the letters of ASCII only") {
  sets_flag(to, "a");
}
SABOTEUR("regex.classes/word-ascii", "no-flag", "drops the flag ASCII") { drops_flag(to, "a"); }
SABOTEUR("regex.classes/word-complement", "ascii", "takes \\W for all but ASCII's letters") {
  reads(to, "\\W", "[^a-zA-Z0-9_]");
}

// ---- escapes ------------------------------------------------------------------------------------

SABOTEUR("regex.escapes/punctuation", "dot", "takes an escaped dot for any character") {
  reads(to, "\\.", ".");
}
SABOTEUR("regex.escapes/control-characters", "letter", "takes \\t for the letter") {
  reads(to, "\\t", "t");
}
SABOTEUR("regex.escapes/numbers", "letter", "takes \\x for the letter") { reads(to, "\\x", "x"); }
SABOTEUR("regex.escapes/bad-escapes", "lenient", "takes escapes that mean nothing") {
  takes_wrong_patterns(to);
}

// ---- quantifiers --------------------------------------------------------------------------------

SABOTEUR("regex.quantifiers/star", "plus", "wants one repeat at least") {
  requantifies(to, '*', "+");
}
SABOTEUR("regex.quantifiers/plus", "star", "is content with no repeat") {
  requantifies(to, '+', "*");
}
SABOTEUR("regex.quantifiers/question-mark", "lazy", "takes nothing if it can") {
  requantifies(to, '?', "??");
}
SABOTEUR("regex.quantifiers/repeated-items", "last", "repeats the last character of a group") {
  reads(to, ")*", "*)");
}
SABOTEUR("regex.quantifiers/bounds", "exact", "takes {m,n} and {m,} for {m}") {
  rewrite(to, "pattern", [](std::string pattern) {
    for (std::size_t open = 0; (open = pattern.find('{', open)) != pattern.npos; ++open) {
      const std::size_t comma = pattern.find(',', open);
      const std::size_t close = pattern.find('}', open);
      if (comma < close && close != pattern.npos) pattern.erase(comma, close - comma);
    }
    return pattern;
  });
}
SABOTEUR("regex.quantifiers/literal-braces", "strict", "refuses braces that are no quantifier") {
  refuses(to, [](const std::string& pattern) {
    return contains(pattern, "{") && pattern.find_first_of("0123456789,") == pattern.npos;
  });
}
SABOTEUR("regex.quantifiers/reversed-bounds", "lenient", "takes bounds in any order") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.quantifiers/nothing-to-repeat", "lenient", "takes a quantifier of nothing") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.quantifiers/doubled", "lenient", "takes a quantifier of a quantifier") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.quantifiers/lazy", "greedy", "takes as much as it can all the same") {
  drops_suffix(to, '?');
}
SABOTEUR("regex.quantifiers/notes-greedy-and-lazy", "greedy", "knows greedy quantifiers only") {
  drops_suffix(to, '?');
}
SABOTEUR("regex.quantifiers/possessive", "gives-back", "gives back what it took") {
  drops_suffix(to, '+');
}
SABOTEUR("regex.quantifiers/atomic-groups", "tries-again", "tries the group's other ways") {
  reads(to, "(?>", "(?:");
}
SABOTEUR("regex.quantifiers/backtracking", "possessive", "never gives back what a star took") {
  requantifies(to, '*', "*+");
}

}  // namespace
}  // namespace assay::saboteurs
