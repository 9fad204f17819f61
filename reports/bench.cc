#include "reports/bench.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "conformance/harness/child_process.h"
#include "conformance/harness/scratch_directory.h"

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
      "--benchmark_enable_random_interleaving=true",
      fmt::format("--benchmark_repetitions={}", repetitions),
  };
  arguments.emplace_back(options.quick ? "--benchmark_min_time=0.05" : "--benchmark_min_time=0.1");
  if (!options.filter.empty()) arguments.push_back("--benchmark_filter=" + options.filter);
  return arguments;
}

// What a program of benchmarks said on standard error, and the JSON that it wrote.
struct ended_program {
  std::string errors;
  std::string json;
};

ended_program run_program(const std::vector<std::string>& command, const std::string& area,
                          const bench_options& options) {
  const scratch_directory folder;
  const fs::path file = folder.path() / "rows.json";
  launch_options launch;
  launch.command = command;
  launch.command.push_back("--benchmark_out=" + file.string());
  launch.command.emplace_back("--benchmark_out_format=json");
  launch.directory = fs::current_path();
  launch.environment["ASSAY_BENCH_TESTEES"] = fmt::format("{}", fmt::join(options.testees, "\n"));
  if (options.quick) launch.environment["ASSAY_BENCH_QUICK"] = "1";
  const auto start = std::chrono::steady_clock::now();
  child_process program(launch);
  std::optional<int> status;
  while (!status) {
    if (options.on_progress) {
      const auto passed = std::chrono::steady_clock::now() - start;
      options.on_progress(
          area, static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(passed).count()));
    }
    status = program.wait(std::chrono::seconds(1));
  }
  program.end(std::chrono::seconds(0));  // all that it printed has been read then
  if (*status != 0) complain(command, describe_wait_status(*status), program.err());
  std::ifstream in(file);
  return {program.err(), std::string(std::istreambuf_iterator<char>(in), {})};
}

void append_rows(const std::vector<std::string>& command, const std::string& area,
                 const ended_program& ended, json& rows) {
  // A filter that fits nothing here leaves the file empty and says so on stderr.
  if (ended.json.empty() && ended.errors.find("match any benchmarks") != std::string::npos) return;
  const json report = json::parse(ended.json, nullptr, false);
  if (!report.is_object() || !report.contains("benchmarks")) {
    complain(command, "wrote no JSON of Google Benchmark", ended.errors);
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
      complain(command, fmt::format("measured '{}', which is of another area", full), "");
    }
    row["area"] = std::move(name.area);
    row["behaviour"] = std::move(name.behaviour);
    row["implementation"] = std::move(name.implementation);
  }
  for (json& row : measured) rows.push_back(std::move(row));
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
  become_subreaper();
  json rows = json::array();
  json failures = json::array();
  std::string said;
  for (const auto& area : options.areas.empty() ? known : options.areas) {
    const auto program = programs_of(options.programs) / (area + std::string(program_suffix));
    const auto command = command_line(program, options);
    try {
      const ended_program ended = run_program(command, area, options);
      append_rows(command, area, ended, rows);
      said = tail_of(said + ended.errors);
    } catch (const std::exception& error) {
      failures.push_back({{"area", area}, {"message", error.what()}});
    }
  }
  if (rows.empty() && !failures.empty()) {
    throw std::runtime_error(failures.front().at("message").get<std::string>());
  }
  if (rows.empty() && options.filter.empty()) {
    throw std::runtime_error("there is nothing that can be measured here:\n" + said);
  }
  if (rows.empty()) {
    throw std::invalid_argument(fmt::format("no benchmark fits the filter '{}'", options.filter));
  }
  return {{"schema", 1},
          {"machine", options.machine},
          {"benchmarks", std::move(rows)},
          {"failures", std::move(failures)}};
}

}  // namespace assay
