#include "conformance/testees/regex_ops.h"

#include <charconv>
#include <utility>

#include "conformance/testees/regex_template.h"
#include "conformance/testees/text.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;
using pattern_pointer = std::shared_ptr<const regex_pattern>;

// Compiled patterns, since one pattern is often asked for many texts.
class cache {
 public:
  explicit cache(regex_compiler compile) : compile_(std::move(compile)) {}

  pattern_pointer get(const json& params) {
    auto key =
        std::pair(params.at("pattern").get<std::string>(), params.at("flags").get<std::string>());
    const auto known = made_.find(key);
    if (known != made_.end()) return known->second;
    pattern_pointer made = compile_(to_code_points(key.first), key.second);
    if (made_.size() >= 512) made_.clear();
    return made_[std::move(key)] = made;
  }

 private:
  regex_compiler compile_;
  std::map<std::pair<std::string, std::string>, pattern_pointer> made_;
};

std::u32string text_of(const json& params) {
  return to_code_points(params.at("text").get_ref<const std::string&>());
}

std::u32string_view part(const std::u32string& text, const span& where) {
  if (where.begin < 0) return {};
  return std::u32string_view(text).substr(static_cast<std::size_t>(where.begin),
                                          static_cast<std::size_t>(where.end - where.begin));
}

json text_or_null(const std::u32string& text, const span& where) {
  return where.begin < 0 ? json() : json(to_utf8(part(text, where)));
}

json describe(const std::u32string& text, const match_spans& match, bool spans) {
  if (match.empty()) return nullptr;
  json result{{"span", {match[0].begin, match[0].end}}, {"groups", json::array()}};
  if (spans) result["spans"] = json::array();
  for (std::size_t group = 1; group < match.size(); ++group) {
    result["groups"].push_back(text_or_null(text, match[group]));
    if (!spans) continue;
    const span& where = match[group];
    result["spans"].push_back(where.begin < 0 ? json() : json{where.begin, where.end});
  }
  return result;
}

json findall(const regex_pattern& pattern, const std::u32string& text) {
  json result = json::array();
  for (const auto& match : pattern.find_all(text, 0)) {
    if (match.size() <= 2) {
      result.push_back(to_utf8(part(text, match.back())));
      continue;
    }
    json groups = json::array();
    for (std::size_t i = 1; i < match.size(); ++i) groups.push_back(to_utf8(part(text, match[i])));
    result.push_back(std::move(groups));
  }
  return result;
}

using replacement = std::function<std::u32string(const match_spans&)>;

std::size_t limit_of(const json& params, const char* name) {
  const auto count = params.at(name).get<std::int64_t>();
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

json substitute(const regex_pattern& pattern, const std::u32string& text, std::size_t count,
                const replacement& replace) {
  std::u32string result;
  std::size_t copied = 0;
  const auto matches = pattern.find_all(text, count);
  for (const auto& match : matches) {
    result.append(text, copied, static_cast<std::size_t>(match[0].begin) - copied);
    result += replace(match);
    copied = static_cast<std::size_t>(match[0].end);
  }
  result.append(text, copied, text.npos);
  return {{"text", to_utf8(result)}, {"count", matches.size()}};
}

json sub(const regex_pattern& pattern, const json& params) {
  const std::u32string text = text_of(params);
  const auto pieces =
      parse_template(to_code_points(params.at("template").get_ref<const std::string&>()),
                     pattern.groups(), pattern.names());
  return substitute(pattern, text, limit_of(params, "count"), [&](const match_spans& match) {
    std::u32string result;
    for (const auto& piece : pieces) {
      result += piece.group < 0 ? std::u32string_view(piece.text)
                                : part(text, match[static_cast<std::size_t>(piece.group)]);
    }
    return result;
  });
}

std::u32string increment(std::u32string_view digits) {
  const std::string ascii = to_utf8(digits);
  std::int64_t number = 0;
  const auto read = std::from_chars(ascii.data(), ascii.data() + ascii.size(), number);
  if (read.ec != std::errc() || read.ptr != ascii.data() + ascii.size()) {
    throw raised("ValueError", "'" + ascii + "' is no decimal number");
  }
  return to_code_points(std::to_string(number + 1));
}

replacement function_named(const std::string& name, const std::u32string& text) {
  if (name == "increment")
    return [&](const auto& match) { return increment(part(text, match[0])); };
  if (name == "brackets") {
    return [&](const auto& match) { return U"[" + std::u32string(part(text, match[0])) + U"]"; };
  }
  if (name == "span") {
    return [](const auto& match) {
      return to_code_points(std::to_string(match[0].begin) + "-" + std::to_string(match[0].end));
    };
  }
  if (name == "group1") {
    return [&](const auto& match) {
      return match.size() < 2 ? std::u32string() : std::u32string(part(text, match[1]));
    };
  }
  if (name == "template") return [](const auto&) { return std::u32string(U"\\1"); };
  if (name == "number") {
    return [](const auto&) -> std::u32string {
      throw raised("TypeError", "a replacement is a text, not a number");
    };
  }
  throw raised("ValueError", "no function is called '" + name + "'");
}

json split(const regex_pattern& pattern, const std::u32string& text, std::size_t most) {
  json result = json::array();
  std::int64_t copied = 0;
  for (const auto& match : pattern.find_all(text, most)) {
    result.push_back(to_utf8(part(text, {copied, match[0].begin})));
    for (std::size_t i = 1; i < match.size(); ++i) result.push_back(text_or_null(text, match[i]));
    copied = match[0].end;
  }
  result.push_back(to_utf8(part(text, {copied, static_cast<std::int64_t>(text.size())})));
  return result;
}

}  // namespace

void add_regex_ops(sdk::adapter& to, regex_compiler compile) {
  const auto patterns = std::make_shared<cache>(std::move(compile));
  to.on("regex.compile", [patterns](const json& params) -> json {
    const auto pattern = patterns->get(params);
    return {{"groups", pattern->groups()}, {"groupindex", json(pattern->names())}};
  });
  const std::pair<const char*, anchoring> single[] = {{"regex.search", anchoring::search},
                                                      {"regex.match", anchoring::match},
                                                      {"regex.fullmatch", anchoring::fullmatch}};
  for (const auto& [op, how] : single) {
    to.on(op, [patterns, how = how](const json& params) {
      const std::u32string text = text_of(params);
      return describe(text, patterns->get(params)->find(text, how), params.at("spans"));
    });
  }
  to.on("regex.findall", [patterns](const json& params) {
    return findall(*patterns->get(params), text_of(params));
  });
  to.on("regex.finditer", [patterns](const json& params) {
    json result = json::array();
    const std::u32string text = text_of(params);
    for (const auto& match : patterns->get(params)->find_all(text, 0)) {
      result.push_back(describe(text, match, params.at("spans")));
    }
    return result;
  });
  to.on("regex.sub",
        [patterns](const json& params) { return sub(*patterns->get(params), params); });
  to.on("regex.sub_function", [patterns](const json& params) {
    const std::u32string text = text_of(params);
    return substitute(*patterns->get(params), text, limit_of(params, "count"),
                      function_named(params.at("function"), text));
  });
  to.on("regex.split", [patterns](const json& params) {
    return split(*patterns->get(params), text_of(params), limit_of(params, "maxsplit"));
  });
}

}  // namespace assay::testees
