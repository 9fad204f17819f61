// Wrong queues: put, errors, items and close.
#include <algorithm>
#include <thread>

#include "conformance/saboteurs/queue_wrong.h"
#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs {
namespace {

// ---- put ----------------------------------------------------------------------------------------

SABOTEUR("queue.put/timeout-raises-full", "early", "gives up after a tenth of its timeout") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    return put(has_timeout(params) ? with(params, "timeout", timeout_of(params) / 10) : params);
  });
}

SABOTEUR("queue.put/block-false-raises-full", "waits", "waits although it must not") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    return put(params.at("block") ? params : waiting(params, true, 1));
  });
}

SABOTEUR("queue.put/block-false-ignores-timeout", "heeds", "heeds the timeout without blocking") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    const bool wrong = !params.at("block") && has_timeout(params);
    return put(wrong ? waiting(params, true, 1) : params);
  });
}

SABOTEUR("queue.put/nowait-raises-full", "drops", "drops what does not fit and says nothing") {
  to.replace("queue.put_nowait", [](const handler& put, const json& params) {
    try {
      return put(params);
    } catch (const raised&) {
      return json();
    }
  });
}

SABOTEUR("queue.put/nowait-appends", "empties", "put_nowait puts nothing but null") {
  to.replace("queue.put_nowait", [](const handler& put, const json& params) {
    return put(with(params, "item", nullptr));
  });
}

SABOTEUR("queue.put/zero-timeout-does-not-wait", "waits", "takes a timeout of zero for a second") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    const bool zero = has_timeout(params) && timeout_of(params) == 0;
    return put(zero ? with(params, "timeout", 1) : params);
  });
}

SABOTEUR("queue.put/negative-timeout-does-not-wait", "refuses", "refuses a negative timeout") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    if (has_timeout(params) && timeout_of(params) < 0) throw std::domain_error("negative timeout");
    return put(params);
  });
}

SABOTEUR("queue.put/a-failed-put-leaves-no-trace", "leaks", "loses a place with each refused put") {
  const auto lost = std::make_shared<int>(0);
  const handler qsize = to.at("queue.qsize");
  to.replace("queue.put_nowait", [=](const handler& put, const json& params) {
    if (*lost > 0 && qsize(named(params)) > 0) throw raised("Full");
    try {
      return put(params);
    } catch (const raised&) {
      ++*lost;
      throw;
    }
  });
}

SABOTEUR("queue.errors/empty-and-full-differ", "one-error", "raises one error for both") {
  const auto same = [](const handler& perform, const json& params) {
    try {
      return perform(params);
    } catch (const raised&) {
      throw raised("Closed");
    }
  };
  replace_both(to, "queue.put", same);
  replace_both(to, "queue.get", same);
}

// ---- items --------------------------------------------------------------------------------------

SABOTEUR("queue.items/null-is-an-item", "text", "takes null for an empty text") {
  change_put(to, [](const json& item) { return item.is_null() ? json("") : item; });
}

SABOTEUR("queue.items/structured-values-pass", "flat", "hands out the text of a structured value") {
  change_put(to, [](const json& item) { return item.is_structured() ? json(item.dump()) : item; });
}

SABOTEUR("queue.items/empty-text-is-an-item", "null", "takes an empty text for null") {
  change_put(to, [](const json& item) { return item == "" ? json() : item; });
}

SABOTEUR("queue.items/empty-bytes-are-an-item", "null", "takes no bytes for null") {
  change_put(to, [](const json& item) { return item == sdk::to_bytes("") ? json() : item; });
}

SABOTEUR("queue.items/binary-bytes-pass", "c-string", "ends bytes at the first NUL") {
  change_put(to, [](const json& item) {
    return is_bytes(item) ? sdk::to_bytes(sdk::bytes_of(item).c_str()) : item;
  });
}

SABOTEUR("queue.items/sixteen-mebibytes-pass", "cuts", "cuts bytes at eight mebibytes") {
  change_put(to, [](const json& item) {
    return is_bytes(item) ? sdk::to_bytes(cut(item, 8 << 20)) : item;
  });
}

// ---- close --------------------------------------------------------------------------------------

// Closing that only one of put and get heeds.
void half_closed(adapter& to, const std::string& op) {
  const auto closed = std::make_shared<bool>(false);
  to.replace("queue.close", [=](const handler&, const json&) {
    *closed = true;
    return json();
  });
  replace_both(to, op, [=](const handler& perform, const json& params) {
    if (*closed) throw raised("Closed");
    return perform(params);
  });
}

SABOTEUR("queue.close/put-raises-closed", "accepts", "accepts items after close") {
  half_closed(to, "queue.get");
}

SABOTEUR("queue.close/get-raises-closed", "serves", "hands out items after close") {
  half_closed(to, "queue.put");
}

SABOTEUR("queue.close/twice-is-no-error", "once", "fails when it is closed again") {
  const auto closed = std::make_shared<bool>(false);
  to.replace("queue.close", [=](const handler& close, const json& params) {
    if (*closed) throw std::logic_error("it is closed");
    *closed = true;
    return close(params);
  });
}

SABOTEUR("queue.close/is-for-one-process", "for-all", "closes the queue in every process") {
  bool& closed = shared<bool>();
  to.replace("queue.close", [&closed](const handler&, const json&) {
    closed = true;
    return json();
  });
  for (const char* op : {"queue.put", "queue.get"}) {
    to.replace(op, [&closed](const handler& perform, const json& params) {
      if (closed) throw raised("Closed");
      return perform(params);
    });
  }
}

SABOTEUR("queue.close/keeps-the-items", "throws-away", "throws away what is queued") {
  const handler get = to.at("queue.get_nowait");
  const handler put = to.at("queue.put_nowait");
  to.replace("queue.close", [=](const handler& close, const json& params) {
    get(params);
    put(with(params, "item", nullptr));
    return close(params);
  });
}

}  // namespace
}  // namespace assay::saboteurs
