// A crawler of image galleries: one process reads the pages, another one downloads the images.
//
//   ref::crawler::options how;
//   how.url = "http://host/gallery/";
//   how.directory = "images";
//   return ref::crawler::crawl(how);              // progress on stderr; the exit status
//
// The producer asks for page after page and puts the links of each on a ref::queue; an empty item
// ends it. The consumer takes a page's links at a time and downloads them with a bounded number of
// threads. What holds:
//   - A file has its name only once it is whole: it is written under a hidden temporary name and
//     renamed. What is there already is not asked for again, so that a second run completes a
//     first.
//   - No name leads out of the directory, and links in it are not followed. Two addresses never
//     share a file; the later one gets a name with a digest of its address.
//   - An image that cannot be had stops no other. An empty answer may be a server's way to say
//     "enough": it is asked for once more, later; more than three in a row make a rest, more than
//     nine end the crawl. A page that cannot be had ends it after the images that were found.
//   - Every request is bounded by `timeout`, redirects included; with that everything is.
//   - SIGINT and SIGTERM end both processes and leave no temporary file. When one of the three
//     processes is killed the others end too.
//   - One crawl at a time in a directory: a lock (flock(2)) says so.
//
// Fork: `crawl` forks before it starts a thread and leaves no child behind. It takes SIGCHLD,
// SIGINT and SIGTERM for itself while it runs, so call it from the only thread of a program.
// Limits: no robots.txt, no cookies, no scripts. Source: the notes' crawler; libcurl.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "impl/crawler/fetch.h"
#include "impl/crawler/page.h"
#include "impl/queue/queue.h"

namespace ref::crawler {

/// What empty answers lead to, counted over all threads.
struct patience {
  int tries = 2;         ///< of an image whose answer is empty
  int rest_after = 3;    ///< more in a row than this: rest before the next images
  int stop_after = 9;    ///< more in a row than this: end
  bool forgives = true;  ///< an image that came sets the count to zero
};

struct options {
  std::string url;
  std::filesystem::path directory;  ///< made when missing
  int max_pages = 1000;
  int threads = 4;
  std::chrono::nanoseconds timeout = std::chrono::seconds(20);
  std::chrono::nanoseconds rest = std::chrono::seconds(30);
  std::string user_agent = "image-crawler/1.0";
  std::string referer = {};  ///< empty: `url`
  patience with_empty = {};
};

/// What a crawl is made of; each may be replaced, for tests and other sites.
struct parts {
  using get = std::function<fetch_result(fetcher&, const std::string&, const fetcher::sink&)>;
  get get_page = &parts::usual_get;
  get get_image = &parts::usual_get;
  std::function<page_links(std::string_view, const std::string&)> read = &read_page;
  std::function<std::string(const std::string&)> name = &file_name;
  std::function<std::string(const std::string&, const std::string&)> other_name = &distinct_name;
  /// Whether a file needs no download.
  std::function<bool(const std::filesystem::path&)> is_there = &parts::usual_is_there;
  /// Where a file is written until it is whole.
  std::function<std::filesystem::path(const std::filesystem::path&)> temporary =
      &parts::usual_temporary;
  std::function<void(const std::string&)> say = &parts::usual_say;  ///< a line of progress

  static fetch_result usual_get(fetcher&, const std::string&, const fetcher::sink&);
  static bool usual_is_there(const std::filesystem::path&);
  static std::filesystem::path usual_temporary(const std::filesystem::path&);
  static void usual_say(const std::string&);
};

enum status {
  all_there = 0,
  stopped = 1,        ///< a page failed, the answers stayed empty, a process died
  some_missing = 3,   ///< it went to the end, but not every image could be had
  page_failed = 4,    ///< of `produce`: it has put the end, but pages may be lacking
  interrupted = 128,  ///< plus the number of the signal
};

/// Starts both processes and waits for them. Errors are said, not thrown.
int crawl(const options& how, const parts& with = {});

/// The two halves, in the calling process. Both return a status.
int produce(const options& how, const parts& with, queue& found);
int consume(const options& how, const parts& with, queue& found);

}  // namespace ref::crawler
