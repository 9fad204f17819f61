// Waiting for a socket. For impl/net alone.
#pragma once

#include <poll.h>

#include "impl/base/deadline.h"
#include "impl/base/system_call.h"
#include "impl/net/address.h"

namespace ref {

/// Waits until poll(2) reports one of the events, an error or a hang-up. Throws timed_out.
inline void await_socket(int socket, short events, deadline until) {
  for (;;) {
    pollfd watched{socket, events, 0};
    const int ready = ::poll(&watched, 1, until.poll_timeout_ms());
    if (ready > 0) return;
    if (ready == -1 && errno != EINTR) throw_system_error(errno, "poll");
    if (until.passed()) throw timed_out("timed out");
  }
}

/// Performs a call that does not block, again and again, until it neither fails with EAGAIN nor is
/// interrupted; its result. `wait` is called after each EAGAIN.
template <typename Call, typename Wait>
auto when_ready(const char* name, Call call, Wait wait) {
  for (;;) {
    const auto result = call();
    if (result != -1) return result;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) throw_system_error(errno, name);
    wait();
  }
}

/// The same, waiting by poll(2) until the socket is ready.
template <typename Call>
auto when_ready(int socket, short events, deadline until, const char* name, Call call) {
  return when_ready(name, call, [&] { await_socket(socket, events, until); });
}

}  // namespace ref
