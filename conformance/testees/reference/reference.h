// The reference library's handlers: what the reference's own adapter is made of, and what the
// saboteurs start from.
#pragma once

#include "conformance/sdk/cpp/adapter.h"

namespace assay::testees {

void add_cost_ops(sdk::adapter& to);
void add_process_ops(sdk::adapter& to);  ///< and pipes
void add_pool_ops(sdk::adapter& to);
void add_queue_ops(sdk::adapter& to);
void add_reference_regex_ops(sdk::adapter& to);
void add_http_ops(sdk::adapter& to);
void add_iterator_ops(sdk::adapter& to);
void add_generator_ops(sdk::adapter& to);  ///< and coroutine
void add_green_ops(sdk::adapter& to);
void add_greenlet_ops(sdk::adapter& to);
void add_tcp_ops(sdk::adapter& to);
void add_udp_ops(sdk::adapter& to);
void add_thread_ops(sdk::adapter& to);  ///< and locks

/// All of them, with what they support.
void add_reference_ops(sdk::adapter& to);

}  // namespace assay::testees
