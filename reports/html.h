// The report as one HTML file: results, saboteurs and benchmarks put into the built page.
//
//   write_html("report.html", results, sabotage, bench);   // JSON as `assay check --json` wrote it
//
// The page is built from reports/web/ and lies at `<build>/share/assay/report.html`. It holds one
// element <script type="application/gzip" id="assay-data">, whose text is replaced by the data:
// JSON, compressed with gzip, in Base64. Transcripts repeat themselves, so the file is a tenth of
// its data. The outcome depends on the data and the page alone: the same files give the same bytes.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// The built page of this installation, `../share/assay/report.html` beside the running program.
std::filesystem::path page_template();

/// `data` as it stands in the page: its JSON through gzip and Base64, so that no character of it
/// means anything to HTML. Strings that are no UTF-8 get replacement characters.
std::string packed(const nlohmann::json& data);

/// `page` with `data` in its element; throws std::runtime_error when the page has no such element,
/// or more than one.
std::string insert_data(std::string_view page, const nlohmann::json& data);

/// Writes the page with {"results", "sabotage", "bench"}, each a file as the command of that name
/// wrote it; the latter two may be null. Written as write_file.h does. Throws std::runtime_error
/// when the page was not built, and std::system_error.
void write_html(const std::filesystem::path& path, nlohmann::json results, nlohmann::json sabotage,
                nlohmann::json bench);

/// One file of Google Benchmark, whoever's it is.
struct benchmark_file {
  std::string path;
  nlohmann::json content;  ///< as --benchmark_format=json writes it
};

/// What the page is given of them: {"benchmark_files": [{"name", "context", "rows"}]}. A name is
/// the file's without its ending, and as much of its path as tells it from the others. Throws
/// std::runtime_error with the file and the row that is not as Google Benchmark writes it.
nlohmann::json benchmark_files_json(const std::vector<benchmark_file>& files);
void write_benchmark_html(const std::filesystem::path& path,
                          const std::vector<benchmark_file>& files);

}  // namespace assay
