// What the tables of crawlers' faults are written with.
#pragma once

#include <string>
#include <utility>

#include "conformance/saboteurs/wrong_crawler.h"

namespace assay::saboteurs {

using ref::crawler::fetch_result;
using ref::crawler::fetcher;
using ref::crawler::page_links;
using crawl_change = std::function<void(wrong_crawl&)>;

inline std::string with_replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline std::string after_last_slash(const std::string& address) {
  return address.substr(address.rfind('/') + 1);
}

/// Changes what a page was read as.
inline crawl_change reads_pages(std::function<void(page_links&, const std::string& page)> change) {
  return [=](wrong_crawl& it) {
    it.with.read = [=](std::string_view page, const std::string& address) {
      page_links links = ref::crawler::read_page(page, address);
      change(links, std::string(page));
      return links;
    };
  };
}

/// Reads a page with one text in it replaced.
inline crawl_change reads_pages_as(const std::string& from, const std::string& to) {
  return [=](wrong_crawl& it) {
    it.with.read = [=](std::string_view page, const std::string& address) {
      return ref::crawler::read_page(with_replaced(std::string(page), from, to), address);
    };
  };
}

/// Changes what came for a page, or for an image.
inline ref::crawler::parts::get changed_get(
    std::function<void(fetch_result&, const std::string& asked)> change) {
  return [=](fetcher& web, const std::string& address, const fetcher::sink& to) {
    fetch_result result = web.get(address, to);
    change(result, address);
    return result;
  };
}

inline crawl_change gets_pages(std::function<void(fetch_result&, const std::string&)> change) {
  return [=](wrong_crawl& it) { it.with.get_page = changed_get(change); };
}

inline crawl_change gets_images(std::function<void(fetch_result&, const std::string&)> change) {
  return [=](wrong_crawl& it) { it.with.get_image = changed_get(change); };
}

inline crawl_change names_files(std::function<std::string(const std::string&)> name) {
  return [=](wrong_crawl& it) { it.with.name = name; };
}

/// Crawls rightly and ends with another status.
inline crawl_change ends_with(std::function<int(int right)> status) {
  return [=](wrong_crawl& it) {
    it.run = [=](const wrong_crawl& mine) {
      return status(ref::crawler::crawl(mine.how, mine.with));
    };
  };
}

}  // namespace assay::saboteurs
