#include "impl/crawler/page.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "impl/regex/regex.h"

namespace ref::crawler {
namespace {

constexpr std::size_t longest_name = 200;

using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

url_handle new_url() {
  url_handle url(curl_url(), &curl_url_cleanup);
  if (!url) throw std::bad_alloc();
  return url;
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

std::string latin1_as_utf8(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xc0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return result;
}

// The escapes that occur in links.
std::string unescape(std::string_view link) {
  constexpr std::array<std::pair<std::string_view, char>, 6> escapes{{
      {"&amp;", '&'},
      {"&#38;", '&'},
      {"&quot;", '"'},
      {"&#39;", '\''},
      {"&lt;", '<'},
      {"&gt;", '>'},
  }};
  std::string result;
  while (!link.empty()) {
    const auto fits = [&](const auto& each) { return link.starts_with(each.first); };
    const auto found = std::find_if(escapes.begin(), escapes.end(), fits);
    result += found == escapes.end() ? link.front() : found->second;
    link.remove_prefix(found == escapes.end() ? 1 : found->first.size());
  }
  return result;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    result += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    if (low >= 0) i += 2;
  }
  return result;
}

// FNV-1a: the same in every run and on every machine.
std::string digest(const std::string& text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

// Where the extension begins; the end where there is none worth the name.
std::size_t extension_at(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == name.npos || dot == 0 || name.size() - dot > 16 ? name.size() : dot;
}

// Does not cut a character of UTF-8 in two.
std::string cut(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

std::optional<std::string> resolve(const std::string& base, std::string_view link) {
  const url_handle url = new_url();
  const std::string target(link);
  constexpr unsigned flags = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;
  if (!base.empty() && curl_url_set(url.get(), CURLUPART_URL, base.c_str(), flags) != CURLUE_OK) {
    return std::nullopt;
  }
  if (curl_url_set(url.get(), CURLUPART_URL, target.c_str(), flags) != CURLUE_OK) {
    return std::nullopt;
  }
  curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
  const std::string scheme = part_of(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  std::string whole = part_of(url.get(), CURLUPART_URL);
  if (whole.empty()) return std::nullopt;
  return whole;
}

page_links read_page(std::string_view page, const std::string& address) {
  static const regex image(R"(data-original='(.*?)')");
  static const regex next(
      R"re(<a class="next page-numbers" href="([^"\n]*)">下一页(?:&raquo;|»)</a>)re");
  page_links links;
  const auto read = [&](std::string_view text) {
    for (const auto& found : image.findall(text)) {
      if (found.at(0).empty()) continue;
      const auto url = resolve(address, unescape(found.at(0)));
      if (!url) continue;
      if (std::find(links.images.begin(), links.images.end(), *url) == links.images.end()) {
        links.images.push_back(*url);
      }
    }
    const auto found = next.search(text);
    if (found) links.next = resolve(address, unescape(*found->group(1)));
  };
  try {
    read(page);
  } catch (const std::invalid_argument&) {
    links = {};
    read(latin1_as_utf8(page));
  }
  return links;
}

std::string file_name(const std::string& address) {
  const url_handle url = new_url();
  curl_url_set(url.get(), CURLUPART_URL, address.c_str(), CURLU_URLENCODE);
  std::string path = part_of(url.get(), CURLUPART_PATH);
  while (!path.empty() && path.back() == '/') path.pop_back();
  std::string name = percent_decoded(path.substr(path.rfind('/') + 1));
  for (char& c : name) {
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '_';
  }
  if (name.empty()) return "image";
  if (name.front() == '.') name.insert(0, "_");
  if (name.size() <= longest_name) return name;
  const std::string extension = name.substr(extension_at(name));
  return distinct_name(cut(name, longest_name - extension.size() - 17) + extension, address);
}

std::string distinct_name(const std::string& name, const std::string& address) {
  const auto at = extension_at(name);
  const std::string extension = name.substr(at);
  const std::string stem = cut(name.substr(0, at), longest_name - extension.size() - 17);
  return stem + "-" + digest(address) + extension;
}

}  // namespace ref::crawler
