#include "reports/html.h"

#include <fmt/core.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view element_id = "id=\"assay-data\"";
constexpr std::string_view element_end = "</script>";

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

std::string json_for_script(const nlohmann::json& data) {
  const std::string text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 64);
  // Outside of strings JSON has no `<`, so every one stands where an escape is allowed.
  for (const char c : text) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
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
  html += json_for_script(data);
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
  const fs::path beside = path.string() + ".part";
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out << html;
  out.close();
  if (!out) {
    throw std::system_error(errno, std::generic_category(),
                            fmt::format("{}: cannot be written", beside.string()));
  }
  fs::rename(beside, path);
}

}  // namespace assay
