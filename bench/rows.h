// Rows whose work is timed as a whole: so many units, so many seconds, and an answer that was
// right.
//
//   add_row("process/start and join/reference", shows, benchmark::kMicrosecond,
//           [] { return timed(200, [] { start_and_join(200); }); });
//
// A row that throws has no figure; what it threw stands in its place. A program's main registers
// its rows and is done:
//
//   return run_benchmarks(argc, argv, [] { add_rows(); });
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace assay::bench {

struct timing {
  double seconds = 0;
  std::int64_t units = 0;
};

/// Whether ASSAY_BENCH_QUICK asks for a run that takes little time.
bool is_quick();

/// So many units, or an eighth of them in a quick run.
std::int64_t scaled(std::int64_t units);

/// Throws std::runtime_error when an answer was wrong.
void require(bool is_right, const char* what = "a wrong answer");

/// What a clock says, in seconds: of the wall, or of what this thread has had of a processor. The
/// latter is for work that never sleeps: other programs then make less of a difference.
double wall_seconds();
double thread_seconds();

/// Of this process and of all its children that it has waited for.
double processor_seconds();

/// Times `all`, which does so many units.
template <typename All>
timing timed(std::int64_t units, const All& all, double (*clock)() = wall_seconds) {
  const double start = clock();
  all();
  return {clock() - start, units};
}

/// Times `once`, which does one unit, by the thread's clock.
template <typename Once>
timing repeated(std::int64_t units, const Once& once) {
  const double start = thread_seconds();
  for (std::int64_t i = 0; i < units; ++i) once();
  return {thread_seconds() - start, units};
}

/// The figure is the time of one unit.
void add_row(const std::string& name, const std::string& shows, benchmark::TimeUnit unit,
             std::function<timing()> measure);
/// The figure is units a second.
void add_rate(const std::string& name, const std::string& shows, std::function<timing()> measure);
/// Units are bytes, and the figure is bytes a second.
void add_byte_rate(const std::string& name, const std::string& shows,
                   std::function<timing()> measure);

/// CPython's own figure: runs a script of bench/peers, which times itself and prints one JSON
/// object with seconds, units and right. Starting the interpreter is not part of it.
timing python(const std::string& script, const std::vector<std::string>& arguments);
/// Whether Debian's python3 is here and can import this.
bool has_python(const std::string& module = "sys");

/// The main of a program of benchmarks: registers them and runs those that are asked for. Gives the
/// exit status.
int run_benchmarks(int count, char** arguments, void (*add_rows)());

}  // namespace assay::bench
