// A crawler in bad weather: answers that are errors, empty, slow or not there at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/harness/actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/crawler_steps.h"

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr const char* rest = "0.3";
constexpr auto rest_time = 300ms;
constexpr const char* timeout = "0.2";

// Page after page; a letter is an image: e for one whose first answer is empty, E for one whose
// answers all are, i for one that comes. Returns the paths.
std::vector<std::string> show(gallery_server& gallery, const std::vector<std::string>& pages) {
  std::vector<std::string> paths;
  for (std::size_t number = 0; number < pages.size(); ++number) {
    std::vector<std::string> links;
    for (const char kind : pages[number]) {
      const std::string path = "/" + std::to_string(paths.size()) + kind + ".jpg";
      const gallery_answer good{.body = image_bytes(path)};
      if (kind == 'e') gallery.add(path, std::vector<gallery_answer>{{.body = ""}, good});
      if (kind == 'E') gallery.add(path, {.body = ""});
      if (kind == 'i') gallery.add(path, good);
      paths.push_back(path);
      links.push_back(gallery.url(path));
    }
    const bool is_last = number + 1 == pages.size();
    gallery.add("/" + std::to_string(number + 1),
                page(images(links) +
                     (is_last ? "" : next_link(gallery.url("/" + std::to_string(number + 2))))));
  }
  return paths;
}

// The longest time in which no image was asked for, between the first and the last.
std::chrono::nanoseconds longest_pause(const gallery_server& gallery) {
  std::chrono::nanoseconds longest{};
  std::chrono::steady_clock::time_point last{};
  for (const auto& each : gallery.requests()) {
    if (!each.path.ends_with(".jpg")) continue;
    if (last.time_since_epoch().count() > 0) longest = std::max(longest, each.time - last);
    last = each.time;
  }
  return longest;
}

bool ended_badly(const ending& seen) { return seen.exit_code.value_or(0) != 0; }

REQUIREMENT(crawler_answers, error_status_is_no_image, must,
            "the body of an error status is not stored", covers("CRAWL-10"), rfc(9110, "15"),
            erratum("The notes store whatever comes: 'not found' becomes an image.")) {
  gallery_server gallery;
  std::vector<std::string> links;
  for (const int status : {200, 403, 404, 410, 500, 503}) {
    const std::string path = "/" + std::to_string(status) + ".jpg";
    gallery.add(path, {.status = status, .body = "words of " + path});
    links.push_back(gallery.url(path));
  }
  gallery.add("/", page(images(links)));
  crawl(gallery);
  EXPECT_THAT(stored(), ElementsAre(std::pair("200.jpg", "words of /200.jpg")));
}

REQUIREMENT(crawler_answers, network_error_stops_no_other, must,
            "an image that cannot be reached stops no other, and is not counted as an empty answer",
            covers("CRAWL-13"), notes("web crawler")) {
  gallery_server gallery;
  std::string refused;
  {
    const gallery_server gone;
    refused = gone.url("/0.jpg");
  }
  std::vector<std::string> links{refused};
  for (int i = 1; i <= 12; ++i) {
    const std::string path = "/" + std::to_string(i) + ".jpg";
    gallery.add(path, {.body = "reset", .sent = 0, .then = gallery_answer::resets});
    links.push_back(gallery.url(path));
  }
  links.push_back(gallery.url("/13.jpg"));
  gallery.add("/13.jpg", {.body = "13"});
  gallery.add("/14.jpg", {.body = "14"});
  gallery.add("/1", page(images(links) + next_link(gallery.url("/2"))));
  gallery.add("/2", page(images({gallery.url("/14.jpg")})));
  crawl(gallery, "/1", {"--rest", "60"});
  EXPECT_THAT(stored_contents(), UnorderedElementsAre("13", "14"));
}

REQUIREMENT(crawler_answers, missing_is_told, should,
            "a run that lacks images names them on stderr, and its status is not 0",
            notes("web crawler")) {
  gallery_server gallery;
  gallery.add("/", page(images({gallery.url("/a.jpg"), gallery.url("/b.jpg")})));
  gallery.add("/a.jpg", {.body = "a"});
  const ending seen = crawl(gallery);
  EXPECT_TRUE(ended_badly(seen)) << seen.err;
  EXPECT_THAT(seen.err, HasSubstr(gallery.url("/b.jpg")));
}

REQUIREMENT(crawler_empty, is_no_image, must, "an empty body makes no file", covers("CRAWL-11"),
            notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"Ei"});
  crawl(gallery, "/1");
  EXPECT_THAT(stored(), ElementsAre(std::pair("1i.jpg", image_bytes("/1i.jpg"))));
}

REQUIREMENT(crawler_empty, is_asked_again, should,
            "an image whose answer was empty is asked for again", notes("web crawler"),
            erratum("The notes count an empty answer and never ask again.")) {
  gallery_server gallery;
  show(gallery, {"ie"});
  EXPECT_EQ(crawl(gallery, "/1").exit_code, 0);
  EXPECT_EQ(stored().size(), 2u);
}

