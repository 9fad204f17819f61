// Ops of the areas generator and coroutine over ref::generator: a body made of steps is a coroutine
// that interprets them.
#include <boost/core/demangle.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <typeinfo>

#include "conformance/testees/reference/reference.h"
#include "impl/coroutine/generator.h"
#include "impl/coroutine/round_robin.h"
#include "impl/iterator/iterator.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;
using generator = ref::generator<json, json, json>;
using frame = std::shared_ptr<sdk::script_frame>;

class table {
 public:
  generator& at(const json& params) const {
    const auto found = generators_.find(params.at("generator").get_ref<const std::string&>());
    if (found == generators_.end()) throw raised("NoSuchObject", params.at("generator"));
    return *found->second;
  }
  json put(const json& params, generator&& made) {
    generators_[params.at("generator")] = std::make_unique<generator>(std::move(made));
    return nullptr;
  }

 private:
  std::map<std::string, std::unique_ptr<generator>, std::less<>> generators_;
};

[[noreturn]] void raise(const json& params) {
  const std::string type = params.at("type");
  if (type == "StopIteration") throw ref::stop_iteration();
  if (type == "GeneratorExit") throw ref::generator_exit();
  throw raised(type, params.at("message"));
}

// What left a body, by the protocol's names. To be called while it is handled.
[[noreturn]] void raise_in_protocol() {
  try {
    throw;
  } catch (const generator::stop& end) {
    auto stop = raised("StopIteration");
    throw end.value && !end.value->is_null() ? std::move(stop).with_value(*end.value) : stop;
  } catch (const ref::generator_running& running) {
    throw raised("ValueError", running.what());
  } catch (const ref::generator_misbehaved& misbehaved) {
    throw raised("RuntimeError", misbehaved.what());
  } catch (const ref::generator_exit&) {
    throw raised("GeneratorExit");
  } catch (const std::invalid_argument& refused) {
    throw raised("TypeError", refused.what());
  }
}

template <typename Use>
json raising(Use&& use) {
  try {
    return use();
  } catch (...) {
    raise_in_protocol();
  }
}

// The type and the message of the exception being handled.
json handled() {
  try {
    raise_in_protocol();
  } catch (const std::exception& thrown) {
    return sdk::error_data("script.try", thrown);
  }
}

class interpreter {
 public:
  interpreter(sdk::adapter& adapter, const table& generators)
      : adapter_(adapter), generators_(generators) {}

  generator call(json steps, json arguments) const {
    const auto variables = std::make_shared<sdk::script_frame>();
    variables->arguments = std::move(arguments);
    co_yield ref::yield_from(run(std::move(steps), variables));
    co_return variables->last;
  }

 private:
  // Returns true when script.return ended the steps.
  generator run(json steps, frame variables) const {
    for (const json& step : steps) {
      const std::string op = step.at("op");
      const bool is_control = op.starts_with("script.") && op != "script.call";
      if (!is_control && op != "generator.yield" && op != "generator.delegate") {
        adapter_.run_step(step, *variables);
        continue;
      }
      const json params = sdk::adapter::step_params(step, *variables);
      if (op == "generator.yield") {
        variables->last = co_yield params.at("value");
      } else if (op == "generator.delegate") {
        variables->last = co_yield ref::yield_from(generators_.at(params));
      } else if (op == "script.return") {
        variables->last = params.at("value");
        co_return true;
      } else if (op == "script.raise") {
        raise(params);
      } else if (op == "script.argument") {
        variables->last = variables->arguments.at(params.at("index").get<std::size_t>());
      } else {
        // A generator chosen by ?: within co_yield is destroyed twice by g++ 12.
        generator inner =
            op == "script.repeat" ? repeat(params, variables) : attempt(params, variables);
        const json returned = co_yield ref::yield_from(std::move(inner));
        if (returned.get<bool>()) co_return true;
      }
    }
    co_return false;
  }

  generator repeat(json params, frame variables) const {
    const json& times = params.at("times");
    for (std::int64_t i = 0; times.is_null() || i < times.get<std::int64_t>(); ++i) {
      const json returned = co_yield ref::yield_from(run(params.at("steps"), variables));
      if (returned.get<bool>()) co_return true;
    }
    co_return false;
  }

