#include "reports/html.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "conformance/protocol/base64.h"
#include "reports/write_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view element_id = "id=\"assay-data\"";
constexpr std::string_view element_end = "</script>";
constexpr int gzip_window = 15 + 16;  // the largest window; 16 asks for gzip's header
constexpr int memory_level = 8;       // zlib's default

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

}  // namespace

fs::path page_template() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "share" / "assay" /
         "report.html";
}

std::string packed(const nlohmann::json& data) {
  const std::string text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, memory_level,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot be set up to compress the report's data");
  }
  // The whole text in one call: its bound is known, so the output never has to grow.
  std::string bytes(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const bool whole = text.size() <= std::numeric_limits<uInt>::max() / 2 &&
                     deflate(&stream, Z_FINISH) == Z_STREAM_END;
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  if (!whole) {
    throw std::runtime_error(fmt::format(
        "{} bytes of data are too many for one page; report fewer testees", text.size()));
  }
  return base64_encode(bytes);
}

std::string insert_data(std::string_view page, const nlohmann::json& data) {
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
  html += packed(data);
  html += page.substr(close);
  return html;
}

std::string render_html(const nlohmann::json& data) {
  return insert_data(read_file(page_template()), data);
}

void write_html(const fs::path& path, nlohmann::json results, nlohmann::json sabotage,
                nlohmann::json bench) {
  // Moved: a copy of the results of all testees would take as long as compressing them.
  nlohmann::json data;
  data["results"] = std::move(results);
  data["sabotage"] = std::move(sabotage);
  data["bench"] = std::move(bench);
  write_file(path, render_html(data));
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
  write_file(path, render_html(benchmark_files_json(files)));
}

}  // namespace assay
