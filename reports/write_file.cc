#include "reports/write_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace assay {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view text) {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  fs::path beside = path;
  beside += ".part";
  errno = 0;
  std::ofstream out(beside, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) {
    const int why = errno;
    std::error_code ignored;
    fs::remove(beside, ignored);
    throw std::system_error(why, std::generic_category(), beside.string() + ": cannot be written");
  }
  fs::rename(beside, path);
}

}  // namespace assay
