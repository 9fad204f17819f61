// A descriptor that green threads wait for again and again: told to the kernel once, where
// green::wait_for tells it anew with each wait.
//
//   ref::green_watch watch(socket);                      // O_NONBLOCK
//   while ((got = ::recv(socket, to, size, 0)) == -1 && errno == EAGAIN) watch.wait(POLLIN);
//
// What happens while nobody waits is remembered: a wait that follows a call which met EAGAIN, or a
// read that left nothing behind, misses nothing. It may end for no reason; the call itself tells.
//
// Ownership: it owns a registration with the hub of the thread that made it, and not the
// descriptor, which it must not outlive. Threads: for green threads of that one. Several may wait
// at once; all of them are woken. Source: epoll(7), edge-triggered.
#pragma once

#include <cstdint>
#include <vector>

#include "impl/coroutine/green.h"

namespace ref {

class green_watch {
 public:
  /// Throws std::system_error for what epoll(7) does not take, as a file on a disk (EPERM).
  explicit green_watch(int descriptor);
  ~green_watch();
  green_watch(const green_watch&) = delete;
  green_watch& operator=(const green_watch&) = delete;

  /// Lets others run until one of these events of poll(2), an error or a hang-up may be there;
  /// false after the timeout.
  bool wait(short events, green::timeout wait = std::nullopt);

 private:
  friend class detail::hub;
  struct waiting {
    detail::green_waiter* who;
    std::uint32_t events;
  };

  detail::hub& hub_;
  int descriptor_;
  std::uint32_t seen_ = 0;  // what nobody waited for when it happened
  std::vector<waiting> waiting_;
};

}  // namespace ref
