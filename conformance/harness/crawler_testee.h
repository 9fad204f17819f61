// A crawler under test: a program met by its command line, its requests and its files.
//
//   gallery_server gallery;
//   const ending seen = run_crawler(gallery.url("/"), scratch_path("images"), {"--threads", "2"});
//   EXPECT_EQ(seen.exit_code, 0) << seen.err;
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "conformance/harness/server_testee.h"

namespace assay {

/// A crawl that runs. Owns the program and all its descendants.
class crawler_process {
 public:
  struct impl;
  explicit crawler_process(std::unique_ptr<impl> state);
  crawler_process(crawler_process&&) noexcept;
  ~crawler_process();

  pid_t pid() const;
  /// It and all its descendants, also those that outlive it.
  std::vector<pid_t> pids() const;
  bool is_running() const;
  std::string err() const;
  void signal(int number) const;
  /// Waits for its end and that of what it started. The test ends as a hang when that does not come
  /// within `call_timeout()`, or when all of it has slept for two seconds (scaled) longer than any
  /// --rest or --timeout that it was given.
  ending finish();

 private:
  std::unique_ptr<impl> impl_;
};

/// Starts `[crawler] command` of the testee with these further arguments.
crawler_process start_crawler(const std::string& url, const std::filesystem::path& directory,
                              const std::vector<std::string>& options = {});

/// The same and `finish`.
ending run_crawler(const std::string& url, const std::filesystem::path& directory,
                   const std::vector<std::string>& options = {});

/// The command without URL and directory, with exactly these arguments in their place.
ending run_crawler_program(const std::vector<std::string>& arguments);

}  // namespace assay
