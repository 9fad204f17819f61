#include "conformance/testees/queue_ops.h"

#include <map>
#include <utility>

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

constexpr char is_json = 'j';
constexpr char is_bytes = 'b';

class table {
 public:
  explicit table(queue_opener open) : open_(std::move(open)) {}

  void open(const json& params) {
    const json& maxsize = params.at("maxsize");
    if (!maxsize.is_number_integer()) throw raised("TypeError", "maxsize must be an integer");
    queues_[params.at("queue")] = open_(maxsize.get<std::int64_t>());
  }
  byte_queue& at(const json& params) {
    const auto found = queues_.find(params.at("queue").get_ref<const std::string&>());
    if (found == queues_.end()) throw raised("NoSuchObject", params.at("queue"));
    return *found->second;
  }

 private:
  queue_opener open_;
  std::map<std::string, std::unique_ptr<byte_queue>, std::less<>> queues_;
};

json put(byte_queue& queue, const json& params, patience how_long) {
  if (!queue.put(to_item(params.at("item")), how_long)) throw raised("Full", "no room");
  return nullptr;
}

json get(byte_queue& queue, patience how_long) {
  const auto item = queue.get(how_long);
  if (!item) throw raised("Empty", "nothing to take");
  return from_item(*item);
}

patience when_blocking(const json& params) {
  return params.at("block").get<bool>() ? patience_of(params) : std::chrono::nanoseconds(0);
}

}  // namespace

std::string to_item(const json& value) {
  if (value.is_object() && value.size() == 1) {
    const auto text = value.find("base64");
    if (text != value.end() && text->is_string()) return is_bytes + sdk::bytes_of(value);
  }
  return is_json + value.dump();
}

json from_item(std::string_view item) {
  const std::string_view content = item.substr(1);
  return item.front() == is_bytes ? sdk::to_bytes(content) : json::parse(content);
}

void add_queue_ops(sdk::adapter& to, queue_opener open) {
  const auto queues = std::make_shared<table>(std::move(open));
  to.on("queue.open", [queues](const json& params) {
    queues->open(params);
    return json();
  });
  to.on("queue.put", [queues](const json& params) {
    return put(queues->at(params), params, when_blocking(params));
  });
  to.on("queue.get",
        [queues](const json& params) { return get(queues->at(params), when_blocking(params)); });
  to.on("queue.put_nowait", [queues](const json& params) {
    return put(queues->at(params), params, std::chrono::nanoseconds(0));
  });
  to.on("queue.get_nowait", [queues](const json& params) {
    return get(queues->at(params), std::chrono::nanoseconds(0));
  });
  to.on("queue.qsize", [queues](const json& params) { return json(queues->at(params).size()); });
  to.on("queue.empty",
        [queues](const json& params) { return json(queues->at(params).size() == 0); });
  to.on("queue.full", [queues](const json& params) {
    byte_queue& queue = queues->at(params);
    return json(queue.size() >= queue.capacity());
  });
  to.on("queue.close", [queues](const json& params) {
    queues->at(params).close();
    return json();
  });
}

}  // namespace assay::testees
