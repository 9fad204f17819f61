// Ops of the area green over ref::green. Sends and receives are libc's, as any program's would be.
#include <sys/socket.h>

#include <cerrno>
#include <map>
#include <memory>
#include <system_error>

#include "conformance/testees/reference/greenlet_ops.h"
#include "impl/base/file_descriptor.h"
#include "impl/coroutine/green.h"

namespace assay::testees {
namespace {

using ref::green;
using ref::green_queue;
using sdk::json;
using sdk::raised;

template <typename Value>
using table = std::map<std::string, Value, std::less<>>;

struct objects {
  table<std::shared_ptr<green>> greens;
  table<std::unique_ptr<green_queue>> queues;
  table<ref::file_descriptor> ends;
};

template <typename Value>
Value& at(table<Value>& all, const json& name) {
  const auto found = all.find(name.get_ref<const std::string&>());
  if (found == all.end()) throw raised("NoSuchObject", name);
  return found->second;
}

green::duration duration_of(const json& seconds) {
  return std::chrono::ceil<green::duration>(
      std::chrono::duration<double>(std::min(seconds.get<double>(), 9e9)));
}

green::timeout timeout_of(const json& params) {
  const json& seconds = params.at("timeout");
  return seconds.is_null() ? green::timeout() : duration_of(seconds);
}

json join_all(objects& all, const json& params) {
  std::vector<std::shared_ptr<green>> wanted;
  for (const json& name : params.at("greens")) wanted.push_back(at(all.greens, name));
  green::join_all(wanted, timeout_of(params));
  json ended = json::array();
  for (const json& name : params.at("greens")) {
    if (at(all.greens, name)->is_ready()) ended.push_back(name);
  }
  return ended;
}

json get(objects& all, const json& params) {
  try {
    return from_any(at(all.greens, params.at("green"))->get(timeout_of(params)));
  } catch (const ref::green_timeout& late) {
    throw raised("TimedOut", late.what());
  }
}

void add_queue(sdk::adapter& to, objects& all) {
  to.on("green.queue_open", [&all](const json& params) {
    const json& size = params.at("maxsize");
    std::optional<std::size_t> most;
    if (size.is_number()) most = size.get<std::size_t>();
    all.queues[params.at("queue")] = std::make_unique<green_queue>(most);
    return json();
  });
  to.on("green.queue_put", [&all](const json& params) {
    green_queue& queue = *at(all.queues, params.at("queue"));
    if (!queue.put(params.at("item"), timeout_of(params))) throw raised("Full");
    return json();
  });
  to.on("green.queue_get", [&all](const json& params) {
    const auto item = at(all.queues, params.at("queue"))->get(timeout_of(params));
    if (!item) throw raised("Empty");
    return from_any(*item);
  });
}

void add_pair(sdk::adapter& to, objects& all) {
  to.on("green.pair_open", [&all](const json& params) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw std::system_error(errno, std::generic_category(), "socketpair");
    }
    all.ends[params.at("left")] = ref::file_descriptor(ends[0]);
    all.ends[params.at("right")] = ref::file_descriptor(ends[1]);
    return json();
  });
  to.on("green.pair_send", [&all](const json& params) {
    const auto& data = params.at("data").get_ref<const std::string&>();
    const int end = at(all.ends, params.at("end")).get();
    for (std::size_t sent = 0; sent < data.size();) {
      const ssize_t some = ::send(end, data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
      if (some < 0) throw std::system_error(errno, std::generic_category(), "send");
      sent += static_cast<std::size_t>(some);
    }
    return json();
  });
  to.on("green.pair_receive", [&all](const json& params) {
    char data[4096];
    const ssize_t size = ::recv(at(all.ends, params.at("end")).get(), data, sizeof data, 0);
    if (size < 0) throw std::system_error(errno, std::generic_category(), "recv");
    return json(std::string(data, static_cast<std::size_t>(size)));
  });
}

}  // namespace

void add_green_ops(sdk::adapter& to) {
  auto& all = *new objects;  // as long as green threads can be, which is to the program's end
  to.on("green.spawn", [&to, &all](const json& params) {
    all.greens[params.at("green")] =
        green::spawn([&to, steps = params.at("steps")] { return std::any(to.call_script(steps)); },
                     duration_of(params.at("delay")));
    return json();
  });
  to.on("green.join", [&all](const json& params) {
    at(all.greens, params.at("green"))->join(timeout_of(params));
    return json();
  });
  to.on("green.join_all", [&all](const json& params) { return join_all(all, params); });
  to.on("green.get", [&all](const json& params) { return get(all, params); });
  to.on("green.sleep", [](const json& params) {
    green::sleep(duration_of(params.at("seconds")));
    return json();
  });
  to.on("green.kill", [&all](const json& params) {
    at(all.greens, params.at("green"))->kill();
    return json();
  });
  to.on("green.state", [&all](const json& params) {
    const auto& of = *at(all.greens, params.at("green"));
    return json{
        {"ready", of.is_ready()}, {"successful", of.is_successful()}, {"started", of.is_started()}};
  });
  to.on("green.patch", [](const json&) {
    green::patch_all();
    return json();
  });
  add_queue(to, all);
  add_pair(to, all);
}

}  // namespace assay::testees
