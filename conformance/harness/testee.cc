#include "conformance/harness/testee.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "conformance/harness/fixtures.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void reject(const fs::path& file, const toml::source_region& where,
                         const std::string& what) {
  throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), where.begin.line, what));
}

// One table of the file: takes values out of it by key, with their types checked.
class table_reader {
 public:
  table_reader(const fs::path& file, const toml::table& table, std::string name)
      : file_(file), table_(table), name_(std::move(name)) {}

  void only(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, value] : table_) {
      if (std::find(keys.begin(), keys.end(), key.str()) != keys.end()) continue;
      reject(file_, value.source(),
             fmt::format("unknown key '{}' in {}; it takes {}", key.str(), name_,
                         fmt::join(keys, ", ")));
    }
  }
  std::string text(std::string_view key, bool required = false) const {
    const auto* value = get(key, required);
    if (value == nullptr) return {};
    if (!value->is_string()) wrong(*value, key, "a text");
    return value->as_string()->get();
  }
  std::vector<std::string> texts(std::string_view key, bool required = false) const {
    std::vector<std::string> list;
    const auto* value = get(key, required);
    if (value == nullptr) return list;
    if (!value->is_array()) wrong(*value, key, "a list of texts");
    for (const auto& each : *value->as_array()) {
      if (!each.is_string()) wrong(each, key, "a list of texts");
      list.push_back(each.as_string()->get());
    }
    return list;
  }
  /// A text, or a list of some, each with its line.
  std::vector<std::pair<std::string, int>> text_or_texts(std::string_view key) const {
    const auto* value = get(key, true);
    if (value->is_string()) return {{value->as_string()->get(), line_of(*value)}};
    if (!value->is_array() || value->as_array()->empty()) wrong(*value, key, "a text or some");
    std::vector<std::pair<std::string, int>> list;
    for (const auto& each : *value->as_array()) {
      if (!each.is_string()) wrong(each, key, "a text or some");
      list.emplace_back(each.as_string()->get(), line_of(each));
    }
    return list;
  }
  std::vector<std::string> command(std::string_view key, bool required = false) const {
    auto list = texts(key, required);
    const auto* value = table_.get(key);
    if (value != nullptr && list.empty()) wrong(*value, key, "a program and its arguments");
    // It is started in the scratch directory, from where no relative path leads to it.
    if (!list.empty() && list[0].find('/') != std::string::npos &&
        list[0].find_first_of("/{") != 0) {
      const std::string inside = list[0].starts_with("./") ? list[0].substr(2) : list[0];
      reject(file_, value->source(),
             fmt::format("the program '{}' must be a name, or a path that begins with / or a "
                         "placeholder, as {{testee}}/{}",
                         list[0], inside));
    }
    return list;
  }
  const toml::table* table(std::string_view key) const {
    const auto* value = get(key, false);
    if (value == nullptr) return nullptr;
    if (!value->is_table()) wrong(*value, key, "a table");
    return value->as_table();
  }

 private:
  static int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }
  const toml::node* get(std::string_view key, bool required) const {
    const auto* value = table_.get(key);
    if (value == nullptr && required) {
      reject(file_, table_.source(), fmt::format("{} needs the key '{}'", name_, key));
    }
    return value;
  }
  [[noreturn]] void wrong(const toml::node& value, std::string_view key, const char* what) const {
    reject(file_, value.source(), fmt::format("'{}' in {} must be {}", key, name_, what));
  }
  const fs::path& file_;
  const toml::table& table_;
  std::string name_;
};

server_definition read_server(const fs::path& file, const toml::table& table) {
  const table_reader reader(file, table, "[server]");
  reader.only({"command", "plain_command", "files"});
  server_definition server;
  server.command = reader.command("command", true);
  server.plain_command = reader.command("plain_command");
  if (const auto* files = reader.table("files")) {
    const table_reader texts(file, *files, "[server.files]");
    for (const auto& [key, value] : *files) {
      server.files[std::string(key.str())] = texts.text(key.str());
    }
  }
  return server;
}

