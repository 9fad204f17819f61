#include "reports/bench.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace assay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view program_suffix = "_bench";
constexpr std::size_t last_words = 2000;

fs::path programs_of(const fs::path& given) {
  if (!given.empty()) return given;
  return fs::read_symlink("/proc/self/exe").parent_path() / "bench";
}

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

struct pipe_ends {
  int read = -1;
  int write = -1;
};

pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe2");
  return {ends[0], ends[1]};
}

struct ended_program {
  int status = 0;
  std::string output;
  std::string errors;
};

// Between fork and exec only what a signal handler may do.
[[noreturn]] void become(const std::vector<char*>& arguments, const std::vector<char*>& environment,
                         int output, int errors) {
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execve(arguments.front(), arguments.data(), environment.data());
  constexpr std::string_view message = "cannot be executed\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(127);
}

// Appends what is there; false at the end of file.
bool drain(int descriptor, std::string& into) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

// Reads both pipes to their ends, telling `tick` about once a second that time passes.
void collect(int output, int errors, ended_program& into, const std::function<void()>& tick) {
  std::array<pollfd, 2> watched{{{output, POLLIN, 0}, {errors, POLLIN, 0}}};
  auto next_tick = std::chrono::steady_clock::now();
  while (watched[0].fd >= 0 || watched[1].fd >= 0) {
    if (std::chrono::steady_clock::now() >= next_tick) {
      tick();
      next_tick += std::chrono::seconds(1);
    }
    if (::poll(watched.data(), watched.size(), 250) < 0 && errno != EINTR) throw_errno("poll");
    for (auto& each : watched) {
      if (each.fd < 0 || each.revents == 0) continue;
      if (!drain(each.fd, each.fd == output ? into.output : into.errors)) each.fd = -1;
    }
  }
}

ended_program run_program(std::vector<std::string> arguments, const bench_options& options,
                          const std::function<void()>& tick) {
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::string quick_variable = "ASSAY_BENCH_QUICK=1";
  std::string testees_variable =
      fmt::format("ASSAY_BENCH_TESTEES={}", fmt::join(options.testees, "\n"));
  std::vector<char*> environment{testees_variable.data()};
  if (options.quick) environment.push_back(quick_variable.data());
  for (char** each = environ; *each != nullptr; ++each) environment.push_back(*each);
  environment.push_back(nullptr);
  const pipe_ends output = make_pipe();
  const pipe_ends errors = make_pipe();
  const pid_t child = ::fork();
  if (child < 0) throw_errno("fork");
  if (child == 0) become(pointers, environment, output.write, errors.write);
  ::close(output.write);
  ::close(errors.write);
  ended_program ended;
  collect(output.read, errors.read, ended, tick);
  ::close(output.read);
  ::close(errors.read);
  while (::waitpid(child, &ended.status, 0) < 0) {
    if (errno != EINTR) throw_errno("waitpid");
  }
  return ended;
}

std::string ending(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("died by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("ended with exit status {}", WEXITSTATUS(status));
}

std::string tail_of(const std::string& text) {
  return text.size() <= last_words ? text : "…" + text.substr(text.size() - last_words);
}

[[noreturn]] void complain(const std::vector<std::string>& arguments, const std::string& how,
                           const std::string& errors) {
  std::string command;
  for (const auto& argument : arguments) command += (command.empty() ? "" : " ") + argument;
  throw std::runtime_error(
      fmt::format("{} {}\n{}run it alone to see more, or leave its area out with --area:\n  {}",
                  arguments.front(), how, tail_of(errors), command));
}

std::vector<std::string> command_line(const fs::path& program, const bench_options& options) {
  const int repetitions = options.repetitions > 0 ? options.repetitions : options.quick ? 3 : 10;
  std::vector<std::string> arguments{
      program.string(),
      "--benchmark_format=json",
      "--benchmark_enable_random_interleaving=true",
      fmt::format("--benchmark_repetitions={}", repetitions),
  };
  if (options.quick) arguments.emplace_back("--benchmark_min_time=0.05");
  if (!options.filter.empty()) arguments.push_back("--benchmark_filter=" + options.filter);
  return arguments;
}

void append_rows(const std::vector<std::string>& arguments, const std::string& area,
                 const ended_program& ended, json& rows) {
  // A filter that fits nothing here leaves the output empty and says so on stderr.
  if (ended.output.empty() && ended.errors.find("match any benchmarks") != std::string::npos)
    return;
  const json report = json::parse(ended.output, nullptr, false);
  if (!report.is_object() || !report.contains("benchmarks")) {
    complain(arguments, "wrote no JSON of Google Benchmark", ended.errors);
  }
  // Interleaving shuffles the rows; their order is that of the program again.
  std::vector<json> measured = report.at("benchmarks");
  std::stable_sort(measured.begin(), measured.end(), [](const json& a, const json& b) {
    const auto place = [](const json& row) {
      return std::array{row.value("family_index", 0), row.value("per_family_instance_index", 0),
                        row.value("repetition_index", 0)};
    };
    return place(a) < place(b);
  });
  for (json& row : measured) {
    const std::string full = row.value("run_name", row.at("name").get<std::string>());
    bench_name name = parse_bench_name(full);
    if (name.area != area) {
      complain(arguments, fmt::format("measured '{}', which is of another area", full), "");
    }
    row["area"] = std::move(name.area);
    row["behaviour"] = std::move(name.behaviour);
    row["implementation"] = std::move(name.implementation);
    rows.push_back(std::move(row));
  }
}

bool is_appended_part(std::string_view part) {
  if (part == "real_time" || part == "manual_time" || part == "process_time") return true;
  for (const std::string_view key :
       {"iterations:", "repeats:", "min_time:", "min_warmup_time:", "threads:"}) {
    if (part.substr(0, key.size()) == key) return true;
  }
  return false;
}

}  // namespace

