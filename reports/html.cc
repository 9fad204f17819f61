#include "reports/html.h"

#include <fmt/core.h>
#include <libdeflate.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>

#include "conformance/protocol/base64.h"
#include "reports/write_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view element_id = "id=\"assay-data\"";
constexpr std::string_view element_end = "</script>";
// Of 12. At 9 a page is a tenth smaller, in five times the time.
constexpr int compression_level = 5;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw std::runtime_error(fmt::format(
        "{}: the page of the report is not there; configure with -DASSAY_BUILD_PAGE=ON and build",
        path.string()));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

void check_row(const std::string& path, std::size_t number, const nlohmann::json& row) {
  const auto refuse = [&](const std::string& what) {
    throw std::runtime_error(fmt::format("{}: benchmarks[{}]: {}", path, number, what));
  };
  if (!row.is_object() || !row.contains("name") || !row.at("name").is_string()) {
    refuse("an object with a \"name\" is expected");
  }
  const auto is = [&](const char* field, const nlohmann::json& value) {
    return row.contains(field) && row.at(field) == value;
  };
  for (const char* field : {"run_type", "run_name", "aggregate_name", "time_unit"}) {
    if (row.contains(field) && !row.at(field).is_string()) {
      refuse(fmt::format("\"{}\" is no text", field));
    }
  }
  if (is("error_occurred", true) || is("run_type", "aggregate")) return;
  const auto time = row.find("real_time");
  if (time == row.end() || !time->is_number()) refuse("\"real_time\" is no number");
}

// The last `parts` parts of a path, without the ending of its name.
std::string short_name(const std::string& path, std::size_t parts) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  fs::path name = whole.stem();
  fs::path folder = whole.parent_path();
  for (std::size_t i = 1; i < parts && folder.has_filename(); ++i) {
    name = folder.filename() / name;
    folder = folder.parent_path();
  }
  return name.string();
}

std::string text_of(const nlohmann::json& data) {
  return data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string packed_text(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(
      libdeflate_alloc_compressor(compression_level), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  std::string bytes(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  bytes.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), bytes.data(),
                                        bytes.size()));
  return base64_encode(bytes);
}

std::string insert_text(std::string_view page, std::string_view text) {
  const std::size_t id = page.find(element_id);
  if (id == std::string_view::npos) {
    throw std::runtime_error("the page has no element with id \"assay-data\"");
  }
  if (page.find(element_id, id + 1) != std::string_view::npos) {
    throw std::runtime_error("the page has more than one element with id \"assay-data\"");
  }
  const std::size_t open_end = page.find('>', id);
  const std::size_t close =
      open_end == std::string_view::npos ? open_end : page.find(element_end, open_end);
  if (close == std::string_view::npos) {
    throw std::runtime_error("the page's element \"assay-data\" has no end");
  }
  std::string html(page.substr(0, open_end + 1));
  html += packed_text(text);
  html += page.substr(close);
  return html;
}

// The data is freed while its text is compressed: for the results of all testees that takes a third
// as long.
void write_page(const fs::path& path, nlohmann::json data) {
  const std::string text = text_of(data);
  const auto freed = std::async(std::launch::async, [&data] { data = nullptr; });
  write_file(path, insert_text(read_file(page_template()), text));
}

}  // namespace

fs::path page_template() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "share" / "assay" /
         "report.html";
}

std::string packed(const nlohmann::json& data) { return packed_text(text_of(data)); }

std::string insert_data(std::string_view page, const nlohmann::json& data) {
  return insert_text(page, text_of(data));
}

void write_html(const fs::path& path, nlohmann::json results, nlohmann::json sabotage,
                nlohmann::json bench) {
  // Moved: a copy of the results of all testees would take as long as compressing them.
  nlohmann::json data;
  data["results"] = std::move(results);
  data["sabotage"] = std::move(sabotage);
  data["bench"] = std::move(bench);
  write_page(path, std::move(data));
}

nlohmann::json benchmark_files_json(const std::vector<benchmark_file>& files) {
  nlohmann::json all = nlohmann::json::array();
  for (std::size_t at = 0; at < files.size(); ++at) {
    const auto& [path, content] = files[at];
    if (!content.is_object() || !content.contains("benchmarks") ||
        !content.at("benchmarks").is_array()) {
      throw std::runtime_error(fmt::format(
          "{}: no list \"benchmarks\"; Google Benchmark writes one with --benchmark_format=json",
          path));
    }
    std::size_t number = 0;
    for (const auto& row : content.at("benchmarks")) check_row(path, number++, row);
    std::string name;
    constexpr std::size_t deepest = 64;
    for (std::size_t parts = 1; parts <= deepest; ++parts) {
      name = short_name(path, parts);
      const auto is_alike = [&](const benchmark_file& other) {
        return short_name(other.path, parts) == name;
      };
      if (std::count_if(files.begin(), files.end(), is_alike) == 1) break;
    }
    const bool has_context = content.contains("context") && content.at("context").is_object();
    all.push_back({{"name", name},
                   {"context", has_context ? content.at("context") : nlohmann::json::object()},
                   {"rows", content.at("benchmarks")}});
  }
  return {{"benchmark_files", all}};
}

void write_benchmark_html(const fs::path& path, const std::vector<benchmark_file>& files) {
  write_page(path, benchmark_files_json(files));
}

}  // namespace assay
