// Ops of the area pool over ref::pool. A task is a function made of steps: its text goes to the
// worker, which performs it with the handlers that it inherited.
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "conformance/testees/reference/reference.h"
#include "impl/pool/pool.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

sdk::adapter* performing = nullptr;  // inherited by the workers

std::string perform(std::string_view task) {
  const json what = json::parse(task);
  try {
    return performing->call_script(what.at("steps"), what.at("arguments")).dump();
  } catch (const std::exception& thrown) {
    const json data = sdk::error_data("pool.apply", thrown);
    throw ref::task_error(data.at("type"), data.at("message"));
  }
}

std::string task_text(const json& steps, const json& arguments) {
  return json{{"steps", steps}, {"arguments", arguments}}.dump();
}

ref::pool_timeout timeout_of(const json& params) {
  const json& seconds = params.at("timeout");
  if (seconds.is_null() || seconds.get<double>() > 9e9) return std::nullopt;
  return std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>(std::max(0.0, seconds.get<double>())));
}

// The library's own exceptions by the protocol's names.
template <typename Use>
json raising(Use&& use) {
  try {
    return use();
  } catch (const ref::task_error& error) {
    throw raised(error.type(), error.what());
  } catch (const ref::worker_died& died) {
    throw raised("RemoteError", died.what());
  } catch (const ref::pool_terminated& terminated) {
    throw raised("RemoteError", terminated.what());
  } catch (const ref::result_timeout& late) {
    throw raised("TimedOut", late.what());
  } catch (const std::logic_error& refused) {
    throw raised("ValueError", refused.what());
  }
}

std::string type_of(const std::exception_ptr& error) {
  try {
    raising([&]() -> json { std::rethrow_exception(error); });
  } catch (const raised& condition) {
    return condition.type();
  } catch (const std::exception&) {
  }
  return "InternalError";
}

class pools {
 public:
  struct one {
    std::unique_ptr<ref::pool> pool;
    std::map<std::string, ref::async_result, std::less<>> tasks;
    std::map<std::string, ref::result_stream, std::less<>> streams;
  };

  void open(const json& params) {
    ref::pool_options options;
    const json& size = params.at("size");
    if (!size.is_null()) {
      if (!size.is_number_integer()) throw raised("TypeError", "size must be an integer");
      if (size.get<int>() < 1) throw raised("ValueError", "a pool needs at least one worker");
      options.size = size.get<int>();
    }
    if (params.at("max_tasks").is_number()) {
      const auto most = params.at("max_tasks").get<std::int64_t>();
      if (most < 1) throw raised("ValueError", "max_tasks must be positive");
      options.max_tasks_per_worker = static_cast<std::uint64_t>(most);
    }
    if (const json steps = params.at("initializer"); !steps.empty()) {
      options.initializer = [steps] { performing->call_script(steps); };
    }
    all_[params.at("pool")].pool = std::make_unique<ref::pool>(options);
  }
  one& at(const json& params) {
    const auto found = all_.find(params.at("pool").get_ref<const std::string&>());
    if (found == all_.end()) throw raised("NoSuchObject", "no such pool is open");
    return found->second;
  }
  ref::async_result& task(const json& params) {
    auto& tasks = at(params).tasks;
    const auto found = tasks.find(params.at("task").get_ref<const std::string&>());
    if (found == tasks.end()) throw raised("NoSuchObject", "no such task was handed in");
    return found->second;
  }
  ref::result_stream& stream(const json& params) {
    auto& streams = at(params).streams;
    const auto found = streams.find(params.at("results").get_ref<const std::string&>());
    if (found == streams.end()) throw raised("NoSuchObject", "there are no such results");
    return found->second;
  }

 private:
  std::map<std::string, one, std::less<>> all_;
};

json apply_async(pools::one& of, const json& params) {
  ref::pool::callback done;
  ref::pool::error_callback failed;
  if (params.at("callback").get<bool>()) {
    const auto log = performing->at("event.log");
    done = [log](const std::string& value) { log({{"value", {"callback", json::parse(value)}}}); };
    failed = [log](const std::exception_ptr& error) {
      log({{"value", {"error_callback", type_of(error)}}});
    };
  }
  const std::string text = task_text(params.at("steps"), params.at("arguments"));
  of.tasks.insert_or_assign(params.at("task"), of.pool->apply_async(perform, text, done, failed));
  return nullptr;
}

// Each item as the argument of a task, or as the list of its arguments.
std::vector<std::string> tasks_of(const json& params, bool is_list) {
  std::vector<std::string> tasks;
  for (const json& item : params.at("items")) {
    tasks.push_back(task_text(params.at("steps"), is_list ? item : json::array({item})));
  }
  return tasks;
}

json values_of(const std::vector<std::string>& texts) {
  json values = json::array();
  for (const std::string& each : texts) values.push_back(json::parse(each));
  return values;
}

void add_map_ops(sdk::adapter& to, const std::shared_ptr<pools>& all) {
  to.on("pool.map", [=](const json& params) {
    return raising([&] {
      const json& chunk = params.at("chunk");
      return values_of(all->at(params).pool->map(perform, tasks_of(params, false),
                                                 chunk.is_null() ? 0 : chunk.get<std::size_t>()));
    });
  });
  to.on("pool.starmap", [=](const json& params) {
    return raising(
        [&] { return values_of(all->at(params).pool->map(perform, tasks_of(params, true))); });
  });
  to.on("pool.imap", [=](const json& params) {
    return raising([&] {
      auto& of = all->at(params);
      const auto tasks = tasks_of(params, false);
      of.streams.insert_or_assign(params.at("results"),
                                  params.at("ordered").get<bool>()
                                      ? of.pool->imap(perform, tasks)
                                      : of.pool->imap_unordered(perform, tasks));
      return json();
    });
  });
  to.on("pool.next", [=](const json& params) {
    return raising([&] {
      const auto value = all->stream(params).next(timeout_of(params));
      if (!value) throw raised("StopIteration");
      return json::parse(*value);
    });
  });
}

}  // namespace

void add_pool_ops(sdk::adapter& to) {
  performing = &to;
  const auto all = std::make_shared<pools>();
  const auto none = [all](auto use) {
    return [=](const json& params) {
      return raising([&] {
        use(*all->at(params).pool);
        return json();
      });
    };
  };
  to.on("pool.open", [=](const json& params) {
    all->open(params);
    return json();
  });
  to.on("pool.size", [=](const json& params) { return json(all->at(params).pool->size()); });
  to.on("pool.apply", [=](const json& params) {
    return raising([&] {
      const std::string text = task_text(params.at("steps"), params.at("arguments"));
      return json::parse(all->at(params).pool->apply(perform, text));
    });
  });
  to.on("pool.apply_async", [=](const json& params) {
    return raising([&] { return apply_async(all->at(params), params); });
  });
  to.on("pool.ready", [=](const json& params) { return json(all->task(params).ready()); });
  to.on("pool.successful", [=](const json& params) {
    return raising([&] { return json(all->task(params).successful()); });
  });
  to.on("pool.wait",
        [=](const json& params) { return json(all->task(params).wait(timeout_of(params))); });
  to.on("pool.get", [=](const json& params) {
    return raising([&] { return json::parse(all->task(params).get(timeout_of(params))); });
  });
  add_map_ops(to, all);
  to.on("pool.close", none([](ref::pool& of) { of.close(); }));
  to.on("pool.terminate", none([](ref::pool& of) { of.terminate(); }));
  to.on("pool.join", none([](ref::pool& of) { of.join(); }));
}

}  // namespace assay::testees
