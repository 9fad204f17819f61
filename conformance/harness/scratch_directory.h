// A private temporary directory, removed with its contents.
#pragma once

#include <filesystem>

namespace assay {

/// Made by mkdtemp(3) under TMPDIR (or /tmp where that is too long a path for a Unix socket).
/// Owns the directory and holds a lock on it (flock(2)). A process that was killed cannot remove
/// its directories: the first one made in a process removes those of others that are older than a
/// minute and that nobody locks. Throws std::system_error when it cannot be made.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace assay
