#include "impl/server/conditions.h"

#include <algorithm>
#include <ctime>
#include <string>

namespace ref::server {
namespace {

// A position of a range; one that no file reaches stands for all that are too large. nullopt for
// what is no number.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  constexpr std::uint64_t beyond = std::uint64_t{1} << 62;
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value >= beyond / 10 ? beyond : value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// Whether a list of entity tags has this strong one, or is "*". `weak` comparison looks past W/.
bool lists_etag(std::string_view list, std::string_view etag, bool weak) {
  if (http::trimmed(list) == "*") return true;
  while (!list.empty()) {
    const auto begin = list.find_first_not_of(" \t,");
    if (begin == list.npos) return false;
    list.remove_prefix(begin);
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (list.empty() || list[0] != '"') return false;
    const auto end = list.find('"', 1);
    if (end == list.npos) return false;
    if (list.substr(0, end + 1) == etag && (weak || !is_weak)) return true;
    list.remove_prefix(end + 1);
  }
  return false;
}

// The lines of a list field count as one list (RFC 9110, section 5.3).
bool any_lists_etag(const http::field_list& fields, std::string_view name, std::string_view etag,
                    bool weak) {
  return std::any_of(fields.begin(), fields.end(), [&](const http::field& each) {
    return http::equal_ignoring_case(each.name, name) && lists_etag(each.value, etag, weak);
  });
}

// What is sent twice is a list of dates, and no date.
std::optional<std::time_t> date_in(const http::field_list& fields, std::string_view name) {
  const auto text = fields.find(name);
  return text && fields.count(name) == 1 ? parse_http_date(*text) : std::nullopt;
}

bool if_range_holds(const http::field_list& fields, const served_file& file) {
  const auto condition = fields.find("If-Range");
  if (!condition) return true;
  if (fields.count("If-Range") > 1) return false;
  if (condition->starts_with('"')) return *condition == file.etag;
  const auto date = parse_http_date(*condition);
  return date && *date == file.modified;
}

// strptime takes a 31st of every month, and timegm makes it the next month's.
bool is_in_calendar(const std::tm& date) {
  std::tm midnight{};
  midnight.tm_year = date.tm_year;
  midnight.tm_mon = date.tm_mon;
  midnight.tm_mday = date.tm_mday;
  ::timegm(&midnight);
  return midnight.tm_mday == date.tm_mday;
}

}  // namespace

std::optional<std::time_t> parse_http_date(std::string_view text) {
  const std::string date(text);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(date.c_str(), form, &parts);
    if (end == nullptr || *end != '\0') continue;
    if (!is_in_calendar(parts)) return std::nullopt;
    return ::timegm(&parts);
  }
  return std::nullopt;
}

int check_preconditions(const http::field_list& fields, const served_file& file) {
  if (fields.find("If-Match")) {
    if (!any_lists_etag(fields, "If-Match", file.etag, false)) return 412;
  } else if (const auto date = date_in(fields, "If-Unmodified-Since")) {
    if (file.modified > *date) return 412;
  }
  if (fields.find("If-None-Match")) {
    if (any_lists_etag(fields, "If-None-Match", file.etag, true)) return 304;
  } else if (const auto date = date_in(fields, "If-Modified-Since")) {
    if (file.modified <= *date) return 304;
  }
  return 0;
}

byte_range requested_range(const http::field_list& fields, const served_file& file) {
  const auto value = fields.find("Range");
  if (!value || fields.count("Range") > 1 || !if_range_holds(fields, file)) return {};
  constexpr std::string_view unit = "bytes=";
  if (value->size() <= unit.size() ||
      !http::equal_ignoring_case(value->substr(0, unit.size()), unit)) {
    return {};
  }
  const std::string_view set = http::trimmed(value->substr(unit.size()));
  const auto hyphen = set.find('-');
  if (set.find(',') != set.npos || hyphen == set.npos) return {};
  const auto first = parse_position(set.substr(0, hyphen));
  const auto last = parse_position(set.substr(hyphen + 1));
  // Each is a number, or not there at all; at least one is there.
  if ((!first && hyphen > 0) || (!last && (!first || hyphen + 1 < set.size()))) return {};
  if (!first) {
    if (*last == 0) return {range_kind::unsatisfiable, 0, 0};
    // A suffix of nothing can be satisfied, but there is no Content-Range to say so.
    if (file.size == 0) return {};
    const std::uint64_t suffix = std::min(*last, file.size);
    return {range_kind::part, file.size - suffix, suffix};
  }
  if (last && *last < *first) return {};
  if (*first >= file.size) return {range_kind::unsatisfiable, 0, 0};
  const std::uint64_t end = last ? std::min(file.size, *last + 1) : file.size;
  return {range_kind::part, *first, end - *first};
}

}  // namespace ref::server
