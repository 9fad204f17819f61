// A folder below which files are opened, and never outside of it.
//
//   const ref::server::folder root("html");
//   int error = 0;
//   ref::file_descriptor file = root.open("css/main.css", error);
//   if (!file) ...                             // error is an errno
//
// Owns one descriptor. May be used from several threads at once.
#pragma once

#include <string>

#include "impl/base/file_descriptor.h"

namespace ref::server {

class folder {
 public:
  /// `kernel`: openat2 with RESOLVE_BENEATH, one system call. `walk`: one openat a component, for
  /// kernels before 5.6 and for containers whose filter of system calls does not know openat2.
  enum class way { kernel, walk };

  /// Tries openat2 once and decides. Throws std::system_error when `path` is no directory that can
  /// be opened.
  explicit folder(const std::string& path);
  folder(const std::string& path, way how);

  int descriptor() const { return descriptor_.get(); }
  way how() const { return how_; }

  /// For reading, without waiting for the writer of a FIFO; whatever kind of file it is. Links are
  /// followed as long as they stay below the folder: EXDEV when the path, or a link in it, is
  /// absolute or goes above the folder; ELOOP beyond 40 links. Both ways give the same answers.
  file_descriptor open(const std::string& path, int& error) const;

 private:
  file_descriptor descriptor_;
  way how_;
};

}  // namespace ref::server
