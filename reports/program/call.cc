#include <fmt/core.h>

#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "conformance/harness/adapter_process.h"
#include "conformance/harness/fixtures.h"
#include "conformance/protocol/protocol.h"
#include "reports/program/commands.h"

namespace assay::program {
namespace {

using nlohmann::json;

struct call_options {
  std::string testee;
  std::string op;
  std::string arguments = "{}";
};

json error_json(const std::string& type, const std::string& message) {
  return {{"error", {{"type", type}, {"message", message}}}};
}

json outcome_json(const outcome& seen) {
  if (seen.ok()) return seen.result();
  json error = seen.error_data();
  error["type"] = seen.error_type();
  error["message"] = seen.error_message();
  return {{"error", std::move(error)}};
}

void print(const json& value) {
  // ensure_ascii is off: texts are read by people; a lone surrogate becomes U+FFFD.
  std::cout << value.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
}

// One line of input: a call, or what is wrong with it.
struct line {
  std::string op;
  json params = json::object();
  std::optional<json> refused;
};

line read_line(const protocol& rules, const std::string& text) {
  line one;
  const json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object() || !parsed.contains("op") ||
      !parsed["op"].is_string()) {
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
void answer_lines(const protocol& rules, adapter_process& testee) {
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
      print(each.refused ? *each.refused : outcome_json(outcomes.at(next++)));
    }
    std::cout << std::flush;
    if (!std::cout) throw std::runtime_error("standard output was closed");
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
  const protocol rules = protocol::load(fixtures_directory() / "protocol.json");
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
  if (options.op == "-") {
    std::ios::sync_with_stdio(false);
    answer_lines(rules, running);
  } else {
    print(outcome_json(running.main_actor().call(options.op, params)));
    std::cout << std::flush;
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
