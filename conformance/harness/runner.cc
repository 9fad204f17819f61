#include "conformance/harness/runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>

#include "conformance/harness/actor.h"
#include "conformance/harness/worker.h"

namespace assay {
namespace {

using nlohmann::json;

// A requirement's own body has bounds on everything that it waits for; this one catches a mistake
// in the spec or the harness itself.
constexpr std::chrono::seconds body_limit{120};

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// One unit of work: describing a testee (no requirement) or running a requirement on it.
struct task {
  std::size_t testee;
  const requirement* what;
  bool hangs = false;  // as its testee's expectations say
};

// Most requirements wait for most of their time, so that a processor has time for two.
constexpr int workers_a_processor = 2;

// Spreads tasks over workers. A worker stays with a testee while that has tasks, because a server
// that runs already need not be started again; then it goes where each worker has most left to do.
// What hangs keeps its worker waiting for seconds: as many workers again are for such tasks alone.
class pool {
 public:
  pool(const std::vector<testee_definition>& testees, const std::vector<task>& tasks, int size)
      : testees_(testees), tasks_(tasks), waiting_(testees.size()) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      (tasks[i].hangs ? hanging_ : waiting_[tasks[i].testee]).push_back(i);
    }
    const auto wanted =
        static_cast<std::size_t>(size > 0 ? size : workers_a_processor * usable_processors());
    const std::size_t usual = std::min(wanted, tasks.size() - hanging_.size());
    slots_.resize(usual + std::min(wanted, hanging_.size()));
    for (std::size_t i = usual; i < slots_.size(); ++i) slots_[i].for_hangs = true;
  }

  // Calls on_done(index of the task, reply) once for every task.
  template <typename OnDone>
  void run(OnDone on_done) {
    std::size_t left = tasks_.size();
    for (auto& each : slots_) assign(each);
    while (left > 0) {
      std::vector<pollfd> polled;
      for (const auto& each : slots_) {
        polled.push_back({each.process ? each.process->descriptor() : -1, POLLIN, 0});
      }
      ::poll(polled.data(), polled.size(), 500);
      for (std::size_t i = 0; i < slots_.size(); ++i) {
        auto& each = slots_[i];
        if (!each.process || !each.process->is_busy()) continue;
        json reply;
        if (polled[i].revents != 0) {
          const auto progress = each.process->receive();
          if (progress == worker::progress::none) continue;
          if (progress == worker::progress::reply) {
            reply = each.process->take_reply();
          } else {
            reply = own_failure(fmt::format("the harness itself failed: its worker process was {}",
                                            each.process->end()));
            each.process.reset();
          }
        } else if (each.process->busy_for() > scaled(body_limit)) {
          each.process.reset();
          reply = own_failure(fmt::format("the requirement did not end within {} s and was ended",
                                          scaled(body_limit) / std::chrono::seconds(1)));
          reply["verdict"] = "hang";
        } else {
          continue;
        }
        on_done(each.task, std::move(reply));
        --left;
        assign(each);
      }
    }
  }

 private:
  struct slot {
    std::unique_ptr<worker> process;
    std::size_t testee = 0;
    std::size_t task = 0;
    bool for_hangs = false;
  };

  static json own_failure(std::string message) {
    return {{"verdict", "fail"}, {"message", std::move(message)}};
  }

  // Testees keep processors busy or let them wait, each in its own way: side by side they take less
  // time than one after the other.
  std::size_t testee_with_most_to_do() const {
    std::vector<std::size_t> shares(waiting_.size(), 1);
    for (const auto& each : slots_) {
      if (each.process && each.process->is_busy() && !each.for_hangs) ++shares[each.testee];
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < waiting_.size(); ++i) {
      if (waiting_[i].size() * shares[best] > waiting_[best].size() * shares[i]) best = i;
    }
    return best;
  }

  std::deque<std::size_t>& queue_for(const slot& free) {
    if (free.for_hangs) return hanging_;
    if (free.process && !waiting_[free.testee].empty()) return waiting_[free.testee];
    auto& most = waiting_[testee_with_most_to_do()];
    return most.empty() ? hanging_ : most;
  }

