// How requirements on regular expressions run: each is the rows of a table under its slug.
#pragma once

namespace assay {

/// Runs all rows of the requirement whose body runs, of fixtures/regex/<group>.jsonl, through the
/// main actor without waiting in between, and reports each answer that is not the row's.
void run_rows();

}  // namespace assay
