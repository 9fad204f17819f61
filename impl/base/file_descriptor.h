// A file descriptor with an owner.
//
//   ref::file_descriptor file(ref::check(::open(path, O_RDONLY | O_CLOEXEC), "open", path));
//   ::read(file.get(), buffer, size);
//
// Owns the descriptor and closes it once. Movable, not copyable; `duplicate` is the explicit copy.
// Threads: as an int: reading is shared, changing is not. Fork: parent and child each own theirs.
#pragma once

#include <utility>

namespace ref {

class file_descriptor {
 public:
  /// Owns nothing; `get` is -1.
  file_descriptor() = default;
  /// Takes ownership of `fd`; -1 means nothing.
  explicit file_descriptor(int fd) : fd_(fd) {}
  file_descriptor(file_descriptor&& other) noexcept : fd_(other.release()) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;
  ~file_descriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  /// Gives the descriptor up without closing it.
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  /// Closes what is owned and owns `fd` instead. An error of close(2) is not reported: the
  /// descriptor is gone in any case, and a destructor has nobody to tell.
  void reset(int fd = -1);
  /// Another descriptor of the same open file, close-on-exec. Throws std::system_error.
  file_descriptor duplicate() const;

 private:
  int fd_ = -1;
};

}  // namespace ref
