#include "conformance/harness/proc.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <sstream>

namespace assay::proc {
namespace {

// Files of /proc say that they are empty; read to the end instead of asking for their size.
std::optional<std::string> read_all(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::string text;
  char chunk[4096];
  ssize_t got = 0;
  while ((got = ::read(descriptor, chunk, sizeof chunk)) > 0) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  if (got < 0) return std::nullopt;  // ESRCH: it ended while we read
  return text;
}

std::vector<pid_t> numbers_in(const std::string& directory) {
  std::vector<pid_t> numbers;
  std::error_code error;
  for (auto each = std::filesystem::directory_iterator(directory, error);
       !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    const std::string name = each->path().filename();
    pid_t number = 0;
    const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failed == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The fields of a stat file from the third on (state). The second, the name in parentheses, may
// itself hold spaces and parentheses.
std::vector<std::string> stat_fields(const std::string& path) {
  std::vector<std::string> fields;
  const auto text = read_all(path);
  if (!text) return fields;
  const auto close = text->rfind(')');
  if (close == std::string::npos) return fields;
  std::istringstream in(text->substr(close + 1));
  for (std::string field; in >> field;) fields.push_back(field);
  return fields;
}

std::vector<std::string> stat_fields(pid_t pid) {
  return stat_fields(fmt::format("/proc/{}/stat", pid));
}

std::int64_t field(const std::vector<std::string>& fields, std::size_t number) {
  return number - 3 < fields.size() ? std::atoll(fields[number - 3].c_str()) : 0;
}

std::optional<std::string> line_of(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  if (at == std::string::npos) return std::nullopt;
  return text.substr(at + key.size(), text.find('\n', at) - at - key.size());
}

}  // namespace

std::optional<char> state(pid_t pid, pid_t tid) {
  const auto fields = stat_fields(fmt::format("/proc/{}/task/{}/stat", pid, tid));
  if (fields.empty()) return std::nullopt;
  return fields[0][0];
}

bool exists(pid_t pid) {
  const auto fields = stat_fields(pid);
  return !fields.empty() && fields[0] != "Z" && fields[0] != "X";
}

std::vector<pid_t> threads(pid_t pid) { return numbers_in(fmt::format("/proc/{}/task", pid)); }

std::vector<pid_t> children(pid_t pid) {
  std::vector<pid_t> all;
  for (pid_t tid : threads(pid)) {
    const auto text = read_all(fmt::format("/proc/{}/task/{}/children", pid, tid));
    if (!text) continue;
    std::istringstream in(*text);
    for (pid_t child = 0; in >> child;) all.push_back(child);
  }
  return all;
}

bool is_runnable(pid_t pid) {
  const auto all = threads(pid);
  return std::any_of(all.begin(), all.end(), [pid](pid_t tid) { return state(pid, tid) == 'R'; });
}

std::vector<pid_t> descendants(pid_t pid) {
  std::vector<pid_t> all = children(pid);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (pid_t child : children(all[i])) {
      if (std::find(all.begin(), all.end(), child) == all.end()) all.push_back(child);
    }
  }
  return all;
}

std::vector<std::string> descriptors(pid_t pid) {
  std::vector<std::string> targets;
  const std::string directory = fmt::format("/proc/{}/fd", pid);
  for (pid_t number : numbers_in(directory)) {
    std::error_code error;
    const auto target =
        std::filesystem::read_symlink(fmt::format("{}/{}", directory, number), error);
    if (!error) targets.push_back(target);
  }
  return targets;
}

std::optional<std::int64_t> resident_bytes(pid_t pid) {
  const auto text = read_all(fmt::format("/proc/{}/status", pid));
  if (!text) return std::nullopt;
  const auto value = line_of(*text, "VmRSS:");
  if (!value) return std::nullopt;
  return std::atoll(value->c_str()) * 1024;
}

std::optional<memory> memory_of(pid_t pid) {
  const auto text = read_all(fmt::format("/proc/{}/smaps_rollup", pid));
  if (!text) return std::nullopt;
  const auto bytes = [&](const char* key) {
    return std::atoll(line_of(*text, key).value_or("0").c_str()) * 1024;
  };
  return memory{bytes("Rss:"), bytes("Private_Dirty:"), bytes("Private_Clean:"),
                bytes("Shared_Dirty:"), bytes("Shared_Clean:")};
}

std::chrono::nanoseconds cpu_time(pid_t pid) {
  if (pid <= 0) return {};  // the clock of 0 is this process' own
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0) return {};
  if (::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::chrono::nanoseconds cpu_time(pid_t pid, pid_t tid) {
  const auto text = read_all(fmt::format("/proc/{}/task/{}/schedstat", pid, tid));
  return std::chrono::nanoseconds(text ? std::atoll(text->c_str()) : 0);
}

std::uint64_t context_switches(pid_t pid, pid_t tid) {
  const auto text = read_all(fmt::format("/proc/{}/task/{}/status", pid, tid));
  if (!text) return 0;
  std::uint64_t total = 0;
  for (const char* key : {"\nvoluntary_ctxt_switches:", "\nnonvoluntary_ctxt_switches:"}) {
    total += std::strtoull(line_of(*text, key).value_or("0").c_str(), nullptr, 10);
  }
  return total;
}

std::int64_t voluntary_switches(pid_t pid, pid_t tid) {
  const auto text = read_all(fmt::format("/proc/{}/task/{}/status", pid, tid)).value_or("");
  return std::atoll(line_of(text, "\nvoluntary_ctxt_switches:").value_or("0").c_str());
}

std::string wait_channel(pid_t pid, pid_t tid) {
  const auto text = read_all(fmt::format("/proc/{}/task/{}/wchan", pid, tid));
  return text && *text != "0" ? *text : std::string();
}

std::optional<std::int64_t> network_counter(pid_t pid, const std::string& group,
                                            const std::string& name) {
  for (const char* file : {"snmp", "netstat"}) {
    std::istringstream lines(read_all(fmt::format("/proc/{}/net/{}", pid, file)).value_or(""));
    // A line of names, then one of values, both headed by the group.
    for (std::string names, values; std::getline(lines, names) && std::getline(lines, values);) {
      std::istringstream keys(names), figures(values);
      std::string key, figure;
      keys >> key;
      figures >> figure;
      if (key != group + ":") continue;
      while (keys >> key && figures >> figure) {
        if (key == name) return std::atoll(figure.c_str());
      }
    }
  }
  return std::nullopt;
}

std::string command_line(pid_t pid) {
  auto text = read_all(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::replace(text.begin(), text.end(), '\0', ' ');
  if (!text.empty()) return text;
  text = read_all(fmt::format("/proc/{}/comm", pid)).value_or("?");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return "[" + text + "]";
}

std::vector<pid_t> zombies(pid_t parent) {
  std::vector<pid_t> ended = children(parent);
  std::erase_if(ended, [](pid_t child) { return exists(child); });
  return ended;
}

std::optional<int> wait_status(pid_t pid) {
  const auto fields = stat_fields(pid);
  if (fields.empty() || fields[0] != "Z") return std::nullopt;
  return static_cast<int>(field(fields, 52));
}

}  // namespace assay::proc
