// A crawler's files: their names, where they may be, and when they are there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "conformance/harness/actor.h"
#include "conformance/harness/fixtures.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/crawler_steps.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// A page at / with these images, each with its path for content.
void show(gallery_server& gallery, const std::vector<std::string>& paths) {
  std::vector<std::string> links;
  for (const auto& each : paths) {
    links.push_back(gallery.url(each));
    gallery.add(each, {.body = each});
  }
  gallery.add("/", page(images(links)));
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& [name, content] : stored()) all.push_back(name);
  return all;
}

REQUIREMENT(crawler_names, last_part_of_the_path, should,
            "a file is named by the last part of the address's path, without the query",
            covers("CRAWL-08"), rfc(3986, "3.3"),
            erratum("The notes take everything behind the last slash of the address, so that the "
                    "query becomes part of the name: 4.jpg?x=1.")) {
  gallery_server gallery;
  show(gallery, {"/x/y/3.jpg", "/4.jpg?x=1", "/5.jpg?next=/6.jpg"});
  crawl(gallery);
  EXPECT_THAT(names(), ElementsAre("3.jpg", "4.jpg", "5.jpg"));
}

REQUIREMENT(crawler_names, clashes_keep_both, must,
            "two images with the same name are both stored, under names of their own",
            covers("CRAWL-08"), notes("web crawler"),
            erratum("In the notes the later image overwrites the earlier.")) {
  gallery_server gallery;
  show(gallery, {"/x/1.jpg", "/y/1.jpg", "/1.jpg?z"});
  crawl(gallery);
  EXPECT_THAT(stored_contents(), UnorderedElementsAre("/x/1.jpg", "/y/1.jpg", "/1.jpg?z"));
  EXPECT_THAT(names(), Contains("1.jpg"));
}

REQUIREMENT(crawler_names, trailing_slash, should,
            "an image whose address ends in a slash is stored too, under some name",
            covers("CRAWL-08"), notes("web crawler"),
            erratum("The notes' name is empty there, and opening the directory fails.")) {
  gallery_server gallery;
  show(gallery, {"/photo/"});
  crawl(gallery);
  EXPECT_THAT(stored_contents(), ElementsAre("/photo/"));
}

REQUIREMENT(crawler_names, stay_inside, must,
            "no address makes a file outside the directory, however its slashes and dots are "
            "written",
            source{"CWE-22: path traversal", "https://cwe.mitre.org/data/definitions/22.html"}) {
  gallery_server gallery;
  // Deep enough that what leaves it is still found, and removed with the test's own directory.
  const fs::path directory = images_directory() / "a" / "b" / "c";
  fs::create_directories(directory);
  std::string absolute = images_directory();
  for (std::size_t at = 0; (at = absolute.find('/', at)) != absolute.npos;) {
    absolute.replace(at, 1, "%2f");
  }
  show(gallery, {"/a/..%2foutside-1", "/%2e%2e%2foutside-2", "/..%2F..%2Foutside-3",
                 "/..%5coutside-4", "/" + absolute + "%2foutside-5", "/?x=/../outside-6"});
  run_crawler(gallery.url("/"), directory);
  EXPECT_GT(gallery.requests().size(), 1u);
  for (const auto& [name, content] : stored()) EXPECT_TRUE(name.starts_with("a/b/c/")) << name;
}

REQUIREMENT(crawler_names, links_are_not_followed, should,
            "a symbolic link in the directory is not written through",
            source{"CWE-59: link following", "https://cwe.mitre.org/data/definitions/59.html"}) {
  gallery_server gallery;
  show(gallery, {"/1.jpg", "/2.jpg"});
  const fs::path outside = scratch_path("outside.txt");
  write_text(outside, "mine");
  fs::create_directories(images_directory());
  fs::create_symlink(outside, images_directory() / "1.jpg");
  crawl(gallery);
  EXPECT_EQ(read_file(outside), "mine");
  EXPECT_THAT(stored_contents(), Contains("/2.jpg"));
}

REQUIREMENT(crawler_names, too_long, should,
            "an image whose name no file system takes is stored under a shorter one",
            man("open(2)")) {
  gallery_server gallery;
  const std::string path = "/" + std::string(300, 'n') + ".jpg";
  show(gallery, {path});
  crawl(gallery);
  EXPECT_THAT(stored_contents(), ElementsAre(path));
}

