// libuv as a testee: its datagram and stream sockets, see sockets.h.
#include <csignal>

#include "conformance/testees/libuv/sockets.h"
#include "conformance/testees/tcp_ops.h"
#include "conformance/testees/udp_ops.h"

int main() {
  // As its guide asks for: it does not keep SIGPIPE away by itself.
  std::signal(SIGPIPE, SIG_IGN);
  assay::sdk::adapter adapter{"libuv", uv_version_string(), "C"};
  // It has no listen for datagrams, no accept but of a client that it has announced, no calls that
  // do not wait, no poll of its own sockets and few options; a closed handle may not be used. After
  // a fork it goes on to take clients in parent and child alike, so that it is chance who gets one.
  adapter.supports({
      "udp",
      "tcp",
      "-udp.listen",
      "-udp.close/ends-every-operation",
      "-tcp.server/accept-needs-listen",
      "-tcp.server/listening-socket-is-passive",
      "-tcp.server/restarts-with-reuse-address",
      "-tcp.server/waits-without-reuse-address",
      "-tcp.accept/gives-a-new-socket",
      "-tcp.accept/blocks-until-a-client-comes",
      "-tcp.stream/has-no-boundaries",
      "-tcp.stream/non-blocking-receive-does-not-wait",
      "-tcp.flow/stops-a-sender-that-may-not-block",
      "-tcp.flow/has-congestion-control",
      "-tcp.end/wakes-a-receive",
      "-tcp.end/unread-data-makes-it-a-reset",
      "-tcp.end/sending-on-fails-without-a-signal",
      "-tcp.end/closed-socket-does-nothing",
  });
  assay::testees::add_udp_ops_of<assay::testees::uv::net>(adapter);
  assay::testees::add_tcp_ops_of<assay::testees::uv::net>(adapter);
  return adapter.run();
}
