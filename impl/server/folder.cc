#include "impl/server/folder.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string_view>
#include <vector>

#include "impl/base/system_call.h"

namespace ref::server {
namespace {

constexpr int most_links = 40;  // as the kernel's
// Without O_NONBLOCK the opening of a FIFO would wait for its writer.
constexpr int reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

int open_by_kernel(int root, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how));
}

// Resolves a path with descriptors of all directories from the root to where it stands. ".." goes
// back to the descriptor that it came from, so that nobody who moves directories meanwhile can
// lead it out of the root.
class walker {
 public:
  explicit walker(int root) : root_(root) {}

  // A descriptor, or -1 with errno.
  int open(const std::string& path) {
    if (path.empty()) return failed(ENOENT);
    if (!enqueue(path)) return -1;
    while (!left_.empty()) {
      const std::string name = std::move(left_.back());
      left_.pop_back();
      if (name == ".") continue;
      if (name == "..") {
        if (below_.empty()) return failed(EXDEV);
        below_.pop_back();
        continue;
      }
      if (left_.empty()) {
        const int got = ::openat(here(), name.c_str(), reading | O_NOFOLLOW);
        if (got >= 0 || errno != ELOOP) return got;
        if (!follow(name)) return -1;
      } else if (!enter(name)) {
        return -1;
      }
    }
    return ::openat(here(), ".", reading | O_DIRECTORY);
  }

 private:
  static int failed(int error) {
    errno = error;
    return -1;
  }

  int here() const { return below_.empty() ? root_ : below_.back().get(); }

  // Puts the components before those that are left. A slash at the end stands for a "." there: what
  // is before it has to be a directory.
  bool enqueue(std::string_view path) {
    if (path.size() >= PATH_MAX) return failed(ENAMETOOLONG) == 0;
    if (path.starts_with('/')) return failed(EXDEV) == 0;
    if (path.ends_with('/')) left_.emplace_back(".");
    while (!path.empty()) {
      const auto slash = path.rfind('/');
      const auto name = slash == path.npos ? path : path.substr(slash + 1);
      if (!name.empty()) left_.emplace_back(name);
      path = path.substr(0, slash == path.npos ? 0 : slash);
    }
    return true;
  }

  bool enter(const std::string& name) {
    file_descriptor next(
        ::openat(here(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next) {
      below_.push_back(std::move(next));
      return true;
    }
    // A symbolic link, or no directory at all.
    return (errno == ENOTDIR || errno == ELOOP) && follow(name);
  }

  bool follow(const std::string& name) {
    char target[PATH_MAX];
    const ssize_t size = ::readlinkat(here(), name.c_str(), target, sizeof target);
    if (size < 0) return failed(errno == EINVAL ? ENOTDIR : errno) == 0;
    if (++links_ > most_links) return failed(ELOOP) == 0;
    return enqueue({target, static_cast<std::size_t>(size)});
  }

  int root_;
  int links_ = 0;
  std::vector<std::string> left_;  // the next one last
  std::vector<file_descriptor> below_;
};

folder::way way_of(int root) {
  const file_descriptor probe(open_by_kernel(root, ".", O_PATH | O_CLOEXEC));
  // ENOSYS: the kernel is older. EPERM: so is the container's list of permitted calls.
  const bool is_missing = !probe && (errno == ENOSYS || errno == EPERM);
  return is_missing ? folder::way::walk : folder::way::kernel;
}

file_descriptor open_folder(const std::string& path) {
  return file_descriptor(
      check(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC), "open", path));
}

}  // namespace

folder::folder(const std::string& path)
    : descriptor_(open_folder(path)), how_(way_of(descriptor_.get())) {}

folder::folder(const std::string& path, way how) : descriptor_(open_folder(path)), how_(how) {}

file_descriptor folder::open(const std::string& path, int& error) const {
  error = 0;
  int got = -1;
  if (how_ == way::kernel) {
    got = open_by_kernel(descriptor_.get(), path.c_str(), reading);
    if (got < 0) error = errno;
  }
  // EAGAIN: something was renamed while the kernel resolved a "..", so that it could not tell
  // whether it is still below. The walk can.
  if (how_ == way::walk || error == EAGAIN) {
    got = walker(descriptor_.get()).open(path);
    error = got < 0 ? errno : 0;
  }
  return file_descriptor(got);
}

}  // namespace ref::server
