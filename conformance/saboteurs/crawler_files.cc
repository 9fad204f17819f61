// Faults of a crawler's files, and of what it makes of answers that are no images.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "conformance/saboteurs/crawler_faults.h"

namespace assay::saboteurs {
namespace {

namespace fs = std::filesystem;

std::string decoded(const std::string& address) {
  std::string name = after_last_slash(address);
  for (const auto& [from, to] : {std::pair("%2f", "/"), {"%2F", "/"}, {"%2e", "."}}) {
    name = with_replaced(name, from, to);
  }
  return name;
}

void write_through(wrong_crawl& it) {
  it.with.is_there = [](const fs::path&) { return false; };
  it.with.get_image = [directory = it.how.directory](fetcher& web, const std::string& address,
                                                     const fetcher::sink& to) {
    std::ofstream out(directory / ref::crawler::file_name(address), std::ios::binary);
    return web.get(address, [&](std::string_view piece) {
      out << piece;
      return to(piece);
    });
  };
}

void lock_by_file(wrong_crawl& it) {
  it.run = [](const wrong_crawl& mine) {
    const fs::path lock = mine.how.directory / ".lock";
    const int held = ::open(lock.c_str(), O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (held < 0) return 1;
    const int result = ref::crawler::crawl(mine.how, mine.with);
    fs::remove(lock);
    return result;
  };
}

}  // namespace

std::vector<crawler_fault> crawler_file_faults() {
  return {
      {"crawler.names/last-part-of-the-path", "query", "takes the query into the name",
       names_files(after_last_slash)},
      {"crawler.names/clashes-keep-both", "overwrites", "stores both under one name",
       [](wrong_crawl& it) {
         it.with.other_name = [](const std::string& name, const std::string&) { return name; };
       }},
      {"crawler.names/trailing-slash", "empty", "names a file by what follows the last slash",
       names_files(after_last_slash)},
      {"crawler.names/stay-inside", "decodes", "decodes a name after it cut the path",
       names_files(decoded)},
      {"crawler.names/links-are-not-followed", "through", "writes through a symbolic link",
       write_through},
      {"crawler.names/too-long", "whole", "leaves names as long as they are",
       names_files(after_last_slash)},
      {"crawler.files/directory-is-made", "wants-it", "ends when the directory is missing",
       [](wrong_crawl& it) {
         if (!fs::exists(it.how.directory)) it.run = [](const wrong_crawl&) { return 1; };
       }},
      {"crawler.files/second-run-skips", "again", "downloads what is there",
       [](wrong_crawl& it) { it.with.is_there = [](const fs::path&) { return false; }; }},
      {"crawler.files/second-run-completes", "any", "takes a directory with one image as complete",
       [](wrong_crawl& it) {
         const bool any = fs::exists(it.how.directory) && !fs::is_empty(it.how.directory);
         it.with.is_there = [any](const fs::path&) { return any; };
       }},
      {"crawler.files/unfinished-has-no-name", "named", "writes under the image's own name",
       [](wrong_crawl& it) { it.with.temporary = [](const fs::path& file) { return file; }; }},
      {"crawler.files/cut-body-is-no-image", "part", "stores what came",
       gets_images([](fetch_result& result, const std::string&) { result.error.clear(); })},
      {"crawler.files/nothing-else-is-left", "log", "leaves a list beside the images",
       [](wrong_crawl& it) {
         it.run = [](const wrong_crawl& mine) {
           const int result = ref::crawler::crawl(mine.how, mine.with);
           std::ofstream(mine.how.directory / "done.txt") << mine.how.url;
           return result;
         };
       }},
      {"crawler.files/killed-run-is-completed", "lock", "is kept out by a lock of a killed run",
       lock_by_file},
      {"crawler.answers/error-status-is-no-image", "any", "stores answers whatever their status",
       gets_images([](fetch_result& result, const std::string&) { result.status = 200; })},
      {"crawler.answers/network-error-stops-no-other", "dies", "ends at the first image that fails",
       gets_images([](fetch_result& result, const std::string&) {
         if (!result.error.empty()) ::_exit(1);
       })},
      {"crawler.answers/missing-is-told", "well", "ends as if all images were there",
       ends_with([](int right) { return right == ref::crawler::some_missing ? 0 : right; })},
      {"crawler.empty/is-no-image", "writes", "makes a file of an empty answer",
       [](wrong_crawl& it) {
         it.with.get_image =
             changed_get([directory = it.how.directory](fetch_result&, const std::string& address) {
               std::ofstream(directory / ref::crawler::file_name(address));
             });
       }},
      {"crawler.empty/is-asked-again", "once", "asks for an image once",
       [](wrong_crawl& it) { it.how.with_empty.tries = 1; }},
      {"crawler.empty/three-make-no-rest", "two", "rests after three empty answers",
       [](wrong_crawl& it) { it.how.with_empty.rest_after = 2; }},
      {"crawler.empty/four-make-a-rest", "never", "never rests",
       [](wrong_crawl& it) { it.how.with_empty.rest_after = 1000; }},
      {"crawler.empty/success-clears-the-count", "grudge", "counts empty answers over all",
       [](wrong_crawl& it) { it.how.with_empty.forgives = false; }},
      {"crawler.empty/ten-end-the-crawl", "never", "goes on whatever comes",
       [](wrong_crawl& it) { it.how.with_empty.stop_after = 1000; }},
  };
}

}  // namespace assay::saboteurs
