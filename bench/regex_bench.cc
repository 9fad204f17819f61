// What it costs to find every match of the notes' patterns in a text, with the texts of the groups,
// and how that grows with the text.
//
// Shows: a search over a text that is in the cache (but for 16 MiB, which only the last level may
// hold), the pattern compiled before. Does not show: compiling, or patterns of another kind. Each
// engine's answer is compared with what is known from how the text was made.
#include <benchmark/benchmark.h>

#include <deque>
#include <fstream>
#include <functional>
#include <string>

#include "bench/peers/regex_peers.h"
#include "bench/regex_texts.h"
#include "bench/rows.h"
#include "bench/testees.h"
#include "conformance/harness/scratch_directory.h"

namespace assay::bench {
namespace {

constexpr std::size_t full_text = 1 << 20;
// Where an engine takes time by the square of the text, it gets this much of it.
constexpr std::size_t small_text = 16 << 10;

template <typename Engine>
found pass(Engine& engine, const regex_case& of) {
  return of.substitutes ? engine.substitute(of.text) : engine.find_all(of.text);
}

// What grows has its size in its name.
std::string label(const regex_case& of) {
  if (of.name.find("in a text of") != std::string::npos) return of.shows;
  return of.shows + "; " + std::to_string(of.text.size() >> 10) + " KiB";
}

template <typename Engine>
void search(benchmark::State& state, const regex_case& of) {
  Engine engine(of.pattern);
  if (pass(engine, of) != of.expected) return state.SkipWithError("a wrong answer");
  for (auto _ : state) benchmark::DoNotOptimize(pass(engine, of));
  state.SetBytesProcessed(static_cast<std::int64_t>(of.text.size()) * state.iterations());
  state.SetLabel(label(of));
}

void floor(benchmark::State& state, const regex_case& of) {
  if (of.floor(of.text) != of.expected) return state.SkipWithError("a wrong answer");
  for (auto _ : state) benchmark::DoNotOptimize(of.floor(of.text));
  state.SetBytesProcessed(static_cast<std::int64_t>(of.text.size()) * state.iterations());
  state.SetLabel(label(of));
}

// Its time for one pass.
timing cpython(const regex_case& of) {
  const scratch_directory folder;
  const std::string text = folder.path() / "text";
  std::ofstream(text, std::ios::binary) << of.text;
  const timing took =
      python("regex_cpython.py",
             {text, of.pattern, of.substitutes ? "substitute" : "find", is_quick() ? "0.05" : "0.5",
              std::to_string(of.expected.matches), std::to_string(of.expected.length)});
  return {took.seconds, static_cast<std::int64_t>(of.text.size())};
}

using body = void (*)(benchmark::State&, const regex_case&);

// The case must live as long as the benchmarks.
benchmark::internal::Benchmark* add(const regex_case& of, const char* name, body how) {
  return benchmark::RegisterBenchmark(("regex/" + of.name + "/" + name).c_str(), how, std::cref(of))
      ->Unit(of.text.size() < 2 << 10 ? benchmark::kNanosecond : benchmark::kMillisecond);
}

void add_cpython(const regex_case& of) {
  if (!has_python()) return;
  add_byte_rate("regex/" + of.name + "/CPython", label(of), [&of] { return cpython(of); });
}

void add_all(const regex_case& full, const regex_case& small) {
  const bool runs_far = full.name.starts_with("P2b");
  const bool has_backreference = full.pattern.find("\\1") != std::string::npos;
  add(full, "reference", search<reference_regex>);
  add(full, "PCRE2 JIT", search<pcre2_jit>);
  if (!has_backreference) add(full, "RE2", search<re2_engine>);
  // std::regex recurses once a character: [^-]* over a long text would overflow its stack.
  const bool is_deep = full.name.starts_with("P2");
  if (!is_deep) add(full, "std::regex", search<std_regex>);
  add(runs_far ? small : full, "Boost.Regex", search<boost_regex>);
  add(full, "floor by hand", floor);
  add_cpython(runs_far ? small : full);
}

// ---- growth ------------------------------------------------------------------------------------

std::string in_bytes(std::size_t bytes) {
  if (bytes < 1 << 10) return std::to_string(bytes) + " B";
  return bytes >= 1 << 20 ? std::to_string(bytes >> 20) + " MiB"
                          : std::to_string(bytes >> 10) + " KiB";
}

regex_case renamed(regex_case of, std::size_t bytes, const std::string& shows) {
  of.name = of.name.substr(0, of.name.find(' ')) + " in a text of " + in_bytes(bytes);
  of.shows = shows;
  return of;
}

// All patterns over a line and over a page, where what does not grow with the text counts most.
void add_short() {
  static std::deque<regex_case> cases;
  for (const std::size_t bytes : {64, 1 << 10}) {
    for (regex_case& made : regex_cases(bytes)) {
      const std::string shows = made.shows + ", in a short text";
      const regex_case& of = cases.emplace_back(renamed(std::move(made), bytes, shows));
      add_all(of, of);
    }
  }
}

// One pattern that is found at once, and one whose failing search runs far: with some engines by
// the square of the text.
void add_growth() {
  static std::deque<regex_case> cases;
  for (const std::size_t bytes : {8 << 10, 64 << 10, 1 << 20, 16 << 20}) {
    if (is_quick() && (bytes > full_text || bytes == 64 << 10)) continue;
    for (regex_case& made : regex_cases(bytes)) {
      const bool fails = made.name.starts_with("P2b");
      if (!fails && !made.name.starts_with("P3")) continue;
      const char* shows =
          fails ? "where nothing is found and [^-]* runs far" : "where hits are a page apart";
      const regex_case& of = cases.emplace_back(renamed(std::move(made), bytes, shows));
      add(of, "reference", search<reference_regex>);
      add(of, "PCRE2 JIT", search<pcre2_jit>);
      add(of, "RE2", search<re2_engine>);
      add(of, "Boost.Regex", search<boost_regex>);
      add(of, "floor by hand", floor);
      // The square of a MiB takes it a quarter of an hour.
      if (!fails || bytes <= 8 << 10) add_cpython(of);
    }
  }
}

// ---- a pattern that explodes --------------------------------------------------------------------

const std::string explosive = "(a+)+$";
const std::string thirty = std::string(30, 'a') + "b";

// RE2's time is the floor here: it looks at each character once.
template <typename Engine>
void explode(benchmark::State& state) {
  Engine engine(explosive);
  try {
    if (engine.find_all(thirty).matches != 0) return state.SkipWithError("a wrong answer");
    for (auto _ : state) benchmark::DoNotOptimize(engine.find_all(thirty));
  } catch (const std::exception& gave_up) {
    return state.SkipWithError(gave_up.what());
  }
  state.SetLabel("nested repeats on thirty a and a b: exponential for engines that backtrack");
}

void add_explosive() {
  const std::string name = "regex/" + explosive + " on 30 a and a b/";
  // Boost.Regex and PCRE2 give up at a limit, std::regex and CPython take minutes.
  benchmark::RegisterBenchmark((name + "reference").c_str(), explode<reference_regex>)
      ->Unit(benchmark::kMicrosecond);
  benchmark::RegisterBenchmark((name + "RE2").c_str(), explode<re2_engine>)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, [] {
    static const auto full = regex_cases(full_text);
    static const auto small = regex_cases(small_text);
    for (std::size_t i = 0; i < full.size(); ++i) add_all(full[i], small[i]);
    add_short();
    add_growth();
    add_explosive();
    add_testees("regex");
  });
}
