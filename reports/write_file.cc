#include "reports/write_file.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <system_error>

namespace assay {
namespace {

namespace fs = std::filesystem;

void write_to(const fs::path& path, std::string_view text) {
  errno = 0;
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (out) return;
  throw std::system_error(errno, std::generic_category(), path.string() + ": cannot be written");
}

// The kernel says so of a pipe or a socket whose other end is closed.
bool has_no_reader(int descriptor) {
  pollfd polled{descriptor, POLLOUT, 0};
  return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLERR) != 0;
}

}  // namespace

void write_file(const fs::path& path, std::string_view text) {
  std::error_code unknown;
  const auto status = fs::symlink_status(path, unknown);
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_to(path, text);
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  fs::path beside = path;
  beside += ".part";
  try {
    write_to(beside, text);
  } catch (...) {
    fs::remove(beside, unknown);
    throw;
  }
  fs::rename(beside, path);
}

void flush_standard_output() {
  errno = 0;
  std::cout.flush();
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (std::cout && is_written) return;
  // What failed some time ago has left no reason.
  const int why = has_no_reader(STDOUT_FILENO) ? EPIPE : errno != 0 ? errno : EIO;
  throw std::system_error(why, std::generic_category(), "standard output");
}

}  // namespace assay