REQUIREMENT(crawler_empty, three_make_no_rest, must,
            "three empty answers in a row are passed over without a rest", covers("CRAWL-11"),
            notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"eee", "i"});
  crawl(gallery, "/1", {"--rest", "4"});
  EXPECT_LT(longest_pause(gallery), 4s);
  EXPECT_THAT(stored(), ::testing::Contains(std::pair("3i.jpg", image_bytes("/3i.jpg"))));
}

REQUIREMENT(crawler_empty, four_make_a_rest, must,
            "after more than three empty answers in a row it rests before it asks for more images",
            covers("CRAWL-11", "CRAWL-12"), notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"eeee", "i"});
  const ending seen = crawl(gallery, "/1", {"--rest", rest});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_GE(longest_pause(gallery), rest_time);
  EXPECT_THAT(stored(), ::testing::Contains(std::pair("4i.jpg", image_bytes("/4i.jpg"))));
}

REQUIREMENT(crawler_empty, success_clears_the_count, must,
            "an image that comes starts the count of empty answers anew", covers("CRAWL-11"),
            notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"eee", "i", "eee", "i"});
  const ending seen = crawl(gallery, "/1", {"--threads", "1", "--rest", "4"});
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_LT(longest_pause(gallery), 4s);
  EXPECT_EQ(stored().size(), 8u);
}

REQUIREMENT(crawler_empty, ten_end_the_crawl, must,
            "more than nine empty answers in a row end the crawl with a message and a status that "
            "is not 0",
            covers("CRAWL-12"), notes("web crawler"),
            erratum("The notes end by killing their parent and themselves with SIGKILL; whoever "
                    "started them sees a crash.")) {
  gallery_server gallery;
  show(gallery, {"EEEEEEEEEEEE", "iiii"});
  const ending seen = crawl(gallery, "/1", {"--rest", "0.01"});
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(seen.err, Not(IsEmpty()));
  EXPECT_THAT(stored(), IsEmpty()) << "it goes on asking";
}

REQUIREMENT(crawler_pages, failing_first_page, must,
            "when the first page cannot be had both processes end, with a message and a status "
            "that is not 0",
            covers("CRAWL-14"), notes("web crawler"),
            erratum("In the notes the reader of pages dies and the downloader waits for ever.")) {
  std::string refused;
  {
    const gallery_server gone;
    refused = gone.url("/");
  }
  const ending seen = run_crawler(refused, images_directory());
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(seen.err, HasSubstr(refused));
}

REQUIREMENT(crawler_pages, failing_later_page, must,
            "when a later page cannot be had the crawl ends in the same way, and keeps the images "
            "of the pages before it",
            covers("CRAWL-14"), notes("web crawler")) {
  gallery_server gallery;
  add_images(gallery, "/1", "/a", 3, "/2");
  gallery.add("/2", {.body = "never", .sent = 0, .then = gallery_answer::resets});
  const ending seen = crawl(gallery, "/1");
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(seen.err, HasSubstr(gallery.url("/2")));
  EXPECT_EQ(stored().size(), 3u);
}

REQUIREMENT(crawler_pages, error_status_is_no_page, should,
            "a page with an error status is a failing page, whatever its body shows",
            rfc(9110, "15")) {
  gallery_server gallery;
  add_images(gallery, "/", "/a", 1);
  gallery_answer wrong = page(images({gallery.url("/a1.jpg")}));
  wrong.status = 500;
  gallery.add("/", wrong);
  const ending seen = crawl(gallery);
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(seen.err, HasSubstr("500"));
  EXPECT_THAT(stored(), IsEmpty());
}

REQUIREMENT(crawler_time, silent_image, must,
            "an image that never answers is given up after --timeout, and stops no other",
            covers("CRAWL-15"), man("socket(7)"),
            erratum("socket.setdefaulttimeout does not bound requests 2.28, which passes its own "
                    "'none' to every socket.")) {
  gallery_server gallery;
  gallery.add("/", page(images({gallery.url("/a.jpg"), gallery.url("/b.jpg")})));
  gallery.add("/a.jpg", {.body = "never", .holds_head = true});
  gallery.add("/b.jpg", {.body = "b"});
  crawl(gallery, "/", {"--timeout", timeout});
  EXPECT_THAT(stored_contents(), ElementsAre("b"));
}

REQUIREMENT(crawler_time, silent_page, must,
            "a page that never answers ends the crawl after --timeout as a failing page",
            covers("CRAWL-15"), man("socket(7)")) {
  gallery_server gallery;
  gallery.add("/", {.body = "never", .holds_head = true});
  const ending seen = crawl(gallery, "/", {"--timeout", timeout});
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(seen.err, HasSubstr(gallery.url("/")));
}

REQUIREMENT(crawler_time, dripping_image, should,
            "an image that comes byte by byte does not outlast --timeout either",
            man("socket(7)")) {
  gallery_server gallery;
  gallery.add("/", page(images({gallery.url("/a.jpg")})));
  gallery.add("/a.jpg", {.body = std::string(100'000, 'a'), .drip = 10ms});
  const ending seen = crawl(gallery, "/", {"--timeout", timeout});
  EXPECT_TRUE(ended_badly(seen));
  EXPECT_THAT(stored(), IsEmpty());
}

}  // namespace
}  // namespace assay
