#include "conformance/testees/boost-asio/pool.h"

#include <boost/asio.hpp>
#include <future>
#include <map>
#include <memory>
#include <string>

#include "conformance/testees/patience.h"

namespace assay::testees::asio {
namespace {

namespace io = boost::asio;
using sdk::json;
using sdk::raised;

struct pool {
  std::unique_ptr<io::thread_pool> workers;
  std::map<std::string, std::shared_future<json>, std::less<>> tasks;
};

using pools = std::map<std::string, pool, std::less<>>;

pool& at(pools& all, const json& params) {
  const auto found = all.find(params.at("pool").get_ref<const std::string&>());
  if (found == all.end()) throw raised("NoSuchObject", "no such pool is open");
  return found->second;
}

const std::shared_future<json>& task_at(pools& all, const json& params) {
  const auto& tasks = at(all, params).tasks;
  const auto found = tasks.find(params.at("task").get_ref<const std::string&>());
  if (found == tasks.end()) throw raised("NoSuchObject", "no such task was handed in");
  return found->second;
}

void open(pools& all, const json& params) {
  const json& size = params.at("size");
  all[params.at("pool")].workers = size.is_null()
                                       ? std::make_unique<io::thread_pool>()
                                       : std::make_unique<io::thread_pool>(size.get<std::size_t>());
}

std::future<json> hand_in(sdk::adapter& of, pool& to, const json& params) {
  return io::post(*to.workers, std::packaged_task<json()>([&of, steps = params.at("steps"),
                                                           arguments = params.at("arguments")] {
    return of.call_script(steps, arguments);
  }));
}

bool wait(const std::shared_future<json>& task, patience how_long) {
  if (how_long) return task.wait_for(*how_long) == std::future_status::ready;
  task.wait();
  return true;
}

}  // namespace

void add_pool_ops(sdk::adapter& to) {
  const auto all = std::make_shared<pools>();
  to.on("pool.open", [all](const json& params) {
    open(*all, params);
    return json();
  });
  to.on("pool.apply",
        [all, &to](const json& params) { return hand_in(to, at(*all, params), params).get(); });
  to.on("pool.apply_async", [all, &to](const json& params) {
    pool& in = at(*all, params);
    in.tasks[params.at("task")] = hand_in(to, in, params).share();
    return json();
  });
  to.on("pool.ready", [all](const json& params) {
    return json(wait(task_at(*all, params), std::chrono::nanoseconds(0)));
  });
  to.on("pool.wait", [all](const json& params) {
    return json(wait(task_at(*all, params), patience_of(params)));
  });
  to.on("pool.get", [all](const json& params) {
    const auto& task = task_at(*all, params);
    if (!wait(task, patience_of(params))) throw raised("TimedOut", "no value yet");
    return task.get();
  });
  to.on("pool.close", [](const json&) { return json(); });  // it is join that takes no more
  to.on("pool.join", [all](const json& params) {
    at(*all, params).workers->join();
    return json();
  });
}

}  // namespace assay::testees::asio
