// The adapter that sdk_test.py drives; wrong wherever an SDK must help.
#include <deque>

#include "conformance/sdk/cpp/adapter.h"

using assay::sdk::json;
using assay::sdk::raised;

namespace {

std::map<std::string, std::deque<json>> queues;

json put(const json& params) {
  const auto queue = queues.find(params.at("queue"));
  if (queue == queues.end()) throw raised("NoSuchObject", params.at("queue"));
  json item = params.at("item");
  if (item == "defaults") item = json::array({params.at("block"), params.at("timeout")});
  queue->second.push_back(std::move(item));
  return nullptr;
}

json get_nowait(const json& params) {
  auto& queue = queues[params.at("queue")];
  if (queue.empty()) throw raised("Empty", "nothing here");
  json item = std::move(queue.front());
  queue.pop_front();
  return item;
}

json parse_request(const json& params) {
  const std::string bytes = assay::sdk::bytes_of(params.at("bytes"));
  if (bytes == "bad") throw raised("MessageError", "refused").with_status(431);
  return {{"method", "GET"},
          {"target", "/"},
          {"version", "HTTP/1.1"},
          {"headers", json::array()},
          {"body", assay::sdk::to_bytes(std::string(bytes.rbegin(), bytes.rend()))},
          {"consumed", bytes.size()}};
}

}  // namespace

int main() {
  assay::sdk::adapter a{"test adapter", "1.2", "C++"};
  a.supports({"queue", "-queue.close"});
  a.on("queue.open", [](const json& params) {
    queues[params.at("queue")].clear();
    return json();
  });
  a.on("queue.put", put);
  a.on("queue.get_nowait", get_nowait);
  a.on("queue.qsize", [](const json& params) -> json { return queues[params.at("queue")].size(); });
  a.replace("queue.qsize", [](const assay::sdk::handler& previous, const json& params) {
    return params.at("queue") == "wrong type" ? json("three") : previous(params);
  });
  a.on("queue.empty", [](const json&) -> json { throw std::runtime_error("an accident"); });
  a.on("queue.full", [](const json&) -> json { throw raised("Overfull", "no such type"); });
  a.on("queue.close", [](const json&) { return json(); });
  a.remove("queue.close");
  a.on("regex.compile",
       [](const json&) -> json { throw raised("PatternError", "what is this").at(3); });
  a.on("http.parse_request", parse_request);
  return a.run();
}
