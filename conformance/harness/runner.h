// Runs requirements on testees: in parallel, in worker processes, come what may.
//
//   std::vector<testee_definition> testees{…};
//   run_result all = run_requirements(testees, select_requirements({.areas = {"queue"}}), {});
//
// Every requirement runs in a forked worker. A worker that crashes or does not come back is ended
// with all that it started, and the run goes on with a new one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/harness/result.h"
#include "conformance/harness/testee.h"

namespace assay {

/// The processors that this process may use.
int usable_processors();

struct selection {
  std::vector<std::string> areas;  ///< empty: all
  /// Globs over slugs (`queue.*`): what fits one of them, or all when there is none; without what
  /// fits one that begins with `!`.
  std::vector<std::string> filters;
  std::vector<std::string> levels;  ///< must, should, may; empty: all
};

/// The requirements that fit, in the registry's order. Throws std::invalid_argument when an area or
/// a level does not exist or a filter fits nothing: a misspelt name must not look like a pass.
std::vector<const requirement*> select_requirements(const selection& wanted);

/// One requirement to run on one testee; indexes into what `run_jobs` was given.
struct job {
  std::size_t testee = 0;
  const requirement* what = nullptr;
};

struct run_options {
  int workers = 0;  ///< how many run at once; 0: two a processor
  /// Called in the calling process after each result, with how many are done and how many there
  /// are. Results arrive in any order.
  std::function<void(const result&, std::size_t done, std::size_t total)> on_result;
};

/// Asks every testee what it is and supports, then runs the requirements on all of them.
/// Throws std::invalid_argument when an expectation or `supports` names what does not exist.
run_result run_requirements(const std::vector<testee_definition>& testees,
                            const std::vector<const requirement*>& what,
                            const run_options& options);

/// Runs exactly these jobs, whatever the testees say that they support; results in their order.
std::vector<result> run_jobs(const std::vector<testee_definition>& testees,
                             const std::vector<job>& jobs, const run_options& options);

}  // namespace assay
