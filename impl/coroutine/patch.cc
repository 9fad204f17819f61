// libc's calls that block, for programs that link this file: as they are, until green::patch_all is
// called, and from then on cooperative within green threads. The calls of libc itself are found by
// dlsym(3), RTLD_NEXT.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>

#include "impl/coroutine/green.h"

namespace ref {
namespace {

std::atomic<bool> is_patched{false};

bool applies() { return is_patched.load(std::memory_order_relaxed) && green::is_current(); }

// The next definition of the calling function after this program's own.
template <typename Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::chrono::nanoseconds duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Lets others run until the descriptor is ready, unless its owner asked not to wait.
void await(int descriptor, short events, int flags = 0) {
  if ((flags & MSG_DONTWAIT) != 0 || !applies()) return;
  const int mode = ::fcntl(descriptor, F_GETFL);
  if (mode >= 0 && (mode & O_NONBLOCK) == 0) green::wait_for(descriptor, events);
}

}  // namespace

void green::patch_all() { is_patched = true; }

}  // namespace ref

extern "C" {

int nanosleep(const timespec* wanted, timespec* left) {
  static auto* const libc = ref::next(&::nanosleep, "nanosleep");
  if (wanted == nullptr || !ref::applies()) return libc(wanted, left);
  ref::green::sleep(ref::duration_of(*wanted));
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* wanted, timespec* left) {
  static auto* const libc = ref::next(&::clock_nanosleep, "clock_nanosleep");
  if (wanted == nullptr || !ref::applies()) return libc(clock, flags, wanted, left);
  auto time = ref::duration_of(*wanted);
  if ((flags & TIMER_ABSTIME) != 0) {
    timespec now{};
    if (::clock_gettime(clock, &now) != 0) return errno;
    time -= ref::duration_of(now);
  }
  ref::green::sleep(time);
  return 0;
}

int usleep(useconds_t microseconds) {
  static auto* const libc = ref::next(&::usleep, "usleep");
  if (!ref::applies()) return libc(microseconds);
  ref::green::sleep(std::chrono::microseconds(microseconds));
  return 0;
}

unsigned int sleep(unsigned int seconds) {
  static auto* const libc = ref::next(&::sleep, "sleep");
  if (!ref::applies()) return libc(seconds);
  ref::green::sleep(std::chrono::seconds(seconds));
  return 0;
}

ssize_t recv(int descriptor, void* buffer, size_t size, int flags) {
  static auto* const libc = ref::next(&::recv, "recv");
  ref::await(descriptor, POLLIN, flags);
  return libc(descriptor, buffer, size, flags);
}

ssize_t read(int descriptor, void* buffer, size_t size) {
  static auto* const libc = ref::next(&::read, "read");
  ref::await(descriptor, POLLIN);
  return libc(descriptor, buffer, size);
}

// A stream may have room for less than all: what is left is waited for again, as the kernel would.
ssize_t send(int descriptor, const void* buffer, size_t size, int flags) {
  static auto* const libc = ref::next(&::send, "send");
  if ((flags & MSG_DONTWAIT) != 0 || !ref::applies()) return libc(descriptor, buffer, size, flags);
  const int mode = ::fcntl(descriptor, F_GETFL);
  if (mode < 0 || (mode & O_NONBLOCK) != 0) return libc(descriptor, buffer, size, flags);
  size_t sent = 0;
  do {
    const ssize_t some = libc(descriptor, static_cast<const char*>(buffer) + sent, size - sent,
                              flags | MSG_DONTWAIT);
    if (some >= 0) {
      sent += static_cast<size_t>(some);
    } else if (errno == EAGAIN) {
      ref::green::wait_for(descriptor, POLLOUT);
    } else if (errno != EINTR) {
      return sent > 0 ? static_cast<ssize_t>(sent) : -1;
    }
  } while (sent < size);
  return static_cast<ssize_t>(sent);
}

ssize_t write(int descriptor, const void* buffer, size_t size) {
  static auto* const libc = ref::next(&::write, "write");
  ref::await(descriptor, POLLOUT);
  return libc(descriptor, buffer, size);
}

int accept(int descriptor, sockaddr* address, socklen_t* length) {
  static auto* const libc = ref::next(&::accept, "accept");
  ref::await(descriptor, POLLIN);
  return libc(descriptor, address, length);
}

int connect(int descriptor, const sockaddr* address, socklen_t length) {
  static auto* const libc = ref::next(&::connect, "connect");
  if (!ref::applies()) return libc(descriptor, address, length);
  const int mode = ::fcntl(descriptor, F_GETFL);
  if (mode < 0 || (mode & O_NONBLOCK) != 0) return libc(descriptor, address, length);
  ::fcntl(descriptor, F_SETFL, mode | O_NONBLOCK);
  int result = libc(descriptor, address, length);
  int error = result == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    ref::green::wait_for(descriptor, POLLOUT);
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    result = error == 0 ? 0 : -1;
  }
  ::fcntl(descriptor, F_SETFL, mode);
  errno = error;
  return result;
}

int poll(pollfd* descriptors, nfds_t count, int timeout) {
  static auto* const libc = ref::next(&::poll, "poll");
  if (timeout == 0 || !ref::applies()) return libc(descriptors, count, timeout);
  // One descriptor is waited for; of several, each is looked at in every turn.
  const ref::green::timeout limit =
      timeout < 0 ? ref::green::timeout() : std::chrono::milliseconds(timeout);
  if (count == 1 && descriptors[0].fd >= 0) {
    ref::green::wait_for(descriptors[0].fd, descriptors[0].events, limit);
    return libc(descriptors, count, 0);
  }
  const auto until = std::chrono::steady_clock::now() + limit.value_or(std::chrono::hours(1));
  for (;;) {
    const int ready = libc(descriptors, count, 0);
    if (ready != 0 || (limit && std::chrono::steady_clock::now() >= until)) return ready;
    ref::green::sleep(std::chrono::milliseconds(1));
  }
}

}  // extern "C"
