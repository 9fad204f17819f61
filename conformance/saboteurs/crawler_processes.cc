// Faults of a crawler's processes, threads and time, and of what it says.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "conformance/saboteurs/crawler_faults.h"

namespace assay::saboteurs {
namespace {

using ref::crawler::consume;
using ref::crawler::produce;

void wait_for_ever(wrong_crawl& it) { it.how.timeout = std::chrono::hours(1); }

crawl_change uses_threads(int count) {
  return [=](wrong_crawl& it) { it.how.threads = count; };
}

int crawl_in_one_process(const wrong_crawl& it) {
  std::filesystem::create_directories(it.how.directory);
  ref::queue found;
  std::thread producer([&] { produce(it.how, it.with, found); });
  const int result = consume(it.how, it.with, found);
  producer.join();
  return result;
}

// As the notes do: nobody looks after the process that reads pages.
int crawl_without_care(const wrong_crawl& it) {
  ref::queue found;
  if (::fork() == 0) ::_exit(produce(it.how, it.with, found));
  const pid_t consumer = ::fork();
  if (consumer == 0) ::_exit(consume(it.how, it.with, found));
  ::waitpid(consumer, nullptr, 0);
  return 0;
}

// The first process is not the one that knows the others.
int crawl_behind_another(const wrong_crawl& it) {
  const pid_t inner = ::fork();
  if (inner == 0) ::_exit(ref::crawler::crawl(it.how, it.with));
  int status = 0;
  ::waitpid(inner, &status, 0);
  return WEXITSTATUS(status);
}

void say_on_stdout(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int well(int) { return 0; }

}  // namespace

std::vector<crawler_fault> crawler_process_faults() {
  return {
      {"crawler.time/silent-image", "waits", "waits for an answer for an hour", wait_for_ever},
      {"crawler.time/silent-page", "waits", "waits for an answer for an hour", wait_for_ever},
      {"crawler.time/dripping-image", "waits", "waits for the end of an answer for an hour",
       wait_for_ever},
      {"crawler.process/two-processes", "one", "does everything in one process",
       [](wrong_crawl& it) { it.run = crawl_in_one_process; }},
      {"crawler.process/downloads-at-once", "one", "downloads one image at a time",
       uses_threads(1)},
      {"crawler.process/at-most-threads", "all", "starts a thread for each image",
       uses_threads(64)},
      {"crawler.process/polite-without-being-told", "all", "starts a thread for each image",
       uses_threads(64)},
      {"crawler.process/ends-on-sigterm", "well", "ends as if all were well", ends_with(well)},
      {"crawler.process/ends-on-sigint", "orphans", "leaves its children behind",
       [](wrong_crawl& it) { it.run = crawl_behind_another; }},
      {"crawler.process/page-reader-killed", "careless", "waits for the downloader alone",
       [](wrong_crawl& it) { it.run = crawl_without_care; }},
      {"crawler.process/downloader-killed", "well", "ends as if all were well", ends_with(well)},
      {"crawler.process/first-process-killed", "orphans", "leaves its children behind",
       [](wrong_crawl& it) { it.run = crawl_behind_another; }},
      {.requirement = "crawler.program/help",
       .name = "silent",
       .summary = "prints nothing",
       .apply = {},
       .says_usage = false},
      {"crawler.program/wrong-use", "well", "ends as if all were well", {}, well},
      {"crawler.program/progress-on-stderr", "stdout", "tells its progress on stdout",
       [](wrong_crawl& it) { it.with.say = say_on_stdout; }},
  };
}

}  // namespace assay::saboteurs
