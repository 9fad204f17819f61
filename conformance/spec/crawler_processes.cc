// A crawler as a program: its processes and threads, how it ends, and what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "conformance/harness/actor.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/crawler_steps.h"

namespace assay {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A gallery whose second page and whose image are never answered in full: both halves of a crawler
// are busy then.
void show_busy(gallery_server& gallery) {
  gallery.add("/1", page(images({gallery.url("/a.jpg")}) + next_link(gallery.url("/2"))));
  gallery.add("/2", {.body = "never", .holds_head = true});
  gallery.add("/a.jpg",
              {.body = image_bytes("/a.jpg"), .sent = 200, .then = gallery_answer::holds});
}

bool has_socket(pid_t pid) {
  const auto open = proc::descriptors(pid);
  return std::any_of(open.begin(), open.end(),
                     [](const auto& each) { return each.starts_with("socket:"); });
}

// Processes of the crawler with a connection.
std::vector<pid_t> connected(const crawler_process& crawler) {
  auto pids = crawler.pids();
  std::erase_if(pids, [](pid_t each) { return !has_socket(each); });
  return pids;
}

// The one that reads pages is there before there is an image to download.
pid_t page_reader(const crawler_process& crawler) {
  await([&] { return connected(crawler).size() == 1; });
  const auto pids = connected(crawler);
  return pids.size() == 1 ? pids[0] : -1;
}

void expect_end_by(int number) {
  gallery_server gallery;
  show_busy(gallery);
  auto crawler = begin_crawl(gallery, "/1");
  ASSERT_TRUE(gallery.await_requests(3));
  const auto all = crawler.pids();
  crawler.signal(number);
  const ending seen = crawler.finish();
  EXPECT_TRUE(seen.signal_number == number || seen.exit_code.value_or(0) != 0)
      << "it says that all went well";
  for (const pid_t each : all) EXPECT_FALSE(proc::exists(each)) << each;
  EXPECT_THAT(stored(), IsEmpty());
}

REQUIREMENT(crawler_process, two_processes, must,
            "pages are read in one process and images downloaded in another, at the same time",
            covers("CRAWL-01"), notes("web crawler")) {
  gallery_server gallery;
  show_busy(gallery);
  auto crawler = begin_crawl(gallery, "/1");
  ASSERT_TRUE(gallery.await_requests(3));
  EXPECT_EQ(connected(crawler).size(), 2u);
  for (const pid_t each : connected(crawler)) {
    EXPECT_NE(each, crawler.pid()) << "the first process has work of its own";
  }
  crawler.signal(SIGKILL);
}

REQUIREMENT(crawler_process, downloads_at_once, should,
            "images are downloaded by several threads of one process at once", covers("CRAWL-17"),
            notes("web crawler")) {
  gallery_server gallery;
  for (const auto& path : add_images(gallery, "/", "/a", 3)) {
    gallery.add(path, {.body = image_bytes(path), .holds_head = true});
  }
  auto crawler = begin_crawl(gallery, "/", {"--threads", "3"});
  // None is answered before all are asked for.
  ASSERT_TRUE(gallery.await_requests(4)) << "one waits for another";
  std::size_t threads = 0;
  for (const pid_t each : crawler.pids()) {
    threads = std::max(threads, proc::threads(each).size());
  }
  EXPECT_GE(threads, 3u);
  gallery.release();
  EXPECT_EQ(crawler.finish().exit_code, 0);
  EXPECT_EQ(stored().size(), 3u);
}

REQUIREMENT(crawler_process, at_most_threads, must,
            "never are more than --threads images asked for at once", covers("CRAWL-17"),
            notes("web crawler"),
            erratum("The notes start a thread for each image of a page, however many there are.")) {
  gallery_server gallery;
  for (const auto& path : add_images(gallery, "/", "/a", 12)) {
    gallery.add(path, {.body = image_bytes(path), .delay = 20ms});
  }
  EXPECT_EQ(crawl(gallery, "/", {"--threads", "2"}).exit_code, 0);
  EXPECT_LE(gallery.most_at_once(), 2);
  EXPECT_EQ(stored().size(), 12u);
}

REQUIREMENT(crawler_process, polite_without_being_told, should,
            "without --threads it asks for eight images at once at most", covers("CRAWL-17"),
            notes("web crawler")) {
  gallery_server gallery;
  for (const auto& path : add_images(gallery, "/", "/a", 24)) {
    gallery.add(path, {.body = image_bytes(path), .delay = 30ms});
  }
  EXPECT_EQ(crawl(gallery).exit_code, 0);
  EXPECT_LE(gallery.most_at_once(), 8);
}

REQUIREMENT(crawler_process, ends_on_sigterm, must,
            "SIGTERM in the middle ends both processes and leaves no half of an image",
            man("signal(7)")) {
  expect_end_by(SIGTERM);
}

REQUIREMENT(crawler_process, ends_on_sigint, must,
            "so does SIGINT, sent to the first process alone", man("signal(7)")) {
  expect_end_by(SIGINT);
}

REQUIREMENT(crawler_process, page_reader_killed, must,
            "when the process that reads pages is killed the others end too, with a status that is "
            "not 0",
            covers("CRAWL-14"), man("wait(2)"),
            erratum("In the notes the downloader then waits for ever.")) {
  gallery_server gallery;
  gallery.add("/", {.body = "never", .holds_head = true});
  auto crawler = begin_crawl(gallery);
  ASSERT_TRUE(gallery.await_requests(1));
  const pid_t reader = page_reader(crawler);
  ASSERT_GT(reader, 1);
  ::kill(reader, SIGKILL);
  EXPECT_NE(crawler.finish().exit_code, 0);
}

REQUIREMENT(crawler_process, downloader_killed, must,
            "so do they when the process that downloads is killed", covers("CRAWL-12"),
            man("wait(2)"), erratum("In the notes nobody tells the process that reads pages.")) {
  gallery_server gallery;
  gallery.add("/1", page(images({gallery.url("/a.jpg")}) + next_link(gallery.url("/2"))));
  gallery.add("/2", {.body = "never", .holds_head = true});
  gallery.add("/a.jpg", {.body = "never", .holds_head = true});
  auto crawler = begin_crawl(gallery, "/1");
  ASSERT_TRUE(gallery.await_requests(3));
  // Of the two that have a connection the downloader was started last.
  const auto both = connected(crawler);
  ASSERT_EQ(both.size(), 2u);
  ::kill(*std::max_element(both.begin(), both.end()), SIGKILL);
  EXPECT_NE(crawler.finish().exit_code, 0);
}

REQUIREMENT(crawler_process, first_process_killed, must,
            "when the first process is killed the two others do not live on", man("prctl(2)")) {
  gallery_server gallery;
  show_busy(gallery);
  auto crawler = begin_crawl(gallery, "/1");
  ASSERT_TRUE(gallery.await_requests(3));
  crawler.signal(SIGKILL);
  EXPECT_EQ(crawler.finish().signal_number, SIGKILL);
}

REQUIREMENT(crawler_program, help, should,
            "--help names the arguments and options; the status is 0", notes("web crawler")) {
  const ending seen = run_crawler_program({"--help"});
  EXPECT_EQ(seen.exit_code, 0);
  for (const char* each : {"URL", "DIR", "--max-pages", "--threads", "--timeout", "--user-agent",
                           "--referer", "--rest"}) {
    EXPECT_THAT(seen.out + seen.err, HasSubstr(each));
  }
}

REQUIREMENT(crawler_program, wrong_use, should,
            "missing arguments, an address that is none and a number of threads that is none are "
            "told, with a status that is not 0",
            notes("web crawler")) {
  const std::string directory = images_directory();
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"http://127.0.0.1/"},
      {"nonsense://x/", directory},
      {"http://127.0.0.1/", directory, "--threads", "0"},
      {"http://127.0.0.1/", directory, "--timeout", "soon"},
      {"http://127.0.0.1/", directory, "--unknown"}};
  for (const auto& each : wrong) {
    const ending seen = run_crawler_program(each);
    EXPECT_GT(seen.exit_code.value_or(0), 0) << ::testing::PrintToString(each);
    EXPECT_THAT(seen.err, Not(IsEmpty())) << ::testing::PrintToString(each);
    EXPECT_THAT(seen.err, Not(HasSubstr("Traceback")));
  }
}

REQUIREMENT(crawler_program, progress_on_stderr, should,
            "progress is told on stderr, each page and each image; stdout stays empty",
            notes("web crawler")) {
  gallery_server gallery;
  add_images(gallery, "/1", "/a", 1, "/2");
  add_images(gallery, "/2", "/b", 1);
  const ending seen = crawl(gallery, "/1");
  for (const char* each : {"/1", "/2", "a1.jpg", "b1.jpg"}) EXPECT_THAT(seen.err, HasSubstr(each));
  EXPECT_THAT(seen.out, IsEmpty());
}

}  // namespace
}  // namespace assay
