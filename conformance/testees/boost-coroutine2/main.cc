// Boost.Coroutine2 as a testee: a generator is a pull_type, whose body has a stack of its own and
// yields by the push_type that it is given. Nothing can be sent or thrown into a pull_type.
#include <boost/coroutine2/coroutine.hpp>
#include <chrono>
#include <map>
#include <utility>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/testees/boost_version.h"

namespace {

using assay::sdk::adapter;
using assay::sdk::json;
using assay::sdk::raised;
using source = boost::coroutines2::coroutine<json>::pull_type;
using sink = boost::coroutines2::coroutine<json>::push_type;
using body = std::function<void(sink&)>;

// The sink of the body that runs, for the step generator.yield.
sink* current = nullptr;

// Whoever resumes a body gets its own sink back.
struct resuming {
  resuming() = default;
  ~resuming() { current = resumer; }
  resuming(const resuming&) = delete;
  resuming& operator=(const resuming&) = delete;
  sink* const resumer = current;
};

// As a loop over the pull_type's iterators goes: the value at hand, then on to the next.
class generator {
 public:
  explicit generator(const body& run) : source_(begin(run)) {}

  /// Whether there is a value.
  bool advance() {
    if (std::exchange(has_begun_, true) && source_) {
      const resuming here;
      current = own_;
      source_();
    }
    return static_cast<bool>(source_);
  }
  json value() { return source_.get(); }

 private:
  source begin(const body& run) {
    const resuming here;
    return source([this, run](sink& out) {
      own_ = current = &out;
      run(out);
    });
  }

  sink* own_ = nullptr;
  bool has_begun_ = false;
  source source_;
};

using generators = std::map<std::string, std::unique_ptr<generator>, std::less<>>;

std::unique_ptr<generator>& at(generators& all, const json& params) {
  const auto found = all.find(params.at("generator").get_ref<const std::string&>());
  if (found == all.end()) throw raised("NoSuchObject", params.at("generator"));
  return found->second;
}

void fib(sink& out, std::int64_t count) {
  std::uint64_t a = 0;  // wraps around past the 93rd
  std::uint64_t b = 1;
  for (; count > 0; --count) {
    out(json(a));
    b += std::exchange(a, b);
  }
}

void doubled(sink& out, std::int64_t count) {
  for (std::int64_t x = 0; x < count; ++x) out(json(x * 2));
}

void run_in_turn(adapter& of, const json& params) {
  std::vector<std::unique_ptr<generator>> running;
  for (const json& steps : params.at("bodies")) {
    running.push_back(std::make_unique<generator>([&of, &steps](sink&) { of.call_script(steps); }));
  }
  for (auto round = params.at("rounds").get<std::int64_t>(); round > 0; --round) {
    std::erase_if(running, [](const auto& each) { return !each->advance(); });
  }
}

std::int64_t time_switches(std::int64_t count) {
  boost::coroutines2::coroutine<void>::pull_type ticks([](auto& out) {
    for (;;) out();
  });
  const auto begin = std::chrono::steady_clock::now();
  for (; count > 0; --count) ticks();
  return std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
}

void add_ops(adapter& to, generators& all) {
  const auto opens = [&all](auto body_of) {
    return [&all, body_of](const json& params) {
      all[params.at("generator")] = std::make_unique<generator>(body_of(params));
      return json();
    };
  };
  to.on("generator.open", opens([&to](const json& params) -> body {
          return [&to, steps = params.at("steps"), arguments = params.at("arguments")](sink&) {
            to.call_script(steps, arguments);
          };
        }));
  to.on("generator.fib", opens([](const json& params) -> body {
          return [count = params.at("count").get<std::int64_t>()](sink& out) { fib(out, count); };
        }));
  to.on("generator.expression", opens([](const json& params) -> body {
          return
              [count = params.at("count").get<std::int64_t>()](sink& out) { doubled(out, count); };
        }));
  to.on("generator.yield", [](const json& params) {
    if (current == nullptr) throw raised("ValueError", "generator.yield stands in a body only");
    (*current)(params.at("value"));
    return json();
  });
  to.on("generator.next", [&all](const json& params) {
    generator& it = *at(all, params);
    if (!it.advance()) throw raised("StopIteration");
    return it.value();
  });
  to.on("generator.list", [&all](const json& params) {
    generator& it = *at(all, params);
    json items = json::array();
    const json& limit = params.at("limit");
    while ((limit.is_null() || items.size() < limit.get<std::size_t>()) && it.advance()) {
      items.push_back(it.value());
    }
    return items;
  });
  to.on("generator.close", [&all](const json& params) {
    at(all, params) = std::make_unique<generator>([](sink&) {});  // the destructor unwinds
    return json();
  });
  to.on("coroutine.run", [&to](const json& params) {
    run_in_turn(to, params);
    return json();
  });
  to.on("coroutine.switches",
        [](const json& params) { return json(time_switches(params.at("count"))); });
}

}  // namespace

int main() {
  adapter adapter{"Boost.Coroutine2", assay::testees::boost_version(), "C++"};
  adapter.supports({
      "generator.call/runs-nothing",
      "generator.call/unreachable-yield-makes-one",
      "generator.call/arguments",
      "generator.next",
      "-generator.next/not-within-itself",
      "generator.return/loops-ignore-it",
      "generator.raise/leaves-and-ends",
      "generator.expression",
      "generator.fib",
      "generator.loop",
      "generator.close",
      "-generator.close/yielding-is-an-error",
      "coroutine",
  });
  // Never destroyed: the end of a suspended body performs steps, for which it is too late then.
  add_ops(adapter, *new generators);
  return adapter.run();
}
