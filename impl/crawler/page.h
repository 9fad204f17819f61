// What a crawler reads in a page: links to images and to the next page, made absolute.
//
//   auto links = ref::crawler::read_page(html, "http://host/gallery/");
//   for (const std::string& url : links.images) …
//
// Images are what stands in data-original='…' (single quotes, on one line), the next page is the
// link of the anchor `<a class="next page-numbers" href="…">下一页&raquo;</a>`. Links may be
// relative to the page's own address and may hold HTML's escapes. Kept are those of http and https,
// without their fragment, each once and in the order of the page. Pure functions; any thread may
// call them. Source: the notes' crawler; RFC 3986, section 5.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ref::crawler {

struct page_links {
  std::vector<std::string> images;
  std::optional<std::string> next;
};

/// A page that is no UTF-8 is read as Latin-1. Throws ref::limit_exceeded where the page is beyond
/// what a regular expression can search.
page_links read_page(std::string_view page, const std::string& address);

/// `link` as it is meant in the page at `base`; nullopt when that is no address of http or https.
std::optional<std::string> resolve(const std::string& base, std::string_view link);

/// The file that an image is stored in: the last part of the path that is not empty,
/// percent-decoded, without the query. Never a path: no slash, no control character, no leading
/// dot, and 200 bytes at most. "image" where the address names none.
std::string file_name(const std::string& address);

/// Another name for the same address, for when `name` is taken by another: `1.jpg` becomes
/// `1-0f3a….jpg`. The same in every run.
std::string distinct_name(const std::string& name, const std::string& address);

}  // namespace ref::crawler
