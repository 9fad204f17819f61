// Puts a file of sample data into the built page: write_page SAMPLE.json OUT.html
// A list is taken for files of Google Benchmark: [{"path": …, "content": …}].
#include <cstdio>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>

#include "reports/html.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: write_page SAMPLE.json OUT.html\n", stderr);
    return 2;
  }
  try {
    std::ifstream in(argv[1]);
    const auto data = nlohmann::json::parse(in);
    if (data.is_array()) {
      std::vector<assay::benchmark_file> files;
      for (const auto& file : data) files.push_back({file.at("path"), file.at("content")});
      assay::write_benchmark_html(argv[2], files);
    } else {
      assay::write_html(argv[2], data.at("results"), data.at("sabotage"), data.at("bench"));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_page: %s\n", error.what());
    return 2;
  }
  return 0;
}