  void assign(slot& free) {
    auto& queue = queue_for(free);
    if (queue.empty()) {
      free.process.reset();
      return;
    }
    free.task = queue.front();
    free.testee = tasks_[free.task].testee;
    queue.pop_front();
    if (!free.process) {
      std::vector<int> others;
      for (const auto& each : slots_) {
        if (each.process) others.push_back(each.process->descriptor());
      }
      free.process = std::make_unique<worker>(testees_, others);
    }
    const task& next = tasks_[free.task];
    free.process->send(next.what == nullptr ? json{{"describe", next.testee}}
                                            : json{{"run", {next.testee, next.what->slug}}});
  }

  const std::vector<testee_definition>& testees_;
  const std::vector<task>& tasks_;
  std::vector<std::deque<std::size_t>> waiting_;  // by testee: tasks not yet given out
  std::deque<std::size_t> hanging_;               // those of all testees that hang
  std::vector<slot> slots_;
};

// What the testee's expectations make of what was observed.
void judge(result& one, const testee_definition& testee) {
  one.verdict = one.observed;
  one.expected =
      one.observed == "pass" || one.observed == "not supported" || one.observed == "not here";
  const auto expectation =
      std::find_if(testee.expectations.begin(), testee.expectations.end(),
                   [&](const auto& each) { return each.requirement == one.what->slug; });
  if (expectation == testee.expectations.end() || one.observed == "not here") return;
  one.reason = expectation->reason;
  if (one.observed == "pass") {
    one.verdict = "unexpected pass";
    one.expected = false;
  } else if (one.observed == expectation->verdict ||
             // A server that dies of a request may be seen to fail first.
             (expectation->verdict == "fail or crash" &&
              (one.observed == "fail" || one.observed == "crash"))) {
    one.verdict = "expected fail";
    one.expected = true;
  } else if (one.observed != "not supported") {
    one.message = fmt::format("expected {} but observed {}\n{}", expectation->verdict, one.observed,
                              one.message);
  }
}

void fill(result& one, const json& reply) {
  one.observed = reply.at("verdict");
  one.message = reply.at("message");
  one.duration = std::chrono::nanoseconds(reply.value("duration_ns", std::int64_t{0}));
  for (const auto& line : reply.value("transcript", json::array())) {
    one.transcript.push_back({line.at(0), line.at(1), line.at(2), line.at(3)});
  }
}

// A misspelt name must not look like something that is not supported.
void check_names(const std::vector<testee_definition>& testees) {
  const auto& known = requirements();
  for (const auto& testee : testees) {
    for (std::string_view entry : testee.supports) {
      if (entry.starts_with('-')) entry.remove_prefix(1);
      const std::vector<std::string> alone{std::string(entry)};
      if (std::none_of(known.begin(), known.end(),
                       [&](const auto& each) { return supports(alone, each.slug); })) {
        throw std::invalid_argument(
            fmt::format("{}: supports names {}, which is no area, group or requirement; see "
                        "`assay list requirements`",
                        testee.file.string(), entry));
      }
    }
    for (const auto& each : testee.expectations) {
      if (find_requirement(each.requirement) == nullptr) {
        throw std::invalid_argument(
            fmt::format("{}: [[expect]] names {}, which is no requirement; see `assay list "
                        "requirements`",
                        testee.file.string(), each.requirement));
      }
    }
  }
}

testee_summary summarise(const testee_definition& testee) {
  testee_summary result;
  result.name = testee.name;
  result.implementation = testee.implementation;
  result.language = testee.language;
  result.summary = testee.summary;
  result.supports = testee.supports;
  result.missing = testee.missing();
  result.here = result.missing.empty();
  return result;
}

