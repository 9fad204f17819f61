#include "conformance/harness/requirement.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <tuple>

namespace assay {
namespace {

// The order in which the notes treat the areas; areas of others come after them by name.
constexpr std::array area_order{"udp",   "messenger", "tcp",       "process",   "thread",   "queue",
                                "pool",  "iterator",  "generator", "coroutine", "greenlet", "green",
                                "regex", "http",      "server",    "crawler",   "cost"};

std::size_t area_rank(std::string_view area) {
  return static_cast<std::size_t>(std::find(area_order.begin(), area_order.end(), area) -
                                  area_order.begin());
}

// Filled by static initialisers of the spec's files, in an order that the linker chooses.
std::vector<requirement>& collected() {
  static std::vector<requirement> all;
  return all;
}

std::string slug_of(std::string_view suite, std::string_view name) {
  std::string slug(suite);
  const auto first = slug.find('_');
  std::replace(slug.begin(), slug.end(), '_', '-');
  if (first != std::string::npos) slug[first] = '.';
  slug += '/';
  for (char c : name) slug += c == '_' ? '-' : c;
  return slug;
}

// A mistake in the spec itself: nothing of it could be trusted, so the program does not start.
[[noreturn]] void reject(const requirement& what, std::string_view why) {
  fmt::print(stderr, "{}:{}: requirement {}: {}\n", what.file, what.line, what.slug, why);
  std::exit(2);
}

}  // namespace

std::string_view to_string(level value) {
  switch (value) {
    case level::must:
      return "must";
    case level::should:
      return "should";
    case level::may:
      return "may";
  }
  return "must";
}

source rfc(int number, std::string_view section) {
  return {fmt::format("RFC {}, section {}", number, section),
          fmt::format("https://www.rfc-editor.org/rfc/rfc{}#section-{}", number, section)};
}

source man(std::string_view page) {
  source result{std::string(page), ""};
  const auto open = page.find('(');
  if (open == std::string_view::npos || open + 1 >= page.size()) return result;
  const auto name = page.substr(0, open);
  const char section = page[open + 1];
  result.url = fmt::format("https://man7.org/linux/man-pages/man{0}/{1}.{0}.html", section, name);
  return result;
}

source python_docs(std::string_view name) {
  constexpr std::array dotted{"http.client", "http.server", "concurrent.futures",
                              "collections.abc"};
  constexpr std::string_view base = "https://docs.python.org/3/library/";
  if (const auto hash = name.find('#'); hash != std::string_view::npos) {
    const auto module = name.substr(0, hash);
    return {fmt::format("Python, {}: {}", module, name.substr(hash + 1)),
            fmt::format("{}{}.html{}", base, module, name.substr(hash))};
  }
  std::string_view module = name.substr(0, name.find('.'));
  for (std::string_view candidate : dotted) {
    if (name.starts_with(candidate)) module = candidate;
  }
  const std::string anchor = module == name ? "" : fmt::format("#{}", name);
  return {fmt::format("Python, {}", name), fmt::format("{}{}.html{}", base, module, anchor)};
}

source notes(std::string_view section) { return {fmt::format("the notes, {}", section), ""}; }

const std::vector<requirement>& requirements() {
  static const std::vector<requirement> sorted = [] {
    auto all = collected();
    std::stable_sort(all.begin(), all.end(), [](const requirement& a, const requirement& b) {
      return std::tuple(area_rank(a.area), a.area, a.file, a.line) <
             std::tuple(area_rank(b.area), b.area, b.file, b.line);
    });
    return all;
  }();
  return sorted;
}

const requirement* find_requirement(std::string_view slug) {
  for (const auto& each : requirements()) {
    if (each.slug == slug) return &each;
  }
  return nullptr;
}

namespace detail {

requirement registration::begin(const char* suite, const char* name, level required,
                                const char* file, int line, std::string sentence) {
  requirement result;
  result.suite = suite;
  result.name = name;
  result.slug = slug_of(suite, name);
  result.area = result.slug.substr(0, result.slug.find_first_of("./"));
  result.level = required;
  result.sentence = std::move(sentence);
  result.file = file;
  result.line = line;
  if (const auto at = result.file.rfind("conformance/"); at != std::string::npos) {
    result.file.erase(0, at);
  }
  return result;
}

void registration::add(assay::covers part) {
  for (auto& claim : part.claims) requirement_.covers.push_back(std::move(claim));
}

void registration::add(source part) { requirement_.sources.push_back(std::move(part)); }

void registration::add(assay::erratum part) { requirement_.erratum = std::move(part.text); }

void registration::finish() {
  if (requirement_.sources.empty()) reject(requirement_, "names no source");
  if (requirement_.sentence.empty()) reject(requirement_, "has no sentence");
  for (const auto& other : collected()) {
    if (other.slug == requirement_.slug) {
      reject(requirement_, fmt::format("the slug is taken by {}:{}", other.file, other.line));
    }
  }
  collected().push_back(requirement_);
}

}  // namespace detail
}  // namespace assay
