// assay-wrong-crawler SLUG+NAME URL DIR …: the reference's crawler with one fault.
#include "conformance/saboteurs/wrong_crawler.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "impl/crawler/command_line.h"

namespace assay::saboteurs {
namespace {

int start(const std::string& variant, int argc, char** argv) {
  const crawler_fault* fault = nullptr;
  for (const auto& each : crawler_faults()) {
    if (std::string(each.requirement) + "+" + each.name == variant) fault = &each;
  }
  if (fault == nullptr && variant != "none") {
    std::cerr << "assay-wrong-crawler: there is no fault '" << variant << "'\n";
    return 2;
  }
  wrong_crawl it;
  if (fault != nullptr && !fault->says_usage) {
    std::cout.setstate(std::ios::failbit);
    std::cerr.setstate(std::ios::failbit);
  }
  if (const auto status = ref::crawler::read_command_line(argc, argv, it.how)) {
    return fault != nullptr && fault->usage_status ? fault->usage_status(*status) : *status;
  }
  if (fault != nullptr && fault->apply) fault->apply(it);
  return it.run(it);
}

}  // namespace
}  // namespace assay::saboteurs

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: assay-wrong-crawler SLUG+NAME URL DIR …\n";
    return 2;
  }
  return assay::saboteurs::start(argv[1], argc - 1, argv + 1);
}
