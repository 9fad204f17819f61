#include "conformance/harness/server_site.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <string>
#include <system_error>

#include "conformance/harness/fixtures.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 64 * 1024;

void write(const fs::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

// Enough of a site where the fixtures have none.
void write_small_site(const fs::path& root) {
  std::string all;
  for (int i = 0; i < 1024; ++i) all += static_cast<char>(i % 256);
  fs::create_directories(root / "sub");
  write(root / "index.html", "<!DOCTYPE html>\n<title>assay</title>\n<p>It works.\n");
  write(root / "a.txt", "a text\n");
  write(root / "b c.txt", "a name with a space\n");
  write(root / "empty.txt", "");
  write(root / "image.png", "\x89PNG\r\n\x1a\n" + all);
  write(root / "style.css", "p { color: green; }\n");
  write(root / "script.js", "console.log(1);\n");
  write(root / "data.json", "{\"a\": 1}\n");
  write(root / "sub" / "page.html", "<!DOCTYPE html>\n<title>sub</title>\n");
  write(root / "文.txt", "文\n");
  write(root / ".hidden", "hidden\n");
}

}  // namespace

std::string large_file_piece(std::size_t index) {
  std::string piece = "piece " + std::to_string(index) + "\n";
  piece.resize(piece_bytes, '\0');
  return piece;
}

void write_large_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  bool good = descriptor >= 0 &&
              ::ftruncate(descriptor, static_cast<off_t>(large_file_pieces * piece_bytes)) == 0;
  for (std::size_t i = 0; good && i < large_file_pieces; ++i) {
    const std::string number = large_file_piece(i).substr(0, 16);
    good = ::pwrite(descriptor, number.data(), number.size(),
                    static_cast<off_t>(i * piece_bytes)) == static_cast<ssize_t>(number.size());
  }
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!good) throw std::system_error(error, std::generic_category(), file.string());
}

fs::path make_site(const fs::path& base, const fs::path& large) {
  const fs::path root = base / "site";
  fs::create_directories(root);
  const fs::path source = [] {
    try {
      return fixture("html");
    } catch (const std::runtime_error&) {
      return fs::path();
    }
  }();
  if (source.empty()) {
    write_small_site(root);
  } else {
    fs::copy(source, root, fs::copy_options::recursive);
  }
  write(base / "secret.txt", "secret: not for the public\n");
  // As files of a site are: a server may take the validators of one that has just been written for
  // weak, and a moment later for strong.
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& each : fs::recursive_directory_iterator(root)) {
    if (each.is_regular_file()) fs::last_write_time(each, yesterday);
  }
  std::error_code error;
  fs::create_hard_link(large, root / "large.bin", error);
  if (error) fs::copy_file(large, root / "large.bin");
  fs::create_symlink("index.html", root / "link-inside");
  fs::create_symlink("../secret.txt", root / "link-outside");
  fs::permissions(base, fs::perms(0755));
  return root;
}

}  // namespace assay
