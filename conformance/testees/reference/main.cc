// The reference library as a testee.
#include "conformance/testees/reference/reference.h"

int main() {
  // Never destroyed: daemon threads may use it while the program ends.
  static auto* const adapter = new assay::sdk::adapter{"assay reference", "0.1.0", "C++"};
  assay::testees::add_reference_ops(*adapter);
  return adapter->run();
}
