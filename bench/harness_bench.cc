// What the harness itself costs: one op from question to checked answer, one testee from start to
// end, and many cases through `assay call`.
//
// Shows: the time that a requirement takes before the implementation does anything. The op is
// `process.self`, which every SDK has built in and which does next to nothing, so a row is its
// language's adapter as much as the harness. Does not show: what ops with large values take.
#include <benchmark/benchmark.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bench/rows.h"
#include "bench/testees.h"
#include "conformance/harness/adapter_process.h"
#include "conformance/harness/session.h"

namespace assay::bench {
namespace {

// ---- a round trip -------------------------------------------------------------------------------

// As long as what assay and an adapter say for process.self.
constexpr std::string_view question =
    R"({"jsonrpc":"2.0","id":1000,"method":"process.self","params":{}})"
    "\n";
constexpr std::string_view answer =
    R"({"jsonrpc":"2.0","id":1000,"result":{"pid":100000,"ppid":100000,"tid":100000}})"
    "\n";

bool exchange(int socket, std::string_view sent, std::size_t expected) {
  char buffer[256];
  return ::send(socket, sent.data(), sent.size(), MSG_NOSIGNAL) == ssize_t(sent.size()) &&
         ::recv(socket, buffer, sizeof buffer, 0) == ssize_t(expected);
}

[[noreturn]] void answer_all(int socket) {
  char buffer[256];
  while (::recv(socket, buffer, sizeof buffer, 0) > 0) {
    if (::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
  }
  ::_exit(0);
}

void bare_ping_pong(benchmark::State& state) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return state.SkipWithError("socketpair");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    answer_all(ends[1]);
  }
  ::close(ends[1]);
  for (auto _ : state) {
    if (!exchange(ends[0], question, answer.size())) {
      state.SkipWithError("the other side hung up");
      break;
    }
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  state.SetLabel("process.self asked and answered, the answer checked");
}

void round_trip(benchmark::State& state, const testee_definition& testee) {
  try {
    transcript log;
    adapter_process adapter(testee, protocol_rules(), log);
    actor& main = adapter.main_actor();
    for (auto _ : state) {
      if (main.call("process.self").result().at("pid") != main.pid()) {
        state.SkipWithError("a wrong answer");
        break;
      }
    }
  } catch (const testee_failure& ended) {
    state.SkipWithError(ended.what());
  }
}

// ---- from start to end --------------------------------------------------------------------------

void bare_process(benchmark::State& state) {
  for (auto _ : state) {
    const pid_t child = ::vfork();
    if (child == 0) {
      ::execl("/bin/true", "true", nullptr);
      ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) {
      state.SkipWithError("/bin/true cannot be run");
      break;
    }
  }
  state.SetLabel("started, hello read, ended and looked for what it left; floor: /bin/true");
}

void start_to_end(benchmark::State& state, const testee_definition& testee) {
  try {
    for (auto _ : state) {
      transcript log;
      adapter_process adapter(testee, protocol_rules(), log);
      if (const auto wrong = adapter.end()) {
        state.SkipWithError(wrong->what());
        break;
      }
    }
  } catch (const testee_failure& ended) {
    state.SkipWithError(ended.what());
  }
}

// ---- many cases ---------------------------------------------------------------------------------

void many_cases(benchmark::State& state) {
  namespace fs = std::filesystem;
  const fs::path program = fs::canonical("/proc/self/exe").parent_path().parent_path() / "assay";
  const std::int64_t cases = is_quick() ? 20'000 : 100'000;
  const std::string last_number = std::to_string(cases - 1);
  std::string name = "/tmp/assay-cases-XXXXXX";
  const int file = ::mkstemp(name.data());
  if (file >= 0) ::close(file);
  std::ofstream lines(name);
  for (std::int64_t i = 0; i < cases; ++i) {
    lines << R"({"op":"regex.search","args":{"pattern":"(\\d+)-x","text":"case )" << i
          << "-x\"}}\n";
  }
  lines.close();
  const std::string command = program.string() + " call reference - <" + name + " | tail -n 1";
  for (auto _ : state) {
    std::string last;
    if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
      char line[256];
      while (std::fgets(line, sizeof line, pipe) != nullptr) last = line;
      ::pclose(pipe);
    }
    if (last != R"({"span":[5,12],"groups":[")" + last_number + "\"]}\n") {
      state.SkipWithError("a wrong answer");
      break;
    }
  }
  ::unlink(name.c_str());
  state.SetItemsProcessed(cases * state.iterations());
  state.SetLabel("lines of regex.search through `assay call TESTEE -`, start and end included");
}

// One testee a language, the reference first, and those that were named.
std::vector<testee_definition> one_of_each_language() {
  std::vector<testee_definition> list;
  std::set<std::string> languages;
  for (const auto& name : bundled_testees()) {
    auto testee = load_testee(name);
    if (testee.adapter_command.empty() || !testee.missing().empty()) continue;
    if (languages.insert(testee.language).second) list.push_back(std::move(testee));
  }
  for (auto& testee : named_testees()) {
    if (!testee.adapter_command.empty()) list.push_back(std::move(testee));
  }
  return list;
}

void add_rows() {
  become_subreaper();
  const auto add = [](const char* behaviour, const std::string& implementation, auto... how) {
    const std::string name = std::string("harness/") + behaviour + "/" + implementation;
    return benchmark::RegisterBenchmark(name.c_str(), how...)->UseRealTime();
  };
  const char* const trip = "a round trip of an op";
  const char* const life = "a testee from start to end";
  add(trip, "floor bare lines", bare_ping_pong)->Unit(benchmark::kMicrosecond);
  add(life, "floor a bare process", bare_process)->Unit(benchmark::kMillisecond);
  for (const auto& testee : one_of_each_language()) {
    add(trip, testee.name, round_trip, testee)->Unit(benchmark::kMicrosecond);
    add(life, testee.name, start_to_end, testee)->Unit(benchmark::kMillisecond);
  }
  add("cases through assay call", "reference", many_cases)->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace assay::bench

int main(int argc, char** argv) {
  using namespace assay::bench;
  return run_benchmarks(argc, argv, add_rows);
}