void read_expectations(const fs::path& file, const toml::table& document,
                       testee_definition& testee) {
  const auto* value = document.get("expect");
  if (value == nullptr) return;
  const auto* list = value->as_array();
  if (list == nullptr || !list->is_homogeneous(toml::node_type::table)) {
    reject(file, value->source(), "expectations are written as [[expect]]");
  }
  for (const auto& each : *list) {
    const table_reader reader(file, *each.as_table(), "[[expect]]");
    reader.only({"requirement", "verdict", "reason"});
    const std::string verdict = reader.text("verdict", true);
    const std::string reason = reader.text("reason", true);
    constexpr std::string_view verdicts[] = {"fail", "crash", "fail or crash", "hang",
                                             "malformed reply"};
    if (std::find(std::begin(verdicts), std::end(verdicts), verdict) == std::end(verdicts)) {
      reject(file, each.source(),
             fmt::format("verdict '{}' in [[expect]]; it takes {}", verdict,
                         fmt::join(verdicts, ", ")));
    }
    if (reason.empty()) reject(file, each.source(), "an expectation needs a reason");
    for (const auto& [requirement, line] : reader.text_or_texts("requirement")) {
      for (const auto& other : testee.expectations) {
        if (other.requirement != requirement) continue;
        reject(file, each.source(),
               fmt::format("'{}' is expected twice, first in line {}", requirement, other.line));
      }
      testee.expectations.push_back({requirement, verdict, reason, line});
    }
  }
}

testee_definition read_testee(const fs::path& file, const std::string& variant) {
  toml::table document;
  try {
    document = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    reject(file, error.source(), std::string(error.description()));
  }
  const table_reader reader(file, document, "testee.toml");
  reader.only({"name", "implementation", "language", "summary", "supports", "requires",
               "debian_packages", "version", "adapter", "server", "crawler", "messenger",
               "expect"});
  testee_definition testee;
  testee.file = file;
  testee.name = reader.text("name", true);
  if (testee.name.empty() || testee.name.find_first_of(":/ ") != std::string::npos) {
    reject(file, document.get("name")->source(),
           fmt::format("'{}' is no name: it may not be empty or hold ':', '/' or a space",
                       testee.name));
  }
  testee.variant = variant;
  if (!variant.empty()) testee.name += ":" + variant;
  testee.implementation = reader.text("implementation");
  testee.language = reader.text("language");
  testee.summary = reader.text("summary");
  testee.supports = reader.texts("supports");
  testee.required_programs = reader.texts("requires");
  testee.debian_packages = reader.texts("debian_packages");
  testee.version_command = reader.command("version");
  if (const auto* adapter = reader.table("adapter")) {
    const table_reader inner(file, *adapter, "[adapter]");
    inner.only({"command", "others"});
    testee.adapter_command = inner.command("command", true);
    const std::string others = inner.text("others");
    if (!others.empty() && others != "processes" && others != "threads") {
      reject(file, adapter->get("others")->source(),
             fmt::format("'others' in [adapter] is processes or threads, not '{}'", others));
    }
    testee.others_are_threads = others == "threads";
  }
  if (const auto* server = reader.table("server")) testee.server = read_server(file, *server);
  for (const auto& [name, command] : {std::pair("crawler", &testee.crawler_command),
                                      std::pair("messenger", &testee.messenger_command)}) {
    const auto* program = reader.table(name);
    if (program == nullptr) continue;
    const table_reader inner(file, *program, fmt::format("[{}]", name));
    inner.only({"command"});
    *command = inner.command("command", true);
  }
  if (testee.adapter_command.empty() && !testee.server && testee.crawler_command.empty() &&
      testee.messenger_command.empty()) {
    reject(file, document.source(),
           "a testee needs an [adapter], a [server], a [crawler] or a [messenger]");
  }
  read_expectations(file, document, testee);
  return testee;
}

std::vector<std::string> bundled_names(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (fs::exists(entry.path() / "testee.toml")) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::vector<std::string> bundled_testees() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fixtures_directory() / "testees")) {
    const std::string name = entry.path().filename().string();
    if (name != "saboteur" && fs::exists(entry.path() / "testee.toml")) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  // The reference is what the others are read against.
  const auto reference = std::find(names.begin(), names.end(), "reference");
  if (reference != names.end()) std::rotate(names.begin(), reference, reference + 1);
  return names;
}

