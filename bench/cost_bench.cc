// The testees of an area that has no peers to be linked: ASSAY_BENCH_AREA, all through ops.
#include "bench/rows.h"
#include "bench/testees.h"

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] { add_testees(ASSAY_BENCH_AREA); });
}
