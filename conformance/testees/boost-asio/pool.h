// The ops of the area pool over boost::asio::thread_pool.
#pragma once

#include "conformance/sdk/cpp/adapter.h"

namespace assay::testees::asio {

void add_pool_ops(sdk::adapter& to);

}  // namespace assay::testees::asio
