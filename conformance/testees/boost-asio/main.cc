// Boost.Asio as a testee: its sockets, see sockets.h.
#include "conformance/testees/boost-asio/sockets.h"
#include "conformance/testees/boost_version.h"
#include "conformance/testees/tcp_ops.h"
#include "conformance/testees/udp_ops.h"

int main() {
  assay::sdk::adapter adapter{"Boost.Asio", assay::testees::boost_version(), "C++"};
  // There is no listen for datagrams, and what listens is an acceptor, which has no send, receive
  // and connect.
  adapter.supports({"udp", "tcp", "-udp.listen", "-tcp.server/listening-socket-is-passive"});
  assay::testees::add_udp_ops_of<assay::testees::asio::net>(adapter);
  assay::testees::add_tcp_ops_of<assay::testees::asio::net>(adapter);
  return adapter.run();
}
