// Ops of the area regex over ref::regex.
#include <charconv>
#include <utility>

#include "conformance/testees/reference/reference.h"
#include "impl/regex/regex.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

ref::regex_flags flags_of(const json& params) {
  auto flags = ref::regex_flags::none;
  for (const char flag : params.at("flags").get_ref<const std::string&>()) {
    switch (flag) {
      case 'a':
        flags = flags | ref::regex_flags::ascii;
        break;
      case 'i':
        flags = flags | ref::regex_flags::ignore_case;
        break;
      case 'm':
        flags = flags | ref::regex_flags::multi_line;
        break;
      case 's':
        flags = flags | ref::regex_flags::dot_all;
        break;
      case 'x':
        flags = flags | ref::regex_flags::verbose;
        break;
      default:
        throw raised("PatternError", std::string("unknown flag ") + flag);
    }
  }
  return flags;
}

raised with_position(const char* type, const ref::pattern_error& wrong) {
  raised error(type, wrong.what());
  if (!wrong.position()) return error;
  return std::move(error).at(static_cast<std::int64_t>(*wrong.position()));
}

// A handler for an op of a compiled pattern and a text; the library's exceptions by their names.
template <typename Use>
sdk::handler with_pattern(Use use) {
  return [use](const json& params) -> json {
    try {
      const ref::regex pattern(params.at("pattern").get_ref<const std::string&>(),
                               flags_of(params));
      return use(pattern, params);
    } catch (const ref::template_error& wrong) {
      throw with_position("TemplateError", wrong);
    } catch (const ref::pattern_error& wrong) {
      throw with_position("PatternError", wrong);
    } catch (const ref::limit_exceeded& spent) {
      throw raised("LimitExceeded", spent.what());
    } catch (const std::overflow_error& wrong) {
      throw raised("OverflowError", wrong.what());
    }
  };
}

const std::string& text_of(const json& params) {
  return params.at("text").get_ref<const std::string&>();
}

template <typename Text>
json text_or_null(const std::optional<Text>& text) {
  return text ? json(*text) : json();
}

json describe(const ref::match& match, bool spans) {
  const ref::span whole = *match.group_span(0);
  json result{{"span", {whole.first, whole.second}}, {"groups", json::array()}};
  for (std::size_t group = 1; group <= match.group_count(); ++group) {
    result["groups"].push_back(text_or_null(match.group(group)));
  }
  if (!spans) return result;
  result["spans"] = json::array();
  for (std::size_t group = 1; group <= match.group_count(); ++group) {
    const auto span = match.group_span(group);
    result["spans"].push_back(span ? json{span->first, span->second} : json());
  }
  return result;
}

json describe_found(const std::optional<ref::match>& match, const json& params) {
  return match ? describe(*match, params.at("spans").get<bool>()) : json();
}

json compiled(const ref::regex& pattern, const json&) {
  return {{"groups", pattern.groups()},
          {"groupindex", json(pattern.groupindex())},
          {"engine", pattern.engine()}};
}

json findall(const ref::regex& pattern, const json& params) {
  json result = json::array();
  for (const auto& found : pattern.findall(text_of(params))) {
    result.push_back(found.size() == 1 ? json(found.front()) : json(found));
  }
  return result;
}

json finditer(const ref::regex& pattern, const json& params) {
  json result = json::array();
  const bool spans = params.at("spans");
  pattern.for_each(text_of(params), [&](const ref::match& match) {
    result.push_back(describe(match, spans));
    return true;
  });
  return result;
}

std::size_t limit_of(const json& params, const char* name) {
  const auto limit = params.at(name).get<std::int64_t>();
  return limit < 0 ? 0 : static_cast<std::size_t>(limit);
}

json result_of(const ref::substitution& done) {
  return {{"text", done.text}, {"count", done.count}};
}

json sub(const ref::regex& pattern, const json& params) {
  return result_of(pattern.sub(params.at("template").get_ref<const std::string&>(), text_of(params),
                               limit_of(params, "count")));
}

std::string increment(std::string_view digits) {
  std::int64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    throw raised("ValueError", "'" + std::string(digits) + "' is no decimal number");
  }
  return std::to_string(number + 1);
}

using replacement = std::function<std::string(const ref::match&)>;

replacement function_named(const std::string& name) {
  if (name == "increment") return [](const ref::match& match) { return increment(*match.group()); };
  if (name == "brackets") {
    return [](const ref::match& match) { return "[" + std::string(*match.group()) + "]"; };
  }
  if (name == "span") {
    return [](const ref::match& match) {
      const ref::span whole = *match.group_span(0);
      return std::to_string(whole.first) + "-" + std::to_string(whole.second);
    };
  }
  if (name == "group1") {
    return [](const ref::match& match) { return std::string(match.group(1).value_or("")); };
  }
  if (name == "template") return [](const ref::match&) { return std::string("\\1"); };
  if (name == "number") {
    return [](const ref::match&) -> std::string {
      throw raised("TypeError", "a replacement is a text, not a number");
    };
  }
  throw raised("ValueError", "no function is called '" + name + "'");
}

json sub_function(const ref::regex& pattern, const json& params) {
  return result_of(pattern.sub(function_named(params.at("function")), text_of(params),
                               limit_of(params, "count")));
}

json split(const ref::regex& pattern, const json& params) {
  json result = json::array();
  for (const auto& piece : pattern.split(text_of(params), limit_of(params, "maxsplit"))) {
    result.push_back(text_or_null(piece));
  }
  return result;
}

}  // namespace

void add_reference_regex_ops(sdk::adapter& to) {
  to.on("regex.compile", with_pattern(compiled));
  to.on("regex.match", with_pattern([](const ref::regex& pattern, const json& params) {
          return describe_found(pattern.match_start(text_of(params)), params);
        }));
  to.on("regex.search", with_pattern([](const ref::regex& pattern, const json& params) {
          return describe_found(pattern.search(text_of(params)), params);
        }));
  to.on("regex.fullmatch", with_pattern([](const ref::regex& pattern, const json& params) {
          return describe_found(pattern.fullmatch(text_of(params)), params);
        }));
  to.on("regex.findall", with_pattern(findall));
  to.on("regex.finditer", with_pattern(finditer));
  to.on("regex.sub", with_pattern(sub));
  to.on("regex.sub_function", with_pattern(sub_function));
  to.on("regex.split", with_pattern(split));
}

}  // namespace assay::testees
