// Boost.Asio as a testee: its sockets, see sockets.h, and its pool of threads.
#include "conformance/testees/boost-asio/pool.h"
#include "conformance/testees/boost-asio/sockets.h"
#include "conformance/testees/boost_version.h"
#include "conformance/testees/tcp_ops.h"
#include "conformance/testees/udp_ops.h"

int main() {
  assay::sdk::adapter adapter{"Boost.Asio", assay::testees::boost_version(), "C++"};
  // There is no listen for datagrams, and what listens is an acceptor, which has no send, receive
  // and connect. Workers are threads, so that of pool what is about processes is left out; the pool
  // tells neither its size nor anything of a task but by a future.
  adapter.supports({
      "udp",
      "-udp.listen",
      "tcp",
      "-tcp.server/listening-socket-is-passive",
      "pool.order/tasks-begin-in-their-order",
      "pool.order/waves",
      "pool.example",
      "pool.join/waits-for-all",
      "pool.apply",
      "pool.async",
      "-pool.async/callbacks",
      "-pool.async/successful-tells",
      "pool.errors",
      "-pool.errors/worker-stays",
  });
  assay::testees::add_udp_ops_of<assay::testees::asio::net>(adapter);
  assay::testees::add_tcp_ops_of<assay::testees::asio::net>(adapter);
  assay::testees::asio::add_pool_ops(adapter);
  return adapter.run();
}
