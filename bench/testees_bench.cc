// The testees of an area that has no peers to be linked: ASSAY_BENCH_AREA, all through ops.
#include <benchmark/benchmark.h>

#include "bench/testees.h"

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  assay::bench::add_testees(ASSAY_BENCH_AREA);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
