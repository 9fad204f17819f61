// Testees, measured from outside through ops: the same adapters that the spec judges.
//
//   add_testees("regex");                  // before benchmark::RunSpecifiedBenchmarks()
//
// A testee performs a script of ops many times over without a round trip in between, and times that
// by its own clock (`script.run`; the ops of the area cost time themselves). What a row tells is
// one round of the script, with what adapter and SDK take for its params and results.
#pragma once

#include <string>
#include <vector>

#include "conformance/harness/testee.h"

namespace assay::bench {

/// The testees that ASSAY_BENCH_TESTEES names, one a line. Throws std::runtime_error for one that
/// cannot be loaded or is not here.
std::vector<testee_definition> named_testees();

/// Registers rows for each script of the area: one for each testee that supports what the script
/// does and has an adapter, be it bundled and here, or named.
void add_testees(const std::string& area);

}  // namespace assay::bench
