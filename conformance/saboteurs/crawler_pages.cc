// Faults of what a crawler reads and asks for; and all faults of crawlers together.
#include <fstream>
#include <sstream>

#include "conformance/saboteurs/crawler_faults.h"

namespace assay::saboteurs {
namespace {

void follow_first_anchor(page_links& links, const std::string& page) {
  const std::string sign = "next page-numbers\" href=\"";
  const auto at = page.find(sign);
  if (at == page.npos || links.images.empty()) return;
  const auto begin = at + sign.size();
  links.next =
      ref::crawler::resolve(links.images[0], page.substr(begin, page.find('"', begin) - begin));
}

void copy_local_files(wrong_crawl& it) {
  reads_pages([](page_links& links, const std::string& page) {
    const auto at = page.find("file://");
    if (at != page.npos) links.images.push_back(page.substr(at, page.find('\'', at) - at));
  })(it);
  it.with.get_image = [](fetcher& web, const std::string& address, const fetcher::sink& to) {
    if (!address.starts_with("file://")) return web.get(address, to);
    std::ifstream in(address.substr(7));
    std::ostringstream content;
    content << in.rdbuf();
    to(content.str());
    return fetch_result{200, address, ""};
  };
}

void keep_first_chunk(wrong_crawl& it) {
  it.with.get_image = [](fetcher& web, const std::string& address, const fetcher::sink& to) {
    std::size_t size = 0;
    return web.get(address, [&](std::string_view piece) {
      const auto take = std::min<std::size_t>(piece.size(), 7 - size);
      size += take;
      return take == 0 || to(piece.substr(0, take));
    });
  };
}

void fail_silently(fetch_result& result, const std::string&) {
  if (!result.error.empty()) result = {200, result.address, ""};
}

}  // namespace

std::vector<crawler_fault> crawler_page_faults() {
  return {
      {"crawler.pages/every-image-of-every-page", "last", "leaves out the last image of a page",
       reads_pages([](page_links& links, const std::string&) {
         if (!links.images.empty()) links.images.pop_back();
       })},
      {"crawler.pages/images-in-single-quotes", "double", "takes double quotes too",
       reads_pages_as("\"", "'")},
      {"crawler.pages/empty-link-is-none", "itself",
       "takes the page for the image of an empty link",
       [](wrong_crawl& it) {
         it.with.read = [](std::string_view page, const std::string& address) {
           page_links links = ref::crawler::read_page(page, address);
           links.images.push_back(address);
           return links;
         };
       }},
      {"crawler.pages/next-page-until-none", "first", "reads the first page only",
       reads_pages([](page_links& links, const std::string&) { links.next.reset(); })},
      {"crawler.pages/next-is-the-labelled-anchor", "first",
       "follows the first anchor of the class", reads_pages(follow_first_anchor)},
      {"crawler.pages/without-images-goes-on", "stops", "takes a page without images for the end",
       reads_pages([](page_links& links, const std::string&) {
         if (links.images.empty()) links.next.reset();
       })},
      {"crawler.pages/circle-ends", "round", "reads a page as often as it is linked",
       reads_pages([number = 0](page_links& links, const std::string&) mutable {
         if (links.next) *links.next += "#" + std::to_string(++number);
       })},
      {"crawler.pages/at-most-max-pages", "all", "reads all pages, whatever --max-pages says",
       [](wrong_crawl& it) { it.how.max_pages = 1000; }},
      {"crawler.pages/failing-first-page", "well", "takes a failing page for the end",
       gets_pages(fail_silently)},
      {"crawler.pages/failing-later-page", "well", "takes a failing page for the end",
       gets_pages(fail_silently)},
      {"crawler.pages/error-status-is-no-page", "any", "reads pages whatever their status",
       gets_pages([](fetch_result& result, const std::string&) { result.status = 200; })},
      {"crawler.links/relative", "root", "takes links as relative to the root",
       [](wrong_crawl& it) {
         it.with.read = [](std::string_view page, const std::string& address) {
           return ref::crawler::read_page(page, address.substr(0, address.find('/', 8) + 1));
         };
       }},
      {"crawler.links/redirected", "asked",
       "takes links as relative to the address before redirects",
       gets_pages([](fetch_result& result, const std::string& asked) { result.address = asked; })},
      {"crawler.links/escapes-of-html", "raw", "leaves &amp; as it is",
       reads_pages_as("&amp;", "&amp;amp;")},
      {"crawler.links/only-of-the-web", "file", "copies files of file: links", copy_local_files},
      {"crawler.links/repeated-is-asked-once", "again", "asks for an image on every page of it",
       reads_pages([number = 0](page_links& links, const std::string&) mutable {
         for (auto& each : links.images) each += "#" + std::to_string(++number);
       })},
      {"crawler.requests/user-agent-and-referer", "own", "calls itself by its own name",
       [](wrong_crawl& it) { it.how.user_agent = "assay-wrong-crawler"; }},
      {"crawler.requests/chunked-bodies", "first", "keeps the first chunk", keep_first_chunk},
  };
}

const std::vector<crawler_fault>& crawler_faults() {
  static const std::vector<crawler_fault> all = [] {
    std::vector<crawler_fault> joined;
    for (const auto& part :
         {crawler_page_faults(), crawler_file_faults(), crawler_process_faults()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace assay::saboteurs
