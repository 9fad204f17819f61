#include "conformance/testees/tcp_ops.h"

#include <poll.h>

#include "conformance/testees/reference/net.h"
#include "conformance/testees/reference/reference.h"
#include "impl/base/system_call.h"

namespace assay::testees {

std::pair<bool, bool> reference_net::await(const tcp_socket& socket, bool read, bool write,
                                           deadline until) {
  pollfd watched{socket.descriptor(), 0, 0};
  if (watched.fd < 0) ref::throw_system_error(EBADF, "poll");
  watched.events = static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
  const int timeout = until.poll_timeout_ms();
  ref::check(ref::retry_interrupted([&] { return ::poll(&watched, 1, timeout); }), "poll");
  return {(watched.revents & POLLIN) != 0, (watched.revents & POLLOUT) != 0};
}

void add_tcp_ops(sdk::adapter& to) { add_tcp_ops_of<reference_net>(to); }

}  // namespace assay::testees
