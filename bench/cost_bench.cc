// What units of execution and their switches cost, all through ops: the testees time themselves.
#include "bench/rows.h"
#include "bench/testees.h"

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] { add_testees("cost"); });
}