bench_name parse_bench_name(std::string_view name) {
  std::string_view rest = name;
  auto last = rest.rfind('/');
  while (last != std::string_view::npos && is_appended_part(rest.substr(last + 1))) {
    rest = rest.substr(0, last);
    last = rest.rfind('/');
  }
  const auto first = rest.find('/');
  if (first == std::string_view::npos || first == 0 || last <= first + 1 ||
      last + 1 == rest.size()) {
    throw std::runtime_error(
        fmt::format("benchmark '{}': a name is AREA/BEHAVIOUR/IMPLEMENTATION", name));
  }
  return {std::string(rest.substr(0, first)), std::string(rest.substr(first + 1, last - first - 1)),
          std::string(rest.substr(last + 1))};
}

std::vector<std::string> bench_areas(const fs::path& programs) {
  std::vector<std::string> areas;
  std::error_code not_there;
  for (const auto& entry : fs::directory_iterator(programs_of(programs), not_there)) {
    const std::string name = entry.path().filename().string();
    if (name.size() <= program_suffix.size() || !name.ends_with(program_suffix)) continue;
    if (::access(entry.path().c_str(), X_OK) != 0 || !entry.is_regular_file()) continue;
    areas.push_back(name.substr(0, name.size() - program_suffix.size()));
  }
  std::sort(areas.begin(), areas.end());
  return areas;
}

json run_benchmarks(const bench_options& options) {
  const std::vector<std::string> known = bench_areas(options.programs);
  if (known.empty()) {
    throw std::runtime_error(fmt::format(
        "{}: there are no benchmark programs; configure with -DASSAY_BUILD_BENCH=ON and build",
        programs_of(options.programs).string()));
  }
  for (const auto& area : options.areas) {
    if (std::find(known.begin(), known.end(), area) == known.end()) {
      std::string list;
      for (const auto& each : known) list += (list.empty() ? "" : ", ") + each;
      throw std::invalid_argument(
          fmt::format("area '{}' has no benchmarks; these have: {}", area, list));
    }
  }
  json rows = json::array();
  std::string said;
  for (const auto& area : options.areas.empty() ? known : options.areas) {
    const auto program = programs_of(options.programs) / (area + std::string(program_suffix));
    const auto arguments = command_line(program, options);
    const auto start = std::chrono::steady_clock::now();
    const ended_program ended = run_program(arguments, options, [&] {
      if (!options.on_progress) return;
      const auto passed = std::chrono::steady_clock::now() - start;
      options.on_progress(
          area, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(passed).count()));
    });
    if (ended.status != 0) complain(arguments, ending(ended.status), ended.errors);
    append_rows(arguments, area, ended, rows);
    said = tail_of(said + ended.errors);
  }
  if (rows.empty() && options.filter.empty()) {
    throw std::runtime_error("there is nothing that can be measured here:\n" + said);
  }
  if (rows.empty()) {
    throw std::invalid_argument(fmt::format("no benchmark fits the filter '{}'", options.filter));
  }
  return {{"schema", 1}, {"machine", options.machine}, {"benchmarks", std::move(rows)}};
}

}  // namespace assay
