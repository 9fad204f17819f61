#include "bench/rows.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace assay::bench {
namespace {

constexpr const char* interpreter = "/usr/bin/python3";

using row = std::function<void(benchmark::State&, const timing&)>;

benchmark::internal::Benchmark* add(const std::string& name, const std::string& shows,
                                    std::function<timing()> measure, row note) {
  const auto body = [shows, measure = std::move(measure), note](benchmark::State& state) {
    for (auto _ : state) {
      try {
        note(state, measure());
      } catch (const std::exception& wrong) {
        return state.SkipWithError(wrong.what());
      }
    }
    state.SetLabel(shows);
  };
  return benchmark::RegisterBenchmark(name.c_str(), body)->Iterations(1)->UseManualTime();
}

// A word for the shell.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char each : word) text += each == '\'' ? "'\\''" : std::string(1, each);
  return text + "'";
}

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }
double thread_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

double processor_seconds() {
  double sum = 0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    ::getrusage(whose, &used);
    for (const timeval& each : {used.ru_utime, used.ru_stime}) {
      sum += static_cast<double>(each.tv_sec) + static_cast<double>(each.tv_usec) * 1e-6;
    }
  }
  return sum;
}

bool is_quick() { return std::getenv("ASSAY_BENCH_QUICK") != nullptr; }

std::int64_t scaled(std::int64_t units) { return is_quick() ? (units + 7) / 8 : units; }

void require(bool is_right, const char* what) {
  if (!is_right) throw std::runtime_error(what);
}

void add_row(const std::string& name, const std::string& shows, benchmark::TimeUnit unit,
             std::function<timing()> measure) {
  add(name, shows, std::move(measure), [](benchmark::State& state, const timing& took) {
    state.SetIterationTime(took.seconds / static_cast<double>(took.units));
  })->Unit(unit);
}

void add_rate(const std::string& name, const std::string& shows, std::function<timing()> measure) {
  add(name, shows, std::move(measure), [](benchmark::State& state, const timing& took) {
    state.SetIterationTime(took.seconds);
    state.SetItemsProcessed(took.units);
  })->Unit(benchmark::kMillisecond);
}

void add_byte_rate(const std::string& name, const std::string& shows,
                   std::function<timing()> measure) {
  add(name, shows, std::move(measure), [](benchmark::State& state, const timing& took) {
    state.SetIterationTime(took.seconds);
    state.SetBytesProcessed(took.units);
  })->Unit(benchmark::kMillisecond);
}

timing python(const std::string& script, const std::vector<std::string>& arguments) {
  std::string command = interpreter + (" " + quoted(ASSAY_BENCH_SCRIPTS "/" + script));
  for (const auto& each : arguments) command += " " + quoted(each);
  std::string output;
  if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
    std::array<char, 256> line;
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) output += line.data();
    ::pclose(pipe);
  }
  const auto answer = nlohmann::json::parse(output, nullptr, false);
  require(!answer.is_discarded(), "Python gave no answer");
  require(answer.at("right").get<bool>());
  return {answer.at("seconds").get<double>(), answer.at("units").get<std::int64_t>()};
}

bool has_python(const std::string& module) {
  if (::access(interpreter, X_OK) != 0) return false;
  const std::string command =
      std::string(interpreter) + " -c 'import " + module + "' >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

int run_benchmarks(int count, char** arguments, void (*add_rows)()) {
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  add_rows();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace assay::bench
