#include "bench/testees.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "bench/rows.h"
#include "conformance/harness/adapter_process.h"
#include "conformance/harness/child_process.h"
#include "conformance/harness/session.h"

namespace assay::bench {
namespace {

using nlohmann::json;

using namespace std::chrono_literals;

/// What is performed and timed.
struct script {
  std::string area;
  std::string needs;  ///< the requirement that says a testee has this; who does not support it,
                      ///< has no row. Empty: the area will do
  std::string behaviour;
  std::string setup;  ///< a JSON list of steps, performed once before
  std::string steps;  ///< a JSON list of steps: one round
  std::string last;   ///< the JSON of what the last step of a round returns
};

// PORT is the port of what the setup's last step returns, TEXT the text for regex.
const std::vector<script> scripts{
    {"regex", "regex.groups/numbered", "search in 4 KiB", "[]",
     R"([{"op": "regex.search",
          "params": {"pattern": "[a-zA-Z0-9_]{4,20}@(163|126|qq)\\.com", "text": "TEXT"}}])",
     R"({"span": [4060, 4073], "groups": ["163"]})"},
    {"http", "", "parse a small GET", "[]",
     R"([{"op": "http.parse_request", "params": {"bytes": {"base64":
          "R0VUIC9pbmRleC5odG1sIEhUVFAvMS4xDQpIb3N0OiBleGFtcGxlLm9yZw0KQWNjZXB0OiAqLyoNCg0K"}}}])",
     ""},
    {"queue", "", "put and get in one process",
     R"([{"op": "queue.open", "params": {"queue": "bench"}}])",
     R"([{"op": "queue.put", "params": {"queue": "bench", "item": "a message"}},
         {"op": "queue.get", "params": {"queue": "bench"}}])",
     R"("a message")"},
    {"pool", "", "a task there and its value back",
     R"([{"op": "pool.open", "params": {"pool": "bench", "size": 2}}])",
     R"([{"op": "pool.apply", "params": {"pool": "bench", "steps":
          [{"op": "script.return", "params": {"value": 7}}]}}])",
     "7"},
    {"iterator", "", "make a list and its iterator, and take an item", "[]",
     R"([{"op": "iterator.make", "params": {"object": "bench", "kind": "list", "items": [7]}},
         {"op": "iterator.iter", "params": {"object": "bench", "as": "bench iterator"}},
         {"op": "iterator.next", "params": {"object": "bench iterator"}}])",
     "7"},
    {"generator", "", "resume until the next yield",
     R"([{"op": "generator.open", "params": {"generator": "bench", "steps":
          [{"op": "script.repeat", "params": {"steps":
            [{"op": "generator.yield", "params": {"value": 7}}]}}]}}])",
     R"([{"op": "generator.next", "params": {"generator": "bench"}}])", "7"},
    {"greenlet", "", "switch to a greenlet and back",
     R"([{"op": "greenlet.create", "params": {"greenlet": "bench", "steps":
          [{"op": "script.repeat", "params": {"steps":
            [{"op": "greenlet.switch", "params": {"greenlet": "main", "values": [7]}}]}}]}}])",
     R"([{"op": "greenlet.switch", "params": {"greenlet": "bench"}}])", "7"},
    {"green", "", "spawn and join", "[]",
     R"([{"op": "green.spawn", "params": {"green": "bench", "steps": []}},
         {"op": "green.join", "params": {"green": "bench"}}])",
     "null"},
    {"udp", "", "a datagram to oneself",
     R"([{"op": "udp.open", "params": {"socket": "bench"}},
         {"op": "udp.bind", "params": {"socket": "bench", "host": "127.0.0.1", "port": 0}},
         {"op": "udp.local_name", "params": {"socket": "bench"}}])",
     R"([{"op": "udp.send_to", "params": {"socket": "bench", "data": {"base64": "YmVuY2g="},
                                          "host": "127.0.0.1", "port": "PORT"}},
         {"op": "udp.receive_from", "params": {"socket": "bench", "timeout": 5}}])",
     R"({"data": {"base64": "YmVuY2g="}, "address": ["127.0.0.1", "PORT"]})"},
    {"tcp", "", "connect, accept, send, close",
     R"([{"op": "tcp.open", "params": {"socket": "listener"}},
         {"op": "tcp.bind", "params": {"socket": "listener", "host": "127.0.0.1", "port": 0}},
         {"op": "tcp.listen", "params": {"socket": "listener", "backlog": 16}},
         {"op": "tcp.local_name", "params": {"socket": "listener"}}])",
     R"([{"op": "tcp.open", "params": {"socket": "client"}},
         {"op": "tcp.connect", "params": {"socket": "client", "host": "127.0.0.1",
                                          "port": "PORT"}},
         {"op": "tcp.accept", "params": {"socket": "listener", "as": "served", "timeout": 5}},
         {"op": "tcp.send_all", "params": {"socket": "client", "data": {"base64": "YmVuY2g="}}},
         {"op": "tcp.close", "params": {"socket": "served"}},
         {"op": "tcp.reset", "params": {"socket": "client"}}])",
     "null"},
};

