// A crawler's pages: which links it takes for images, which for the next page, and how it asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/harness/actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/crawler_steps.h"

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<std::string> paths_asked(const gallery_server& gallery) {
  std::vector<std::string> paths;
  for (const auto& each : gallery.requests()) paths.push_back(each.path);
  return paths;
}

REQUIREMENT(crawler_pages, every_image_of_every_page, must,
            "every image of every page is stored once, byte for byte, and the status is 0",
            covers("CRAWL-04", "CRAWL-05"), notes("web crawler")) {
  gallery_server gallery;
  std::map<std::string, std::string> wanted;
  for (int number = 1; number <= 3; ++number) {
    const std::string here = "/page" + std::to_string(number);
    const std::string next = number < 3 ? "/page" + std::to_string(number + 1) : "";
    const std::string prefix = "/" + std::string(1, static_cast<char>('a' + number));
    for (const auto& path : add_images(gallery, here, prefix, 3, next)) {
      wanted[path.substr(1)] = image_bytes(path);
    }
  }
  const ending seen = crawl(gallery, "/page1");
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_EQ(stored(), wanted);
  EXPECT_EQ(gallery.requests().size(), 12u) << "each is asked for once";
}

REQUIREMENT(crawler_pages, images_in_single_quotes, must,
            "images are what stands between data-original=' and the next single quote of the line",
            covers("CRAWL-02"), notes("web crawler")) {
  gallery_server gallery;
  const std::string at = gallery.url("");
  gallery.add("/", page("<img data-original='" + at + "/a.jpg'><img data-original='" + at +
                        "/b.jpg' x='1'>\n<img data-original=\"" + at + "/c.jpg\"><img src='" + at +
                        "/d.jpg'>\n<img data-original='" + at + "/e\n.jpg'>"));
  for (const char* each : {"/a.jpg", "/b.jpg", "/c.jpg", "/d.jpg"}) {
    gallery.add(each, {.body = each});
  }
  crawl(gallery);
  EXPECT_THAT(paths_asked(gallery), UnorderedElementsAre("/", "/a.jpg", "/b.jpg"));
}

REQUIREMENT(crawler_pages, empty_link_is_none, should,
            "an empty link is no image, and costs the others nothing", covers("CRAWL-02"),
            notes("web crawler"),
            erratum("The notes' expression captures '' as an address, and the request for it fails "
                    "with a traceback in its thread.")) {
  gallery_server gallery;
  gallery.add("/", page(images({"", gallery.url("/a.jpg")})));
  gallery.add("/a.jpg", {.body = "a"});
  const ending seen = crawl(gallery);
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_EQ(seen.err.find("Traceback"), std::string::npos) << seen.err;
  EXPECT_THAT(stored_contents(), ElementsAre("a"));
  EXPECT_EQ(gallery.requests_for("/").size(), 1u);
}

REQUIREMENT(crawler_pages, next_page_until_none, must,
            "the next page is the link of the anchor of class 'next page-numbers'; without one the "
            "crawl is over",
            covers("CRAWL-03"), notes("web crawler")) {
  gallery_server gallery;
  add_images(gallery, "/1", "/a", 1, "/2");
  add_images(gallery, "/2", "/b", 1, "/3");
  add_images(gallery, "/3", "/c", 1);
  add_images(gallery, "/4", "/d", 1);
  EXPECT_EQ(crawl(gallery, "/1").exit_code, 0);
  EXPECT_EQ(stored().size(), 3u);
  EXPECT_EQ(gallery.requests_for("/3").size(), 1u);
}

REQUIREMENT(crawler_pages, next_is_the_labelled_anchor, should,
            "of two such anchors the one labelled as the next page counts, and nothing before it",
            covers("CRAWL-03"), notes("web crawler"),
            erratum("The notes' lazy capture begins at the first of two anchors and takes "
                    "everything up to the label for the address.")) {
  gallery_server gallery;
  add_images(gallery, "/2", "/b", 1);
  gallery.add("/a.jpg", {.body = "a"});
  gallery.add("/", page(images({gallery.url("/a.jpg")}) +
                        "<a class=\"next page-numbers\" href=\"/last\">最后</a>" +
                        next_link(gallery.url("/2"))));
  crawl(gallery);
  EXPECT_EQ(gallery.requests_for("/2").size(), 1u);
  EXPECT_EQ(gallery.requests_for("/last").size(), 0u);
}

REQUIREMENT(crawler_pages, without_images_goes_on, should,
            "a page without images does not end the crawl when there is a next one",
            covers("CRAWL-07"), notes("web crawler"),
            erratum("The notes take a page without images for the end, whatever follows it.")) {
  gallery_server gallery;
  add_images(gallery, "/1", "/a", 1, "/2");
  add_images(gallery, "/2", "/b", 0, "/3");
  add_images(gallery, "/3", "/c", 1);
  crawl(gallery, "/1");
  EXPECT_EQ(stored().size(), 2u);
}

REQUIREMENT(crawler_pages, circle_ends, should,
            "a gallery that leads back to itself comes to an end", notes("web crawler")) {
  gallery_server gallery;
  add_images(gallery, "/1", "/a", 1, "/2");
  add_images(gallery, "/2", "/b", 1, "/1");
  EXPECT_EQ(crawl(gallery, "/1", {"--max-pages", "40"}).exit_code, 0);
  EXPECT_EQ(gallery.requests_for("/1").size(), 1u);
}

