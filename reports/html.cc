#include "reports/html.h"

#include <fmt/core.h>
#include <zlib.h>

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

void write_html(const fs::path& path, const nlohmann::json& results, const nlohmann::json& sabotage,
                const nlohmann::json& bench) {
  const std::string html =
      render_html({{"results", results}, {"sabotage", sabotage}, {"bench", bench}});
  write_file(path, html);
}

}  // namespace assay