/// An op of the area cost; it times itself.
struct self_timed {
  std::string needs;  ///< as above
  std::string behaviour;
  std::string op;
  std::string kind;
  int count;
};
const std::vector<self_timed> costs{
    {"cost.start/process-costs-more-than-thread", "start and reap a process", "cost.start",
     "process", 10},
    {"cost.start/thread-costs-more-than-coroutine", "start and join a thread", "cost.start",
     "thread", 100},
    {"", "start and end a coroutine", "cost.start", "coroutine", 10'000},
    {"cost.switch/processes-are-switched-by-the-kernel",
     "hand over from process to process, on one processor", "cost.switch", "process", 2'000},
    {"cost.switch/threads-are-switched-by-the-kernel",
     "hand over from thread to thread, on one processor", "cost.switch", "thread", 2'000},
    {"", "switch between coroutines", "cost.switch", "coroutine", 100'000},
};

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
  return text;
}

// 4,073 characters, the address that is looked for at their end.
std::string text_with_an_address() {
  std::string text;
  while (text.size() < 4060) text += "no address stands in these words, nor in a_b@c.d, ";
  return text.substr(0, 4059) + " hello@163.com";
}

/// One round of a script on a testee, prepared and verified.
class prepared_script {
 public:
  prepared_script(actor& main, const script& what) : main_(main) {
    json got;
    for (const auto& step : json::parse(what.setup)) {
      got = main.call(step.at("op").get<std::string>(), step.at("params")).result();
    }
    const auto fill = [&](std::string text) {
      if (got.is_array()) text = replaced(text, "\"PORT\"", got.at(1).dump());
      return json::parse(replaced(text, "TEXT", text_with_an_address()));
    };
    steps_ = fill(what.steps);
    verify(what.last.empty() ? std::nullopt : std::optional(fill(what.last)));
    find_rounds();
  }

  /// Seconds of one round.
  double measure() { return perform(rounds_) / static_cast<double>(rounds_); }

 private:
  double perform(std::int64_t rounds) {
    const json params = {{"steps", steps_}, {"repeat", rounds}, {"log", false}};
    const json got = main_.call("script.run", params).result();
    return got.at("elapsed_ns").get<double>() * 1e-9;
  }

  // What is not logged raises unnoticed, so that some rounds are looked at before.
  void verify(const std::optional<json>& last) {
    const json got = main_.call("script.run", {{"steps", steps_}, {"repeat", 3}}).result();
    const json& events = got.at("events");
    for (const auto& event : events) {
      if (event.contains("error")) throw std::runtime_error("it raised " + event["error"].dump());
      if (!last || event.at("step") != steps_.size() - 1) continue;
      if (event.at("result") != *last) {
        throw std::runtime_error("a wrong answer: " + event["result"].dump());
      }
    }
  }

  void find_rounds() {
    const double enough = is_quick() ? 0.02 : 0.2;
    while (perform(rounds_) < enough && rounds_ < 1 << 24) rounds_ *= 2;
  }

  actor& main_;
  json steps_;
  std::int64_t rounds_ = 1;
};

/// A testee's adapter, started when it is first needed, and what is prepared there.
class bench_testee {
 public:
  explicit bench_testee(testee_definition definition) : definition_(std::move(definition)) {}

  const testee_definition& definition() const { return definition_; }
  const std::string& name() const { return definition_.name; }
  actor& main() {
    if (!running_) {
      log_ = std::make_unique<transcript>();
      running_ = std::make_unique<adapter_process>(definition_, protocol_rules(), *log_);
    }
    return running_->main_actor();
  }
  prepared_script& prepared(const script& what) {
    return scripts_.try_emplace(&what, main(), what).first->second;
  }
  /// After it could not go on: the next row starts it anew.
  void end() {
    scripts_.clear();
    running_.reset();
  }

 private:
  testee_definition definition_;
  std::unique_ptr<transcript> log_;
  std::unique_ptr<adapter_process> running_;
  std::map<const script*, prepared_script> scripts_;
};

// Runs a row; a testee that dies, hangs or lies costs its own row only.
template <class measure>
void row(benchmark::State& state, bench_testee& testee, const measure& seconds) {
  for (auto _ : state) {
    try {
      state.SetIterationTime(seconds());
    } catch (const testee_failure& ended) {
      testee.end();
      return state.SkipWithError(ended.what());
    } catch (const std::exception& wrong) {
      return state.SkipWithError(wrong.what());
    }
  }
}

void add_row(const std::string& area, const std::string& behaviour, const std::string& remark,
             bench_testee& testee, std::function<double()> seconds) {
  const std::string name = area + "/" + behaviour + " (through ops)/" + testee.name();
  benchmark::RegisterBenchmark(
      name.c_str(),
      [&testee, remark, seconds = std::move(seconds)](benchmark::State& state) {
        row(state, testee, seconds);
        state.SetLabel("timed by the testee itself" + remark);
      })
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

double median_of(std::vector<double> list) {
  const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
  std::nth_element(list.begin(), middle, list.end());
  return *middle;
}

bool has_area(const testee_definition& testee, const std::string& area) {
  return std::any_of(testee.supports.begin(), testee.supports.end(), [&](const auto& each) {
    return each == area || each.starts_with(area + ".");
  });
}

bool has_what_it_needs(const testee_definition& testee, const std::string& needs) {
  return needs.empty() || supports(testee.supports, needs);
}

}  // namespace

std::vector<testee_definition> named_testees() {
  std::vector<testee_definition> list;
  const char* named = std::getenv("ASSAY_BENCH_TESTEES");
  std::istringstream lines(named != nullptr ? named : "");
  for (std::string line; std::getline(lines, line);) {
    list.push_back(load_testee(line));
    if (const std::string missing = list.back().missing(); !missing.empty()) {
      throw std::runtime_error(fmt::format("{} is not here: {}", line, missing));
    }
  }
  return list;
}

void add_testees(const std::string& area) {
  become_subreaper();
  std::vector<testee_definition> list;
  for (const auto& name : bundled_testees()) {
    auto testee = load_testee(name);
    if (testee.missing().empty()) list.push_back(std::move(testee));
  }
  for (auto& testee : named_testees()) list.push_back(std::move(testee));

  // They live until the last row is done.
  static std::vector<std::unique_ptr<bench_testee>> running;
  for (auto& definition : list) {
    if (definition.adapter_command.empty() || !has_area(definition, area)) continue;
    running.push_back(std::make_unique<bench_testee>(std::move(definition)));
    bench_testee& testee = *running.back();
    for (const auto& each : scripts) {
      if (each.area != area || !has_what_it_needs(testee.definition(), each.needs)) continue;
      add_row(area, each.behaviour, "", testee,
              [&testee, &each] { return testee.prepared(each).measure(); });
    }
    if (area != "cost") continue;
    for (const auto& each : costs) {
      if (!has_what_it_needs(testee.definition(), each.needs)) continue;
      const char* remark = each.kind == "coroutine"
                               ? "; in CPython a generator, in gevent and the reference a greenlet"
                               : "";
      add_row(area, each.behaviour, remark, testee, [&testee, &each] {
        const json params = {{"kind", each.kind}, {"count", each.count}, {"repetitions", 5}};
        const json got = testee.main().call(each.op, params).result();
        return median_of(got.get<std::vector<double>>()) / each.count;
      });
    }
  }
}

}  // namespace assay::bench
