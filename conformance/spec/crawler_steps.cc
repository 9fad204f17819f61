#include "conformance/spec/crawler_steps.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "conformance/harness/actor.h"

namespace assay {

std::string images(const std::vector<std::string>& links) {
  std::string html;
  for (const auto& each : links) html += "<li><img data-original='" + each + "'></li>\n";
  return html;
}

std::string next_link(const std::string& link) {
  return "<a class=\"next page-numbers\" href=\"" + link + "\">下一页&raquo;</a>\n";
}

std::string image_bytes(const std::string& path) {
  std::string bytes = "image " + path;
  const std::size_t size = 300 + std::hash<std::string>()(path) % 200;
  for (std::size_t i = 0; bytes.size() < size; ++i) bytes += static_cast<char>(i * 7);
  return bytes;
}

std::vector<std::string> add_images(gallery_server& gallery, const std::string& path,
                                    const std::string& prefix, int count, const std::string& next) {
  std::vector<std::string> paths;
  std::vector<std::string> links;
  for (int i = 1; i <= count; ++i) {
    paths.push_back(prefix + std::to_string(i) + ".jpg");
    links.push_back(gallery.url(paths.back()));
    gallery.add(paths.back(), {.body = image_bytes(paths.back()), .type = "image/jpeg"});
  }
  gallery.add(path, page(images(links) + (next.empty() ? "" : next_link(gallery.url(next)))));
  return paths;
}

std::filesystem::path images_directory() {
  const std::filesystem::path directory = scratch_path("images");
  return directory;
}

std::map<std::string, std::string> stored() {
  using iterator = std::filesystem::recursive_directory_iterator;
  std::map<std::string, std::string> files;
  std::error_code gone;  // a crawler that runs renames and removes files while they are looked at
  for (iterator each(images_directory(), gone); each != iterator(); each.increment(gone)) {
    if (!each->is_regular_file(gone)) continue;
    std::ifstream in(each->path(), std::ios::binary);
    if (!in && !std::filesystem::exists(each->path(), gone)) continue;
    if (!in) throw std::runtime_error(each->path().string() + ": cannot be read");
    files[each->path().lexically_relative(images_directory())] =
        std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

std::vector<std::string> stored_contents() {
  std::vector<std::string> contents;
  for (const auto& [name, content] : stored()) contents.push_back(content);
  return contents;
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

crawler_process begin_crawl(const gallery_server& gallery, const std::string& path,
                            const std::vector<std::string>& options) {
  // The notes' crawler does not make it; where that matters the test removes it.
  std::filesystem::create_directories(images_directory());
  return start_crawler(gallery.url(path), images_directory(), options);
}

ending crawl(const gallery_server& gallery, const std::string& path,
             const std::vector<std::string>& options) {
  return begin_crawl(gallery, path, options).finish();
}

}  // namespace assay