REQUIREMENT(crawler_files, directory_is_made, should,
            "a directory that is missing is made, with those above it", covers("CRAWL-09"),
            notes("web crawler"),
            erratum("In the notes each thread fails for the missing directory, and the status is "
                    "0.")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg"});
  const fs::path directory = images_directory() / "a" / "b";
  const ending seen = run_crawler(gallery.url("/"), directory);
  EXPECT_EQ(seen.exit_code, 0) << seen.err;
  EXPECT_TRUE(fs::exists(directory / "1.jpg"));
}

REQUIREMENT(crawler_files, second_run_skips, should,
            "a second run asks for no image that is there already", notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"/x/1.jpg", "/y/1.jpg", "/2.jpg"});
  crawl(gallery);
  const auto first = stored();
  EXPECT_EQ(crawl(gallery).exit_code, 0);
  EXPECT_EQ(stored(), first);
  EXPECT_EQ(gallery.requests_for("/x/1.jpg").size(), 1u);
  EXPECT_EQ(gallery.requests_for("/y/1.jpg").size(), 1u);
  EXPECT_EQ(gallery.requests_for("/2.jpg").size(), 1u);
}

REQUIREMENT(crawler_files, second_run_completes, should,
            "a second run gets what the first one could not", notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg", "/2.jpg"});
  gallery.add("/2.jpg",
              std::vector<gallery_answer>{{.status = 503, .body = "busy"}, {.body = "two"}});
  crawl(gallery);
  EXPECT_EQ(crawl(gallery).exit_code, 0);
  EXPECT_THAT(stored_contents(), UnorderedElementsAre("/1.jpg", "two"));
}

REQUIREMENT(crawler_files, unfinished_has_no_name, must,
            "an image has its name only once all of it has come", man("rename(2)")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg"});
  gallery.add("/1.jpg",
              {.body = image_bytes("/1.jpg"), .sent = 200, .then = gallery_answer::holds});
  auto crawler = begin_crawl(gallery);
  ASSERT_TRUE(gallery.await_requests(2));
  // It has what came so far, or will not write before the end: both are allowed.
  await([] { return !stored().empty(); }, 50ms);
  EXPECT_THAT(names(), Not(Contains("1.jpg")));
  gallery.release();
  EXPECT_EQ(crawler.finish().exit_code, 0);
  EXPECT_THAT(stored(), ElementsAre(std::pair("1.jpg", image_bytes("/1.jpg"))));
}

REQUIREMENT(crawler_files, cut_body_is_no_image, must,
            "a body that ends before its announced length is not stored", rfc(9112, "8")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg", "/2.jpg", "/3.jpg"});
  const std::string whole = image_bytes("/2.jpg");
  gallery.add("/2.jpg", {.body = whole, .sent = 250, .then = gallery_answer::closes});
  gallery.add("/3.jpg",
              {.body = whole, .chunked = true, .sent = 250, .then = gallery_answer::closes});
  crawl(gallery);
  EXPECT_THAT(names(), ElementsAre("1.jpg"));
}

REQUIREMENT(crawler_files, nothing_else_is_left, should,
            "after a run the directory holds the images and nothing else, whatever failed",
            notes("web crawler")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg", "/2.jpg", "/3.jpg", "/4.jpg"});
  gallery.add("/2.jpg", {.status = 404, .body = "not found"});
  gallery.add("/3.jpg", {.body = ""});
  gallery.add("/4.jpg", {.body = "cut off", .sent = 3, .then = gallery_answer::resets});
  crawl(gallery);
  EXPECT_THAT(names(), ElementsAre("1.jpg"));
}

REQUIREMENT(crawler_files, killed_run_is_completed, must,
            "what a run left behind that was killed in the middle of an image does not keep the "
            "next one from getting it",
            man("rename(2)")) {
  gallery_server gallery;
  show(gallery, {"/1.jpg", "/2.jpg"});
  const std::string whole = image_bytes("/2.jpg");
  gallery.add("/2.jpg",
              std::vector<gallery_answer>{
                  {.body = whole, .sent = 200, .then = gallery_answer::holds}, {.body = whole}});
  {
    auto crawler = begin_crawl(gallery);
    ASSERT_TRUE(gallery.await_requests(3));
    await([] { return stored().size() > 1; }, 50ms);
    for (const pid_t each : crawler.pids()) ::kill(each, SIGKILL);
    crawler.finish();
  }
  EXPECT_EQ(crawl(gallery).exit_code, 0);
  EXPECT_THAT(stored(), ElementsAre(std::pair("1.jpg", "/1.jpg"), std::pair("2.jpg", whole)));
}

}  // namespace
}  // namespace assay