  generator attempt(json params, frame variables) const {
    json returned = false;
    std::exception_ptr thrown;
    try {
      returned = co_yield ref::yield_from(run(params.at("steps"), variables));
    } catch (...) {
      thrown = std::current_exception();
      const json data = handled();
      if (params.at("catch") == data.at("type")) {
        thrown = nullptr;
        variables->last = data.at("message");
        returned = nullptr;  // caught
      }
    }
    if (returned.is_null()) {
      try {
        returned = co_yield ref::yield_from(run(params.at("handler"), variables));
      } catch (...) {
        thrown = std::current_exception();
      }
    }
    const json value = variables->last;
    const json ended = co_yield ref::yield_from(run(params.at("finally"), variables));
    if (ended.get<bool>()) co_return true;
    if (thrown) std::rethrow_exception(thrown);
    variables->last = value;
    co_return returned;
  }

  sdk::adapter& adapter_;
  const table& generators_;
};

generator fib(std::int64_t count) {
  std::uint64_t a = 0;  // wraps around past the 93rd
  std::uint64_t b = 1;
  for (; count > 0; --count) {
    co_yield json(a);
    b += std::exchange(a, b);
  }
  co_return nullptr;
}

generator doubled(std::int64_t count) {
  for (std::int64_t x = 0; x < count; ++x) co_yield json(x * 2);
  co_return nullptr;
}

json list(generator& from, const json& limit) {
  json all = json::array();
  for (json& each : from) {
    all.push_back(each);
    if (limit.is_number() && all.size() >= limit.get<std::size_t>()) break;
  }
  return all;
}

std::int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

ref::generator<int> ticks() {
  for (int i = 0;; ++i) co_yield i;
}

void add_coroutine_ops(sdk::adapter& to, const std::shared_ptr<interpreter>& bodies) {
  to.on("coroutine.run", [=](const json& params) {
    std::vector<generator> all;
    for (const json& each : params.at("bodies")) all.push_back(bodies->call(each, json::array()));
    return raising([&] {
      ref::round_robin(all, params.at("rounds").get<std::int64_t>());
      return json();
    });
  });
  to.on("coroutine.switches", [](const json& params) {
    auto coroutine = ticks();
    const std::int64_t begin = monotonic_ns();
    for (auto i = params.at("count").get<std::int64_t>(); i > 0; --i) coroutine.next();
    return json(monotonic_ns() - begin);
  });
}

}  // namespace

void add_generator_ops(sdk::adapter& to) {
  const auto generators = std::make_shared<table>();
  const auto bodies = std::make_shared<interpreter>(to, *generators);
  to.on("generator.open", [=](const json& params) {
    return generators->put(params, bodies->call(params.at("steps"), params.at("arguments")));
  });
  to.on("generator.fib",
        [=](const json& params) { return generators->put(params, fib(params.at("count"))); });
  to.on("generator.expression",
        [=](const json& params) { return generators->put(params, doubled(params.at("count"))); });
  for (const char* op : {"generator.yield", "generator.delegate"}) {
    to.on(op, [op](const json&) -> json {
      throw raised("ValueError", std::string(op) + " stands in a generator's body only");
    });
  }
  to.on("generator.next",
        [=](const json& params) { return raising([&] { return generators->at(params).next(); }); });
  to.on("generator.send", [=](const json& params) {
    return raising([&] { return generators->at(params).send(params.at("value")); });
  });
  to.on("generator.throw", [=](const json& params) {
    return raising([&] {
      std::exception_ptr exception;
      try {
        raise(params);
      } catch (...) {
        exception = std::current_exception();
      }
      return generators->at(params).throw_in(exception);
    });
  });
  to.on("generator.close", [=](const json& params) {
    return raising([&] {
      generators->at(params).close();
      return json();
    });
  });
  to.on("generator.list", [=](const json& params) {
    return raising([&] { return list(generators->at(params), params.at("limit")); });
  });
  to.on("generator.kind", [=](const json& params) {
    auto& it = generators->at(params);
    return json{{"iterator", ref::iterator_class<generator>},
                {"is_its_own_iterator", std::addressof(it.iter()) == std::addressof(it)},
                {"function", std::is_function_v<decltype(fib)>},
                {"generator_function", std::is_same_v<decltype(fib(0)), generator>},
                {"text", boost::core::demangle(typeid(it).name())}};
  });
  add_coroutine_ops(to, bodies);
}

}  // namespace assay::testees
