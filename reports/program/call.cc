#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "conformance/harness/adapter_process.h"
#include "conformance/harness/fixtures.h"
#include "conformance/harness/testee_failure.h"
#include "conformance/protocol/protocol.h"
#include "reports/program/commands.h"
#include "reports/terminal.h"
#include "reports/write_file.h"

namespace assay::program {
namespace {

using nlohmann::json;

struct call_options {
  std::string testee;
  std::string op;
  std::string arguments = "{}";
};

nlohmann::ordered_json error_json(const std::string& type, const std::string& message) {
  return {{"error", {{"type", type}, {"message", message}}}};
}

nlohmann::ordered_json raised_json(const outcome& seen) {
  nlohmann::ordered_json error = {{"type", seen.error_type()}, {"message", seen.error_message()}};
  for (const auto& [key, value] : seen.error_data().items()) {
    if (!error.contains(key)) error[key] = value;
  }
  return {{"error", std::move(error)}};
}

// Prints results with their fields in the order in which protocol.json lists them.
class printer {
 public:
  explicit printer(const std::filesystem::path& file) {
    std::ifstream in(file);
    document_ = nlohmann::ordered_json::parse(in);
  }

  void print(const outcome& seen, const std::string& op) const {
    const auto& result = document_.at("ops").at(op).at("result").get_ref<const std::string&>();
    print(seen.ok() ? ordered(seen.result(), result) : raised_json(seen));
  }

  void print(const nlohmann::ordered_json& value) const {
    // Texts are for people, so that they stay UTF-8; a lone surrogate becomes U+FFFD.
    std::cout << value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
              << '\n';
  }

 private:
  nlohmann::ordered_json ordered(const json& value, std::string type) const {
    while (type.ends_with('?') || type.ends_with("[]")) {
      type.erase(type.ends_with('?') ? type.size() - 1 : type.size() - 2);
    }
    if (value.is_array()) {
      auto list = nlohmann::ordered_json::array();
      for (const auto& each : value) list.push_back(ordered(each, type));
      return list;
    }
    const auto& types = document_.at("types");
    if (!value.is_object() || !types.contains(type) || !types.at(type).is_object()) {
      return nlohmann::ordered_json(value);
    }
    auto object = nlohmann::ordered_json::object();
    for (const auto& [field, field_type] : types.at(type).items()) {
      const std::string name = field.ends_with('?') ? field.substr(0, field.size() - 1) : field;
      if (value.contains(name)) {
        object[name] = ordered(value.at(name), field_type.get<std::string>());
      }
    }
    return object;
  }

  nlohmann::ordered_json document_;
};

// One line of input: a call, or what is wrong with it.
struct line {
  std::string op;
  json params = json::object();
  std::optional<nlohmann::ordered_json> refused;
};

line read_line(const protocol& rules, const std::string& text) {
  line one;
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object() || !parsed.contains("op") ||
      !parsed["op"].is_string() || parsed.size() > 1 + parsed.count("args")) {
    one.refused = error_json("BadRequest", "expected a JSON object {\"op\": text, \"args\": {…}}");
    return one;
  }
  one.op = parsed["op"];
  one.params = parsed.value("args", json::object());
  if (const auto why = rules.check_params(one.op, one.params)) {
    one.refused = error_json("BadRequest", *why);
  }
  return one;
}

// Answers lines in order. Many are sent before the first reply is waited for: a round trip each
// would spend its time in waking up.
void answer_lines(const protocol& rules, const printer& out, adapter_process& testee) {
  constexpr std::size_t batch = 512;
  bool more = true;
  while (more) {
    std::vector<line> lines;
    std::vector<std::pair<std::string, json>> calls;
    for (std::string text; lines.size() < batch;) {
      more = static_cast<bool>(std::getline(std::cin, text));
      if (!more) break;
      if (text.empty()) continue;
      lines.push_back(read_line(rules, text));
      if (!lines.back().refused) calls.emplace_back(lines.back().op, lines.back().params);
      // Somebody who types, or a program that waits for each answer, gets it at once.
      if (std::cin.rdbuf()->in_avail() <= 0) break;
    }
    const std::vector<outcome> outcomes = testee.main_actor().call_all(calls);
    std::size_t next = 0;
    for (const auto& each : lines) {
      if (each.refused) {
        out.print(*each.refused);
      } else {
        out.print(outcomes.at(next++), each.op);
      }
    }
    flush_standard_output();
  }
}

// Lines are answered many at a time, so that what came before the end is told here.
void print_exchange(const transcript& log) {
  for (const auto& each : log.lines()) {
    fmt::print(stderr, "  {} {} {}\n", each.actor, each.direction, printable(each.text));
  }
}

int call(const call_options& options) {
  const testee_definition testee = load_testee(options.testee);
  if (const std::string missing = testee.missing(); !missing.empty()) {
    throw std::runtime_error(fmt::format("{} is not here: {}", testee.name, missing));
  }
  if (testee.adapter_command.empty()) {
    throw std::invalid_argument(
        fmt::format("{} has no adapter: it is met by its port, not by ops", testee.name));
  }
  const std::filesystem::path rules_file = fixtures_directory() / "protocol.json";
  const protocol rules = protocol::load(rules_file);
  const printer out(rules_file);
  json params;
  if (options.op != "-") {
    params = json::parse(options.arguments, nullptr, false);
    if (params.is_discarded()) {
      throw std::invalid_argument(fmt::format("ARGS is no JSON: {}", options.arguments));
    }
    if (const auto why = rules.check_params(options.op, params)) {
      throw std::invalid_argument(*why);
    }
  }
  become_subreaper();
  transcript log;
  adapter_process running(testee, rules, log);
  try {
    if (options.op == "-") {
      std::ios::sync_with_stdio(false);
      answer_lines(rules, out, running);
    } else {
      out.print(running.main_actor().call(options.op, params), options.op);
      flush_standard_output();
    }
  } catch (const testee_failure&) {
    std::cout << std::flush;
    print_exchange(log);
    throw;
  }
  running.end();
  return as_expected;
}

}  // namespace

void add_call(CLI::App& app, context& state) {
  auto options = std::make_shared<call_options>();
  auto* command = app.add_subcommand(
      "call", "perform one op on a testee, or with - the JSON lines {\"op\", \"args\"} of stdin");
  command->add_option("TESTEE", options->testee, "name or path")->required();
  command->add_option("OP", options->op, "an op, as regex.search; - reads lines")->required();
  command->add_option("ARGS", options->arguments, "its arguments, a JSON object (default {})");
  command->callback([options, &state] { state.status = call(*options); });
}

}  // namespace assay::program