REQUIREMENT(crawler_pages, at_most_max_pages, should, "--max-pages bounds the pages that are read",
            notes("web crawler")) {
  gallery_server gallery;
  for (int i = 1; i <= 5; ++i) {
    const std::string number = std::to_string(i);
    add_images(gallery, "/" + number, "/i" + number + "-", 1, "/" + std::to_string(i + 1));
  }
  EXPECT_EQ(crawl(gallery, "/1", {"--max-pages", "2"}).exit_code, 0);
  EXPECT_EQ(stored().size(), 2u);
  EXPECT_EQ(gallery.requests_for("/3").size(), 0u);
}

REQUIREMENT(crawler_links, relative, should,
            "links of images and pages are relative to the page that they stand in",
            rfc(3986, "5")) {
  gallery_server gallery;
  gallery.add("/x/y/1", page(images({"a.jpg", "../b.jpg", "/c.jpg", "?d",
                                     "//127.0.0.1:" + std::to_string(gallery.port()) + "/e.jpg"}) +
                             next_link("2")));
  gallery.add("/x/y/2", page(images({"./f.jpg"})));
  crawl(gallery, "/x/y/1");
  EXPECT_THAT(paths_asked(gallery),
              UnorderedElementsAre("/x/y/1", "/x/y/2", "/x/y/a.jpg", "/x/b.jpg", "/c.jpg",
                                   "/x/y/1?d", "/e.jpg", "/x/y/f.jpg"));
}

REQUIREMENT(crawler_links, redirected, should,
            "redirects are followed, and relative links are meant where they led to",
            rfc(9110, "15.4")) {
  gallery_server gallery;
  gallery.add("/old", {.status = 302, .headers = {{"Location", "/new/page"}}});
  gallery.add("/new/page", page(images({"a.jpg"})));
  gallery.add("/new/a.jpg", {.status = 301, .headers = {{"Location", "/store/7"}}});
  gallery.add("/store/7", {.body = "seven"});
  EXPECT_EQ(crawl(gallery, "/old").exit_code, 0);
  EXPECT_THAT(stored(), ElementsAre(std::pair("a.jpg", "seven")));
}

REQUIREMENT(crawler_links, escapes_of_html, should, "&amp; in a link is an ampersand",
            source{"HTML Standard, section 13.2.5",
                   "https://html.spec.whatwg.org/multipage/parsing.html"}) {
  gallery_server gallery;
  gallery.add("/", page(images({gallery.url("/i?a=1&amp;b=2")})));
  gallery.add("/i?a=1&b=2", {.body = "i"});
  crawl(gallery);
  EXPECT_THAT(stored_contents(), ElementsAre("i"));
}

REQUIREMENT(crawler_links, only_of_the_web, must,
            "a page cannot have local files copied: links that are not of http or https are no "
            "images",
            rfc(3986, "7")) {
  const std::string secret = scratch_path("secret.txt");
  write_text(secret, "secret");
  gallery_server gallery;
  gallery.add("/",
              page(images({"file://" + secret, gallery.url("/moved"), gallery.url("/a.jpg")})));
  gallery.add("/moved", {.status = 302, .headers = {{"Location", "file://" + secret}}});
  gallery.add("/a.jpg", {.body = "a"});
  crawl(gallery);
  EXPECT_THAT(stored_contents(), ElementsAre("a"));
}

REQUIREMENT(crawler_links, repeated_is_asked_once, should,
            "an image that several pages show is asked for once", notes("web crawler")) {
  gallery_server gallery;
  gallery.add("/1", page(images({gallery.url("/a.jpg"), gallery.url("/a.jpg")}) +
                         next_link(gallery.url("/2"))));
  gallery.add("/2", page(images({gallery.url("/a.jpg")})));
  gallery.add("/a.jpg", {.body = "a"});
  crawl(gallery, "/1");
  EXPECT_EQ(gallery.requests_for("/a.jpg").size(), 1u);
  EXPECT_THAT(stored(), ElementsAre(std::pair("a.jpg", "a")));
}

REQUIREMENT(crawler_requests, user_agent_and_referer, must,
            "every request carries the User-Agent and the Referer that were given",
            covers("CRAWL-06"), rfc(9110, "10.1")) {
  gallery_server gallery;
  add_images(gallery, "/", "/a", 2);
  crawl(gallery, "/", {"--user-agent", "Mozilla/5.0 (test)", "--referer", "http://site/"});
  ASSERT_EQ(gallery.requests().size(), 3u);
  for (const auto& each : gallery.requests()) {
    EXPECT_EQ(each.method, "GET");
    EXPECT_EQ(each.header("User-Agent"), "Mozilla/5.0 (test)") << each.path;
    EXPECT_EQ(each.header("Referer"), "http://site/") << each.path;
  }
}

REQUIREMENT(crawler_requests, chunked_bodies, must,
            "bodies that come in chunks are stored whole and without the chunks' sizes",
            rfc(9112, "7.1")) {
  gallery_server gallery;
  gallery_answer in_chunks = page(images({gallery.url("/a.jpg")}));
  in_chunks.chunked = true;
  gallery.add("/", in_chunks);
  gallery.add("/a.jpg", {.body = image_bytes("/a.jpg"), .chunked = true});
  crawl(gallery);
  EXPECT_THAT(stored(), ElementsAre(std::pair("a.jpg", image_bytes("/a.jpg"))));
}

}  // namespace
}  // namespace assay
