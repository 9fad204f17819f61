#include "impl/server/conditions.h"

#include <algorithm>
#include <ctime>
#include <string>

namespace ref::server {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
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

bool if_range_holds(const http::field_list& fields, const served_file& file) {
  const auto condition = fields.find("If-Range");
  if (!condition) return true;
  if (condition->starts_with('"')) return *condition == file.etag;
  const auto date = parse_http_date(*condition);
  return date && *date == file.modified;
}

}  // namespace

std::optional<std::time_t> parse_http_date(std::string_view text) {
  const std::string date(text);
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = ::strptime(date.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') return ::timegm(&parts);
  }
  return std::nullopt;
}

int check_preconditions(const http::field_list& fields, const served_file& file) {
  if (const auto tags = fields.find("If-Match")) {
    if (!lists_etag(*tags, file.etag, false)) return 412;
  } else if (const auto text = fields.find("If-Unmodified-Since")) {
    const auto date = parse_http_date(*text);
    if (date && file.modified > *date) return 412;
  }
  if (const auto tags = fields.find("If-None-Match")) {
    if (lists_etag(*tags, file.etag, true)) return 304;
  } else if (const auto text = fields.find("If-Modified-Since")) {
    const auto date = parse_http_date(*text);
    if (date && file.modified <= *date) return 304;
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
  const std::string_view first = set.substr(0, hyphen);
  const std::string_view last = set.substr(hyphen + 1);
  if ((!first.empty() && !all_digits(first)) || (!last.empty() && !all_digits(last))) return {};
  if (first.empty()) {
    if (last.empty()) return {};
    const std::uint64_t suffix = std::min<std::uint64_t>(std::stoull(std::string(last)), file.size);
    if (suffix == 0) return {range_kind::unsatisfiable, 0, 0};
    return {range_kind::part, file.size - suffix, suffix};
  }
  const std::uint64_t begin = std::stoull(std::string(first));
  std::uint64_t end = file.size;
  if (!last.empty()) {
    const std::uint64_t inclusive = std::stoull(std::string(last));
    if (inclusive < begin) return {};
    end = std::min<std::uint64_t>(file.size, inclusive + 1);
  }
  if (begin >= file.size) return {range_kind::unsatisfiable, 0, 0};
  return {range_kind::part, begin, end - begin};
}

}  // namespace ref::server
