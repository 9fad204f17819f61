#include "impl/base/file_descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include "impl/base/system_call.h"

namespace ref {

void file_descriptor::reset(int fd) {
  const int old = std::exchange(fd_, fd);
  // Not retried on EINTR: Linux has released the descriptor by then, and another thread may
  // already have been given the same number.
  if (old >= 0) ::close(old);
}

file_descriptor file_descriptor::duplicate() const {
  return file_descriptor(check(::fcntl(fd_, F_DUPFD_CLOEXEC, 0), "fcntl F_DUPFD_CLOEXEC"));
}

}  // namespace ref