testee_definition load_testee(const std::string& name_or_path) {
  const bool is_path =
      name_or_path.find('/') < name_or_path.find(':') || name_or_path.ends_with(".toml");
  std::string name = name_or_path;
  std::string variant;
  if (const auto colon = name.find(':'); colon != std::string::npos && !fs::exists(name)) {
    variant = name.substr(colon + 1);
    name.resize(colon);
  }
  fs::path file;
  if (is_path) {
    file = fs::is_directory(name) ? fs::path(name) / "testee.toml" : fs::path(name);
    if (!fs::exists(file)) throw std::runtime_error(fmt::format("{}: no such file", name));
  } else {
    const fs::path bundled = fixtures_directory() / "testees";
    file = bundled / name / "testee.toml";
    if (name.empty() || !fs::exists(file)) {
      throw std::runtime_error(
          fmt::format("there is no testee '{}'; bundled are: {}; or give the path of a testee.toml",
                      name, fmt::join(bundled_names(bundled), ", ")));
    }
  }
  testee_definition testee = read_testee(fs::absolute(file).lexically_normal(), variant);
  testee.asked = name_or_path;
  return testee;
}

std::string testee_definition::missing() const {
  const auto packages = debian_packages.empty()
                            ? std::string()
                            : fmt::format(" (Debian package {})", fmt::join(debian_packages, ", "));
  for (const auto& each : required_programs) {
    const std::string program = expand(each, {});
    if (find_program(program).empty() && !fs::exists(program)) return program + packages;
  }
  // What stands in a command must be here too, whether `requires` repeats it or not.
  const std::map<std::string, std::string> later{
      {"scratch", ""}, {"port", ""}, {"root", ""}, {"url", ""}, {"directory", ""}};
  for (const auto* command : {&adapter_command, server ? &server->command : nullptr,
                              &crawler_command, &messenger_command}) {
    if (command == nullptr || command->empty()) continue;
    const std::string program = expand(command->front(), later);
    if (find_program(program).empty()) return program + packages;
  }
  return {};
}

std::string testee_definition::expand(std::string_view text,
                                      const std::map<std::string, std::string>& more) const {
  const fs::path data = fixtures_directory();
  std::map<std::string, std::string> all{
      {"testee", file.parent_path()}, {"bin", program_directory()}, {"data", data},
      {"sdk", data / "sdk"},          {"variant", variant},
  };
  all.insert(more.begin(), more.end());
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      result += c;
      ++i;
    } else if (c == '{') {
      const auto end = std::min(text.find('}', i), text.size());
      const std::string word(text.substr(i + 1, end - i - 1));
      const auto at = all.find(word);
      if (at == all.end() || end == text.size()) {
        throw std::runtime_error(
            fmt::format("{}: unknown placeholder '{{{}}}' (a literal brace is written {{{{)",
                        file.string(), word));
      }
      result += at->second;
      i = end;
    } else {
      result += c;
    }
  }
  return result;
}

std::vector<std::string> testee_definition::expand(
    const std::vector<std::string>& command, const std::map<std::string, std::string>& more) const {
  std::vector<std::string> result;
  for (const auto& each : command) result.push_back(expand(each, more));
  return result;
}

bool supports(const std::vector<std::string>& list, std::string_view slug) {
  bool covered = false;
  std::size_t most_specific = 0;
  for (std::string_view entry : list) {
    const bool removes = entry.starts_with('-');
    if (removes) entry.remove_prefix(1);
    const bool applies =
        slug == entry || (slug.starts_with(entry) && slug.size() > entry.size() &&
                          (slug[entry.size()] == '.' || slug[entry.size()] == '/'));
    if (!applies || entry.size() < most_specific) continue;
    // At the same length a removal wins, in whichever order the two stand.
    covered = removes ? false : entry.size() > most_specific || covered;
    most_specific = entry.size();
  }
  return covered;
}

fs::path find_program(const std::string& name) {
  const auto is_program = [](const fs::path& file) {
    return fs::is_regular_file(file) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) return is_program(name) ? fs::path(name) : fs::path();
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  // Servers often stand where only root's PATH leads.
  const std::string all = std::string(rest) + ":/usr/local/sbin:/usr/sbin:/sbin";
  for (rest = all; !name.empty();) {
    const auto colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (is_program(candidate)) return candidate;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return {};
}

}  // namespace assay
