// The reference library as a testee.
#include "conformance/testees/reference/reference.h"

int main() {
  assay::sdk::adapter adapter{"assay reference", "0.1.0", "C++"};
  assay::testees::add_reference_ops(adapter);
  return adapter.run();
}
