#include "impl/server/path.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace ref::server {
namespace {

constexpr std::pair<std::string_view, std::string_view> types[] = {
    {"avif", "image/avif"},
    {"bin", "application/octet-stream"},
    {"bmp", "image/bmp"},
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"ttf", "font/ttf"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
    {"zip", "application/zip"},
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return std::nullopt;
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

// Without scheme and authority of the absolute form.
std::string_view path_part(std::string_view target) {
  const auto colon = target.starts_with('/') ? target.npos : target.find("://");
  if (colon != target.npos) {
    const auto slash = target.find_first_of("/?", colon + 3);
    target = slash == target.npos ? std::string_view("/") : target.substr(slash);
  }
  return target.substr(0, target.find('?'));
}

// Most paths are the name of a file as they stand: nothing in them is encoded, no segment is empty
// or begins with a dot.
bool is_plain(std::string_view path) {
  if (!path.starts_with('/')) return false;
  char before = '\0';
  for (const char c : path) {
    if (c == '%' || c == '\0' || (before == '/' && (c == '/' || c == '.'))) return false;
    before = c;
  }
  return before != '/';
}

}  // namespace

resolved_path resolve_target(std::string_view target) {
  const std::string_view raw = path_part(target);
  if (is_plain(raw)) return {0, std::string(raw.substr(1))};
  const auto path = decoded(raw);
  if (!path) return {400, {}};
  std::vector<std::string_view> segments;
  bool is_folder = true;  // ends in a slash or a dot segment
  for (std::size_t begin = 0; begin <= path->size();) {
    const auto end = std::min(path->find('/', begin), path->size());
    const std::string_view segment = std::string_view(*path).substr(begin, end - begin);
    begin = end + 1;
    is_folder = segment.empty() || segment == "." || segment == "..";
    if (segment == "..") {
      if (segments.empty()) return {400, {}};
      segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
  }
  if (segments.empty()) return {0, "index.html"};
  std::string joined;
  for (std::string_view each : segments) {
    if (!joined.empty()) joined += '/';
    joined += each;
  }
  if (is_folder) joined += '/';
  return {0, std::move(joined)};
}

std::string_view mime_type(std::string_view path) {
  const auto dot = path.rfind('.');
  std::string ending(dot == path.npos ? std::string_view() : path.substr(dot + 1));
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  const auto found =
      std::lower_bound(std::begin(types), std::end(types), ending,
                       [](const auto& each, const auto& key) { return each.first < key; });
  if (found != std::end(types) && found->first == ending) return found->second;
  return "application/octet-stream";
}

}  // namespace ref::server
