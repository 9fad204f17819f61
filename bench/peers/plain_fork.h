// A child as an ordinary program has it: what it calls in a shared library is looked up there and
// then, in every child again, for as long as the parent has not called it itself.
#pragma once

namespace assay::bench {

/// Forks a child that ends with this code, and waits; whether it did.
bool plain_fork_and_wait(int code);

}  // namespace assay::bench
