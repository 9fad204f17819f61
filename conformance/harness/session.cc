#include "conformance/harness/session.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <set>
#include <stdexcept>

#include "conformance/harness/fixtures.h"
#include "conformance/harness/proc.h"

namespace assay {
namespace {

session* running = nullptr;

session& required_session() {
  if (running == nullptr) {
    throw std::logic_error("there is no testee: requirements are run by `assay check`");
  }
  return *running;
}

std::string first_line(const std::string& text) {
  const auto start = text.find_first_not_of("\r\n ");
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_first_of("\r\n", start) - start);
}

std::string version_of(const testee_definition& testee) {
  if (testee.version_command.empty()) return {};
  const scratch_directory directory;
  launch_options options;
  options.command = testee.expand(testee.version_command, {{"scratch", directory.path()}});
  options.directory = directory.path();
  become_subreaper();
  child_process process(options);
  const auto status = process.wait(scaled(5s));
  process.end(0ns);
  if (!status) throw testee_failure("hang", options.command[0] + " does not tell its version");
  // nginx -v and others write it to standard error.
  std::string line = first_line(process.out());
  if (line.empty()) line = first_line(process.err());
  // "nginx version: nginx/1.22.1": the number alone, where there is one.
  std::smatch number;
  return std::regex_search(line, number, std::regex(R"([0-9]+(\.[0-9]+)+)")) ? number.str() : line;
}

// What the adapter itself claims must be what testee.toml says of the areas that are not a
// server's.
void check_agreement(const testee_definition& testee, const hello_info& hello) {
  const auto of_adapter = [](const std::vector<std::string>& list) {
    std::set<std::string> entries;
    for (const auto& each : list) {
      if (!supports({"server", "crawler", "messenger"},
                    each.substr(each.starts_with('-') ? 1 : 0))) {
        entries.insert(each);
      }
    }
    return entries;
  };
  const auto declared = of_adapter(testee.supports);
  const auto said = of_adapter(hello.supports);
  if (declared == said) return;
  throw testee_failure(
      "malformed reply",
      fmt::format("its hello says that it supports [{}], but {} says [{}]", fmt::join(said, ", "),
                  testee.file.string(), fmt::join(declared, ", ")));
}

}  // namespace

session* current_session() { return running; }

const protocol& protocol_rules() {
  static const protocol rules = protocol::load(fixtures_directory() / "protocol.json");
  return rules;
}

session::session(const testee_definition& testee) : testee_(testee) {
  become_subreaper();
  raise_descriptor_limit();
}

session::~session() {
  if (running == this) running = nullptr;
}

void session::begin(const requirement&) { begin(); }

void session::begin() {
  running = this;
  log_.restart();
  start_ = std::chrono::steady_clock::now();
  verdict_.clear();
  messages_.clear();
  server_used_ = false;
}

void session::add_failure(const std::string& text) {
  if (verdict_.empty() || verdict_ == "not here") verdict_ = "fail";
  messages_.push_back(text);
}

void session::add_ending(const std::string& verdict, const std::string& message) {
  // A testee's end explains the failed expectations around it, not the other way round.
  const bool explains = verdict_ == "fail" && verdict != "not here";
  if (verdict_.empty() || verdict_ == "not here" || explains) verdict_ = verdict;
  messages_.push_back(message);
}

actor& session::main_actor() {
  if (!adapter_) adapter_ = start_adapter(nullptr);
  return adapter_->main_actor();
}

actor& session::actor_in(const network_namespace& where, std::string name) {
  in_networks_.push_back(start_adapter(&where));
  actor& started = in_networks_.back()->main_actor();
  started.state().name = std::move(name);
  return started;
}

std::unique_ptr<adapter_process> session::start_adapter(const network_namespace* network) {
  if (testee_.adapter_command.empty()) {
    throw testee_failure("fail", fmt::format("testee {} has no adapter", testee_.name));
  }
  return std::make_unique<adapter_process>(testee_, protocol_rules(), log_, network);
}

std::filesystem::path session::scratch() {
  if (adapter_) return adapter_->scratch();
  if (!scratch_) scratch_ = std::make_unique<scratch_directory>();
  return scratch_->path();
}

std::string session::standard_error() const {
  return adapter_ ? adapter_->standard_error() : std::string();
}

void session::judge(adapter_process& adapter) {
  const auto died = adapter.unasked_death();
  const auto ended = adapter.end();
  for (const auto& each : {died, ended}) {
    const bool is_open = verdict_.empty() || verdict_ == "not here";
    if (each && is_open) add_ending(each->verdict(), each->what());
  }
  if (!verdict_.empty()) {
    const std::string words = adapter.error_output();
    if (!words.empty()) log_.add("assay", "!", "standard error of the testee: " + words);
  }
}

void session::judge_adapters() {
  for (auto& each : in_networks_) judge(*each);
  in_networks_.clear();
  if (adapter_) judge(*adapter_);
  adapter_.reset();
}

observation session::end() {
  judge_adapters();
  judge_server();
  scratch_.reset();
  running = nullptr;
  observation seen;
  seen.duration = std::chrono::steady_clock::now() - start_;
  seen.verdict = verdict_.empty() ? "pass" : verdict_;
  seen.message = fmt::format("{}", fmt::join(messages_, "\n"));
  seen.transcript = log_.lines();
  return seen;
}

void not_here(const std::string& why) { throw testee_failure("not here", why); }

actor& main_actor() { return required_session().main_actor(); }

actor& actor_in(const network_namespace& where, std::string name) {
  return required_session().actor_in(where, std::move(name));
}

std::string scratch_path(std::string_view name) { return required_session().scratch() / name; }

hello_info describe(const testee_definition& testee) {
  hello_info info;
  if (!testee.adapter_command.empty()) {
    transcript log;
    adapter_process adapter(testee, protocol_rules(), log);
    info = adapter.info();
    adapter.end();
    if (!testee.supports.empty()) check_agreement(testee, info);
  }
  if (!testee.supports.empty()) info.supports = testee.supports;
  if (!testee.implementation.empty()) info.implementation = testee.implementation;
  if (!testee.language.empty()) info.language = testee.language;
  if (info.version.empty()) info.version = version_of(testee);
  return info;
}

namespace detail {

void run_body(const registration& what, void (*body)()) {
  session* const under_test = current_session();
  if (under_test == nullptr) {
    ADD_FAILURE() << what.slug() << " needs a testee: run it by `assay check TESTEE --filter "
                  << what.slug() << "`";
    return;
  }
  try {
    body();
  } catch (const testee_failure& failure) {
    under_test->add_ending(failure.verdict(), failure.what());
  } catch (const std::logic_error& mistake) {
    under_test->add_ending("fail", fmt::format("mistake of the spec: {}", mistake.what()));
  } catch (const std::exception& failure) {
    under_test->add_ending("fail", failure.what());
  }
}

}  // namespace detail
}  // namespace assay
