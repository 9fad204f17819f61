#include "conformance/testees/udp_ops.h"

#include "conformance/testees/reference/net.h"
#include "conformance/testees/reference/reference.h"

namespace assay::testees {

void add_udp_ops(sdk::adapter& to) { add_udp_ops_of<reference_net>(to); }

}  // namespace assay::testees
