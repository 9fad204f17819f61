#include "conformance/testees/reference/reference.h"

namespace assay::testees {

void add_reference_ops(sdk::adapter& to) {
  to.supports({"udp", "tcp", "queue", "process", "thread", "pool", "iterator", "generator",
               "coroutine", "greenlet", "green", "regex", "http", "cost"});
  add_cost_ops(to);
  add_generator_ops(to);
  add_green_ops(to);
  add_greenlet_ops(to);
  add_http_ops(to);
  add_iterator_ops(to);
  add_pool_ops(to);
  add_process_ops(to);
  add_queue_ops(to);
  add_reference_regex_ops(to);
  add_tcp_ops(to);
  add_thread_ops(to);
  add_udp_ops(to);
}

}  // namespace assay::testees
