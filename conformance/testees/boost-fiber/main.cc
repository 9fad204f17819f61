// Boost.Fiber as a testee: green threads that are fibers of one thread under its own scheduler,
// each with a packaged_task for its value. Fibers cannot be killed, and no call is patched.
#include <bit>
#include <boost/fiber/all.hpp>
#include <chrono>
#include <map>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/testees/boost_version.h"

namespace {

namespace fibers = boost::fibers;
using assay::sdk::adapter;
using assay::sdk::json;
using assay::sdk::raised;
using duration = std::chrono::nanoseconds;
using channel = fibers::buffered_channel<json>;
using fibers::channel_op_status;

constexpr std::size_t without_a_limit = 1024;

struct task {
  fibers::fiber fiber;
  fibers::shared_future<json> value;

  bool is_ready() const { return value.wait_for(duration(0)) == fibers::future_status::ready; }
};

template <typename Value>
using table = std::map<std::string, Value, std::less<>>;

template <typename Value>
Value& at(table<Value>& all, const json& name) {
  const auto found = all.find(name.get_ref<const std::string&>());
  if (found == all.end()) throw raised("NoSuchObject", name);
  return found->second;
}

struct objects {
  table<task> tasks;
  table<std::unique_ptr<channel>> channels;
};

duration duration_of(const json& seconds) {
  return std::chrono::ceil<duration>(
      std::chrono::duration<double>(std::min(seconds.get<double>(), 9e8)));
}

void spawn(adapter& of, objects& all, const json& params) {
  if (params.at("delay") != 0) throw raised("ValueError", "a fiber cannot be delayed");
  fibers::packaged_task<json()> work(
      [&of, steps = params.at("steps")] { return of.call_script(steps); });
  task& made = all.tasks[params.at("green")];
  made.value = work.get_future().share();
  made.fiber = fibers::fiber(std::move(work));
}

// fiber::join has no timeout, but the future has.
void join(task& of, const json& timeout) {
  if (timeout.is_null()) {
    of.fiber.join();
  } else {
    of.value.wait_for(duration_of(timeout));
  }
}

json join_all(objects& all, const json& params) {
  json ended = json::array();
  for (const json& name : params.at("greens")) {
    task& each = at(all.tasks, name);
    join(each, params.at("timeout"));
    if (each.is_ready()) ended.push_back(name);
  }
  return ended;
}

json get(const task& of, const json& timeout) {
  if (!timeout.is_null() &&
      of.value.wait_for(duration_of(timeout)) == fibers::future_status::timeout) {
    throw raised("TimedOut", "no value yet");
  }
  return of.value.get();
}

json state_of(task& of) {
  const bool is_ready = of.is_ready();
  return {{"ready", is_ready},
          {"successful", is_ready && of.value.get_exception_ptr() == nullptr},
          {"started", !is_ready}};
}

void sleep(const json& seconds) {
  if (seconds == 0) return boost::this_fiber::yield();
  boost::this_fiber::sleep_for(duration_of(seconds));
}

void add_queue(adapter& to, objects& all) {
  // One of a channel's slots stays free, and their number is a power of two.
  to.on("green.queue_open", [&all](const json& params) {
    const json& size = params.at("maxsize");
    const std::size_t slots =
        size.is_null() ? without_a_limit : std::bit_ceil(size.get<std::size_t>() + 1);
    all.channels[params.at("queue")] = std::make_unique<channel>(slots);
    return json();
  });
  to.on("green.queue_put", [&all](const json& params) {
    channel& queue = *at(all.channels, params.at("queue"));
    const json& timeout = params.at("timeout");
    const auto status = timeout.is_null()
                            ? queue.push(params.at("item"))
                            : queue.push_wait_for(params.at("item"), duration_of(timeout));
    if (status == channel_op_status::timeout) throw raised("Full");
    return json();
  });
  to.on("green.queue_get", [&all](const json& params) {
    channel& queue = *at(all.channels, params.at("queue"));
    const json& timeout = params.at("timeout");
    json item;
    const auto status =
        timeout.is_null() ? queue.pop(item) : queue.pop_wait_for(item, duration_of(timeout));
    if (status == channel_op_status::timeout) throw raised("Empty");
    return item;
  });
}

void add_ops(adapter& to, objects& all) {
  const auto none = [](auto use) {
    return [use](const json& params) {
      use(params);
      return json();
    };
  };
  to.on("green.spawn", none([&](const json& params) { spawn(to, all, params); }));
  to.on("green.join", none([&](const json& params) {
          join(at(all.tasks, params.at("green")), params.at("timeout"));
        }));
  to.on("green.join_all", [&all](const json& params) { return join_all(all, params); });
  to.on("green.get", [&all](const json& params) {
    return get(at(all.tasks, params.at("green")), params.at("timeout"));
  });
  to.on("green.state",
        [&all](const json& params) { return state_of(at(all.tasks, params.at("green"))); });
  to.on("green.sleep", none([](const json& params) { sleep(params.at("seconds")); }));
  add_queue(to, all);
}

}  // namespace

int main() {
  adapter adapter{"Boost.Fiber", assay::testees::boost_version(), "C++"};
  adapter.supports({
      "green",
      "-green.spawn/delay-is-waited-for",
      "-green.kill",
      // Nothing is patched; the notes' example sleeps by the ordinary call.
      "-green.patch/sleep-lets-others-run",
      "-green.patch/receive-lets-others-run",
      "-green.order/the-process-example",
  });
  // Never destroyed: a fiber that was not joined would end the program.
  add_ops(adapter, *new objects);
  return adapter.run();
}
