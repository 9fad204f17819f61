// Ops of the area queue over ref::queue.
#include "conformance/testees/queue_ops.h"

#include <limits>
#include <map>
#include <memory>

#include "conformance/testees/reference/reference.h"
#include "impl/queue/queue.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

std::int64_t maxsize_of(const json& value) {
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    throw raised("OverflowError", "maxsize is too large");
  }
  if (!value.is_number_integer()) throw raised("TypeError", "maxsize must be an integer");
  return value.get<std::int64_t>();
}

class table {
 public:
  void open(const json& params) {
    const auto maxsize = maxsize_of(params.at("maxsize"));
    try {
      queues_[params.at("queue")] = std::make_unique<ref::queue>(maxsize);
    } catch (const std::overflow_error& wrong) {
      throw raised("OverflowError", wrong.what());
    }
  }

  ref::queue& at(const json& params) {
    const auto& name = params.at("queue").get_ref<const std::string&>();
    const auto found = queues_.find(name);
    if (found == queues_.end()) throw raised("NoSuchObject", "no queue '" + name + "' is open");
    return *found->second;
  }

 private:
  std::map<std::string, std::unique_ptr<ref::queue>, std::less<>> queues_;
};

// The library's own exceptions by the protocol's names.
template <typename Use>
json raising(Use&& use) {
  try {
    return use();
  } catch (const ref::queue_empty& empty) {
    throw raised("Empty", empty.what());
  } catch (const ref::queue_full& full) {
    throw raised("Full", full.what());
  } catch (const ref::queue_closed& closed) {
    throw raised("Closed", closed.what());
  }
}

}  // namespace

void add_queue_ops(sdk::adapter& to) {
  const auto queues = std::make_shared<table>();
  to.on("queue.open", [queues](const json& params) {
    queues->open(params);
    return json();
  });
  to.on("queue.put", [queues](const json& params) {
    return raising([&] {
      queues->at(params).put(to_item(params.at("item")), params.at("block"), patience_of(params));
      return json();
    });
  });
  to.on("queue.get", [queues](const json& params) {
    return raising(
        [&] { return from_item(queues->at(params).get(params.at("block"), patience_of(params))); });
  });
  to.on("queue.put_nowait", [queues](const json& params) {
    return raising([&] {
      queues->at(params).put_nowait(to_item(params.at("item")));
      return json();
    });
  });
  to.on("queue.get_nowait", [queues](const json& params) {
    return raising([&] { return from_item(queues->at(params).get_nowait()); });
  });
  to.on("queue.qsize", [queues](const json& params) { return json(queues->at(params).qsize()); });
  to.on("queue.empty", [queues](const json& params) { return json(queues->at(params).empty()); });
  to.on("queue.full", [queues](const json& params) { return json(queues->at(params).full()); });
  to.on("queue.close", [queues](const json& params) {
    queues->at(params).close();
    return json();
  });
}

}  // namespace assay::testees
