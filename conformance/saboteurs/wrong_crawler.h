// What a wrong crawler does wrong: the reference's parts with one of them replaced.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "impl/crawler/crawler.h"

namespace assay::saboteurs {

/// Without a change it crawls as the reference does.
struct wrong_crawl {
  ref::crawler::options how;  ///< as the command line has it
  ref::crawler::parts with;
  /// In place of the reference's whole.
  std::function<int(const wrong_crawl&)> run = [](const wrong_crawl& it) {
    return ref::crawler::crawl(it.how, it.with);
  };
};

struct crawler_fault {
  const char* requirement;
  const char* name;
  const char* summary;
  std::function<void(wrong_crawl&)> apply;
  /// Of the command line: the status that it ends with, by the right one.
  std::function<int(int right)> usage_status = {};
  bool says_usage = true;
};

const std::vector<crawler_fault>& crawler_faults();

/// The parts of that table.
std::vector<crawler_fault> crawler_page_faults();
std::vector<crawler_fault> crawler_file_faults();
std::vector<crawler_fault> crawler_process_faults();

}  // namespace assay::saboteurs
