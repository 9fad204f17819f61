// Wrong regular expressions, continued: what is done with a pattern, positions of errors, limits.
#include <algorithm>
#include <vector>

#include "conformance/saboteurs/regex_wrong.h"

namespace assay::saboteurs {
namespace {

// ---- calls --------------------------------------------------------------------------------------

// An op does what another does.
void takes_place(adapter& to, const char* op, const char* of) {
  const handler other = to.at(op);
  to.replace(of, [=](const handler&, const json& params) { return other(params); });
}

SABOTEUR("regex.calls/match", "searches", "matches anywhere") {
  takes_place(to, "regex.search", "regex.match");
}
SABOTEUR("regex.calls/search", "anchored", "matches at the start only") {
  takes_place(to, "regex.match", "regex.search");
}
SABOTEUR("regex.calls/fullmatch", "open-end", "need not reach the end") {
  takes_place(to, "regex.match", "regex.fullmatch");
}
SABOTEUR("regex.calls/notes-examples", "lazy", "takes a plus for lazy") {
  requantifies(to, '+', "+?");
}

SABOTEUR("regex.calls/code-points", "bytes", "counts the bytes of UTF-8") {
  changes_matches(to, [](json& match, const json& params) {
    const std::string text = text_in(params, "text");
    for (json& place : match["span"]) place = byte_at(text, place.get<std::size_t>());
  });
}
SABOTEUR("regex.calls/combining-characters", "normalises", "puts letters and marks together") {
  rewrite(to, "text", [](const std::string& text) { return replaced(text, "e\u0301", "\u00e9"); });
}

// ---- findall and finditer -----------------------------------------------------------------------

SABOTEUR("regex.findall/all-matches", "first", "returns the first match only") {
  to.replace("regex.findall", [](const handler& findall, const json& params) {
    const json all = findall(params);
    return all.empty() ? all : json::array({all[0]});
  });
}
SABOTEUR("regex.findall/none", "empty-text", "returns an empty text for none") {
  to.replace("regex.findall", [](const handler& findall, const json& params) {
    const json all = findall(params);
    return all.empty() ? json::array({""}) : all;
  });
}
SABOTEUR("regex.findall/one-group", "whole", "returns the whole matches") {
  to.replace("regex.findall", [&to](const handler&, const json& params) {
    json all = json::array();
    for (const json& match : matches_of(to, params)) all.push_back(text_of(match, params));
    return all;
  });
}
SABOTEUR("regex.findall/several-groups", "first", "returns the first group's texts") {
  to.replace("regex.findall", [](const handler& findall, const json& params) {
    json all = findall(params);
    for (json& item : all) {
      if (item.is_array()) item = json(item[0]);
    }
    return all;
  });
}
SABOTEUR("regex.findall/finditer", "relative", "counts from the end of the match before") {
  to.replace("regex.finditer", [](const handler& finditer, const json& params) {
    json all = finditer(params);
    std::size_t from = 0;
    for (json& match : all) {
      const std::size_t next = end_of(match);
      match["span"] = {begin_of(match) - from, next - from};
      from = next;
    }
    return all;
  });
}

// ---- empty matches ------------------------------------------------------------------------------

// As Go and Rust do: no empty match right after another match.
json without_adjacent(const json& matches) {
  json kept = json::array();
  std::size_t last = std::string::npos;
  for (const json& match : matches) {
    if (begin_of(match) == end_of(match) && begin_of(match) == last) continue;
    last = end_of(match);
    kept.push_back(match);
  }
  return kept;
}

// The pieces of the text between matches.
std::vector<std::string> pieces_between(const json& matches, const std::string& text) {
  std::vector<std::string> pieces;
  std::size_t from = 0;
  for (const json& match : matches) {
    pieces.push_back(slice(text, from, begin_of(match)));
    from = end_of(match);
  }
  pieces.push_back(slice(text, from, text.size()));
  return pieces;
}

SABOTEUR("regex.empty/findall", "skips", "skips an empty match after another") {
  to.replace("regex.findall", [&to](const handler&, const json& params) {
    json all = json::array();
    for (const json& match : without_adjacent(matches_of(to, params))) {
      all.push_back(text_of(match, params));
    }
    return all;
  });
}
SABOTEUR("regex.empty/finditer", "skips", "skips an empty match after another") {
  to.replace("regex.finditer", [](const handler& finditer, const json& params) {
    return without_adjacent(finditer(params));
  });
}
SABOTEUR("regex.empty/sub", "skips", "skips an empty match after another") {
  to.replace("regex.sub", [&to](const handler&, const json& params) -> json {
    const json matches = without_adjacent(matches_of(to, params));
    const auto pieces = pieces_between(matches, text_in(params, "text"));
    std::string text = pieces[0];
    for (std::size_t i = 1; i < pieces.size(); ++i) text += text_in(params, "template") + pieces[i];
    return {{"text", text}, {"count", matches.size()}};
  });
}
SABOTEUR("regex.empty/split", "skips", "skips an empty match after another") {
  to.replace("regex.split", [&to](const handler&, const json& params) -> json {
    return pieces_between(without_adjacent(matches_of(to, params)), text_in(params, "text"));
  });
}

// ---- sub ----------------------------------------------------------------------------------------

void changes_count(adapter& to, const char* op, const std::function<int(int)>& change) {
  to.replace(op, [=](const handler& right, const json& params) {
    return right(changed(params, "count", change(params.at("count").get<int>())));
  });
}
void reads_template(adapter& to, const std::string& piece, const std::string& as) {
  to.replace("regex.sub", [=](const handler& sub, const json& params) {
    return sub(changed(params, "template", replaced(text_in(params, "template"), piece, as)));
  });
}

SABOTEUR("regex.sub/all", "first", "replaces the first match only") {
  changes_count(to, "regex.sub", [](int) { return 1; });
}
SABOTEUR("regex.sub/no-match", "empty", "returns an empty text") {
  to.replace("regex.sub", [](const handler& sub, const json& params) {
    json result = sub(params);
    if (result["count"] == 0) result["text"] = "";
    return result;
  });
}
SABOTEUR("regex.sub/count", "all", "replaces all in any case") {
  changes_count(to, "regex.sub", [](int) { return 0; });
}
SABOTEUR("regex.sub/template-groups", "literal", "leaves \\1 as it is") {
  reads_template(to, "\\1", "\\\\1");
}
SABOTEUR("regex.sub/template-names", "literal", "leaves \\g<…> as it is") {
  reads_template(to, "\\g", "\\\\g");
}
SABOTEUR("regex.sub/template-unset", "python-3.4", "raises TemplateError for an unset group") {
  to.replace("regex.sub", [&to](const handler& sub, const json& params) {
    for (const json& match : matches_of(to, params)) {
      for (const json& group : match["groups"]) {
        if (group.is_null()) throw raised("TemplateError", "unmatched group");
      }
    }
    return sub(params);
  });
}
SABOTEUR("regex.sub/template-escapes", "letter", "takes \\n for the letter") {
  reads_template(to, "\\n", "n");
}
SABOTEUR("regex.sub/template-errors", "lenient", "leaves the text when the template is wrong") {
  to.replace("regex.sub", [](const handler& sub, const json& params) -> json {
    try {
      return sub(params);
    } catch (const raised& error) {
      if (error.type() != "TemplateError") throw;
      return {{"text", params.at("text")}, {"count", 0}};
    }
  });
}
SABOTEUR("regex.sub/function", "once", "calls the function for the first match only") {
  changes_count(to, "regex.sub_function", [](int) { return 1; });
}

// A function of the protocol is a template instead.
void takes_function_for(adapter& to, const std::string& function, const char* as_template) {
  const handler sub = to.at("regex.sub");
  to.replace("regex.sub_function", [=](const handler& right, json params) {
    if (params.at("function") != function) return right(params);
    params.erase("function");
    return sub(changed(params, "template", as_template));
  });
}
SABOTEUR("regex.sub/function-text-is-literal", "expands", "expands what the function returns") {
  takes_function_for(to, "template", "\\1");
}
SABOTEUR("regex.sub/function-returns-text", "converts", "makes a text of a number") {
  takes_function_for(to, "number", "1");
}

// ---- split --------------------------------------------------------------------------------------

SABOTEUR("regex.split/pieces", "no-empty", "leaves empty pieces out") {
  to.replace("regex.split", [](const handler& split, const json& params) {
    json kept = json::array();
    for (const json& piece : split(params)) {
      if (piece != "") kept.push_back(piece);
    }
    return kept;
  });
}
SABOTEUR("regex.split/groups", "pieces", "leaves the groups' texts out") {
  to.replace("regex.split", [&to](const handler&, const json& params) -> json {
    return pieces_between(matches_of(to, params), text_in(params, "text"));
  });
}
SABOTEUR("regex.split/maxsplit", "pieces", "counts pieces instead of splits") {
  to.replace("regex.split", [](const handler& split, const json& params) {
    const int most = params.at("maxsplit").get<int>();
    if (most == 1) return json::array({params.at("text")});
    return split(changed(params, "maxsplit", std::max(most - 1, 0)));
  });
}

// ---- errors -------------------------------------------------------------------------------------

SABOTEUR("regex.errors/brackets", "lenient", "closes groups at the end") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.errors/extensions", "lenient", "takes extensions that it does not know") {
  takes_wrong_patterns(to);
}
SABOTEUR("regex.errors/positions-of-brackets", "behind", "points behind the bracket") {
  moves_positions(to, "regex.compile", "PatternError");
}
SABOTEUR("regex.errors/positions-of-quantifiers", "behind", "points behind the quantifier") {
  moves_positions(to, "regex.compile", "PatternError");
}
SABOTEUR("regex.errors/positions-of-escapes", "behind", "points behind the backslash") {
  moves_positions(to, "regex.compile", "PatternError");
}
SABOTEUR("regex.errors/positions-of-groups", "behind", "points one too far") {
  moves_positions(to, "regex.compile", "PatternError");
}
SABOTEUR("regex.errors/positions-in-templates", "behind", "points one too far") {
  moves_positions(to, "regex.sub", "TemplateError");
}

// ---- limits -------------------------------------------------------------------------------------

void cuts_texts(adapter& to) {
  rewrite(to, "text", [](const std::string& text) { return text.substr(0, 65'536); });
}
SABOTEUR("regex.limits/long-text", "64-kib", "looks at the first 64 KiB only") { cuts_texts(to); }
SABOTEUR("regex.limits/long-repeat", "stack", "runs out of stack in texts beyond 64 KiB") {
  rewrite(to, "text", [](const std::string& text) {
    if (text.size() > 65'536) throw raised("LimitExceeded", "stack");
    return text;
  });
}
SABOTEUR("regex.limits/many-matches", "16-bit", "counts matches in 16 bits") {
  changes_count(to, "regex.sub", [](int count) { return count == 0 ? 65'535 : count; });
}
SABOTEUR("regex.limits/nested-quantifiers", "stack", "raises another error when it gives up") {
  to.replace("regex.search", [](const handler& search, const json& params) {
    const std::string pattern = text_in(params, "pattern");
    if (contains(pattern, "+)+") || contains(pattern, "*)*"))
      throw raised("InternalError", "stack");
    return search(params);
  });
}

}  // namespace
}  // namespace assay::saboteurs