bool is_expected_to_hang(const testee_definition& testee, const requirement& what) {
  return std::any_of(testee.expectations.begin(), testee.expectations.end(), [&](const auto& each) {
    return each.requirement == what.slug && each.verdict == "hang";
  });
}

}  // namespace

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::vector<const requirement*> select_requirements(const selection& wanted) {
  std::vector<std::string> areas;
  for (const auto& each : requirements()) {
    if (!contains(areas, each.area)) areas.push_back(each.area);
  }
  for (const auto& area : wanted.areas) {
    if (!contains(areas, area)) {
      throw std::invalid_argument(
          fmt::format("there is no area '{}'; there are: {}", area, fmt::join(areas, ", ")));
    }
  }
  for (const auto& name : wanted.levels) {
    if (!contains({"must", "should", "may"}, name)) {
      throw std::invalid_argument(
          fmt::format("there is no level '{}'; there are: must, should, may", name));
    }
  }
  const auto matches = [](const std::string& glob, const requirement& each) {
    return ::fnmatch(glob.c_str(), each.slug.c_str(), 0) == 0;
  };
  std::vector<std::string> taken;
  std::vector<std::string> left_out;
  for (const auto& filter : wanted.filters) {
    const bool negated = !filter.empty() && filter.front() == '!';
    const std::string glob = filter.substr(negated ? 1 : 0);
    const auto& all = requirements();
    if (std::none_of(all.begin(), all.end(), [&](const auto& r) { return matches(glob, r); })) {
      throw std::invalid_argument(fmt::format(
          "no requirement fits the filter '{}'; see `assay list requirements`", filter));
    }
    (negated ? left_out : taken).push_back(glob);
  }
  std::vector<const requirement*> selected;
  for (const auto& each : requirements()) {
    if (!wanted.areas.empty() && !contains(wanted.areas, each.area)) continue;
    if (!wanted.levels.empty() && !contains(wanted.levels, to_string(each.level))) continue;
    const auto fits = [&](const std::string& glob) { return matches(glob, each); };
    if (!taken.empty() && std::none_of(taken.begin(), taken.end(), fits)) continue;
    if (std::any_of(left_out.begin(), left_out.end(), fits)) continue;
    selected.push_back(&each);
  }
  return selected;
}

std::vector<result> run_jobs(const std::vector<testee_definition>& testees,
                             const std::vector<job>& jobs, const run_options& options) {
  std::vector<task> tasks;
  std::vector<result> results(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const testee_definition& testee = testees[jobs[i].testee];
    tasks.push_back({jobs[i].testee, jobs[i].what, is_expected_to_hang(testee, *jobs[i].what)});
    results[i].testee = testees[jobs[i].testee].name;
    results[i].asked = testees[jobs[i].testee].asked;
    results[i].what = jobs[i].what;
  }
  std::size_t done = 0;
  pool(testees, tasks, options.workers).run([&](std::size_t index, const json& reply) {
    fill(results[index], reply);
    judge(results[index], testees[jobs[index].testee]);
    ++done;
    if (options.on_result) options.on_result(results[index], done, jobs.size());
  });
  return results;
}

run_result run_requirements(const std::vector<testee_definition>& testees,
                            const std::vector<const requirement*>& what,
                            const run_options& options) {
  check_names(testees);
  run_result all;
  std::vector<task> descriptions;
  for (std::size_t i = 0; i < testees.size(); ++i) {
    all.testees.push_back(summarise(testees[i]));
    if (all.testees.back().here) descriptions.push_back({i, nullptr});
  }
  std::vector<json> described(testees.size());
  pool(testees, descriptions, options.workers).run([&](std::size_t index, json reply) {
    described[descriptions[index].testee] = std::move(reply);
  });

  std::vector<job> jobs;
  std::vector<std::size_t> places;  // of each job's result in all.results
  for (std::size_t i = 0; i < testees.size(); ++i) {
    auto& summary = all.testees[i];
    const json& hello = described[i];
    const bool fails = hello.contains("verdict");  // it does not even say hello
    if (summary.here && !fails) {
      summary.version = hello.at("version");
      summary.supports = hello.at("supports").get<std::vector<std::string>>();
      const std::string implementation = hello.at("implementation");
      if (summary.implementation.empty()) summary.implementation = implementation;
    }
    for (const requirement* each : what) {
      result one;
      one.testee = summary.name;
      one.asked = testees[i].asked;
      one.what = each;
      if (!summary.here) {
        one.observed = "not here";
        one.message = summary.missing;
      } else if (!supports(summary.supports, each->slug)) {
        one.observed = "not supported";
      } else if (fails) {
        fill(one, hello);
      } else {
        jobs.push_back({i, each});
        places.push_back(all.results.size());
      }
      if (!one.observed.empty()) judge(one, testees[i]);
      all.results.push_back(std::move(one));
    }
  }
  std::vector<result> ran = run_jobs(testees, jobs, options);
  for (std::size_t i = 0; i < ran.size(); ++i) all.results[places[i]] = std::move(ran[i]);
  return all;
}

}  // namespace assay
