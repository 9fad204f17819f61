#include "conformance/harness/scratch_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>
#include <system_error>
#include <utility>

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* prefix = "assay-testee-";

fs::path temporary_directory() {
  // sun_path holds 108 bytes, and the socket's name comes behind this one.
  constexpr std::size_t longest = 60;
  const char* variable = std::getenv("TMPDIR");
  const std::string name = variable != nullptr && *variable == '/' ? variable : "/tmp";
  return name.size() > longest ? "/tmp" : name;
}

int open_directory(const fs::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// Removes what killed processes left. The age keeps a directory safe that is made this very moment
// and not yet locked.
void sweep(const fs::path& directory) {
  constexpr std::time_t old = 60;
  std::error_code error;
  for (auto each = fs::directory_iterator(directory, error);
       !error && each != fs::directory_iterator(); each.increment(error)) {
    if (!each->path().filename().string().starts_with(prefix)) continue;
    const int descriptor = open_directory(each->path());
    if (descriptor < 0) continue;
    struct stat status {};
    if (::fstat(descriptor, &status) == 0 && status.st_uid == ::geteuid() &&
        std::time(nullptr) - status.st_mtime > old && ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
      std::error_code ignored;
      fs::remove_all(each->path(), ignored);
    }
    ::close(descriptor);
  }
}

}  // namespace

scratch_directory::scratch_directory() {
  const fs::path parent = temporary_directory();
  static pid_t swept_by = 0;  // a forked worker is a process of its own
  if (std::exchange(swept_by, ::getpid()) != ::getpid()) sweep(parent);
  std::string name = parent / (std::string(prefix) + "XXXXXX");
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
  }
  path_ = name;
  lock_ = open_directory(path_);
  if (lock_ >= 0) ::flock(lock_, LOCK_EX | LOCK_NB);
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace assay
