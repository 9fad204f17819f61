// What the wrong regular expressions are made of: common ways to misread patterns and results.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs {
using sdk::adapter;

inline const char* const regex_ops[] = {"regex.compile",   "regex.match",        "regex.search",
                                        "regex.fullmatch", "regex.findall",      "regex.finditer",
                                        "regex.sub",       "regex.sub_function", "regex.split"};

inline std::string text_in(const json& params, const char* name) {
  return params.at(name).get<std::string>();
}

// Params with one of them changed.
inline json changed(json params, const char* name, json value) {
  params[name] = std::move(value);
  return params;
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

using rewriting = std::function<std::string(const std::string&)>;

// Every op gets a changed param: the pattern, the flags or the text, where it has one.
inline void rewrite(adapter& to, const char* name, const rewriting& change) {
  for (const char* op : regex_ops) {
    to.replace(op, [=](const handler& right, const json& params) {
      if (!params.contains(name)) return right(params);
      return right(changed(params, name, change(text_in(params, name))));
    });
  }
}

// Reads one piece of a pattern's syntax as another.
inline void reads(adapter& to, const std::string& piece, const std::string& as) {
  rewrite(to, "pattern", [=](const std::string& pattern) { return replaced(pattern, piece, as); });
}

inline void drops_flag(adapter& to, const std::string& flag) {
  rewrite(to, "flags", [=](const std::string& flags) { return replaced(flags, flag, ""); });
}
inline void sets_flag(adapter& to, const std::string& flag) {
  rewrite(to, "flags", [=](const std::string& flags) { return flags + flag; });
}

// Changes each quantifier that is this one; groups such as (?: and its lazy forms are left alone.
inline void requantifies(adapter& to, char quantifier, const std::string& as) {
  rewrite(to, "pattern", [=](const std::string& pattern) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      const char before = at == 0 ? '(' : pattern[at - 1];
      const bool is_one = pattern[at] == quantifier && !contains("(*+?}\\|^", {&before, 1});
      result += is_one ? as : std::string(1, pattern[at]);
    }
    return result;
  });
}

// Drops what follows a quantifier: ? (lazy) or + (possessive).
inline void drops_suffix(adapter& to, char suffix) {
  rewrite(to, "pattern", [=](const std::string& pattern) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      const char before = at == 0 ? 'x' : pattern[at - 1];
      if (pattern[at] != suffix || !contains("*+?}", {&before, 1})) result += pattern[at];
    }
    return result;
  });
}

// Refuses patterns that are right.
inline void refuses(adapter& to, const std::function<bool(const std::string&)>& is_refused) {
  rewrite(to, "pattern", [=](const std::string& pattern) {
    if (is_refused(pattern)) throw raised("PatternError", "refused").at(0);
    return pattern;
  });
}

// Compiles every pattern that is wrong into one without groups.
inline void takes_wrong_patterns(adapter& to) {
  to.replace("regex.compile", [](const handler& compile, const json& params) -> json {
    try {
      return compile(params);
    } catch (const raised& error) {
      if (error.type() != "PatternError") throw;
      return {{"groups", 0}, {"groupindex", json::object()}};
    }
  });
}

// Errors of this type point one further.
inline void moves_positions(adapter& to, const char* op, const std::string& type) {
  to.replace(op, [=](const handler& right, const json& params) {
    try {
      return right(params);
    } catch (const raised& error) {
      if (error.type() != type || !error.position()) throw;
      throw raised(type, error.what()).at(*error.position() + 1);
    }
  });
}

// Changes each match that an op returns.
using match_change = std::function<void(json& match, const json& params)>;
inline void changes_matches(adapter& to, const match_change& change) {
  for (const char* op : {"regex.match", "regex.search", "regex.fullmatch", "regex.finditer"}) {
    to.replace(op, [=](const handler& right, const json& params) {
      json result = right(params);
      if (result.is_object()) change(result, params);
      if (result.is_array()) {
        for (json& match : result) change(match, params);
      }
      return result;
    });
  }
}

// Where in the bytes of UTF-8 text the code point with this number begins.
inline std::size_t byte_at(std::string_view text, std::size_t point) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (begins && point-- == 0) break;
  }
  return at;
}
inline std::string slice(const std::string& text, std::size_t begin, std::size_t end) {
  const std::size_t from = byte_at(text, begin);
  return text.substr(from, byte_at(text, end) - from);
}
inline std::size_t begin_of(const json& match) { return match.at("span").at(0); }
inline std::size_t end_of(const json& match) { return match.at("span").at(1); }
inline std::string text_of(const json& match, const json& params) {
  return slice(text_in(params, "text"), begin_of(match), end_of(match));
}

// The right matches of a pattern in a text.
inline json matches_of(const adapter& from, const json& params) {
  return from.at("regex.finditer")({{"pattern", params.at("pattern")},
                                    {"text", params.at("text")},
                                    {"flags", params.at("flags")},
                                    {"spans", false}});
}

}  // namespace assay::saboteurs
