// Wrong queues: each breaks one requirement of the area queue. Sizes and get; see also
// queue_put.cc and queue_processes.cc.
#include <algorithm>
#include <deque>
#include <thread>

#include "conformance/saboteurs/queue_wrong.h"
#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs {
namespace {

// ---- capacity -----------------------------------------------------------------------------------

SABOTEUR("queue.open/unbounded-by-default", "forgets", "drops every item after the 50,000th") {
  const auto puts = std::make_shared<int>(0);
  to.replace("queue.put", [=](const handler& put, const json& params) {
    return ++*puts > 50'000 ? json() : put(params);
  });
}

SABOTEUR("queue.open/zero-is-unbounded", "thousand", "takes a size of zero for a thousand") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) { return n == 0 ? json(1000) : n; });
  });
}

SABOTEUR("queue.open/negative-is-unbounded", "absolute", "drops the sign of a negative size") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) {
      return n.is_number_integer() && n < 0 ? json(-n.get<std::int64_t>()) : n;
    });
  });
}

SABOTEUR("queue.open/holds-maxsize-items", "one-more", "takes one item more than its size") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) {
      return n.is_number_integer() && n > 0 ? json(n.get<std::int64_t>() + 1) : n;
    });
  });
}

SABOTEUR("queue.open/rejects-text", "lenient", "takes a text for no limit") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) { return n.is_string() ? json(0) : n; });
  });
}

SABOTEUR("queue.open/rejects-a-fraction", "rounds", "rounds a fraction down") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) {
      return n.is_number_float() ? json(static_cast<int>(n.get<double>())) : n;
    });
  });
}

SABOTEUR("queue.open/rejects-too-large-a-size", "wraps",
         "takes a size that is too large for none") {
  to.replace("queue.open", [](const handler& open, const json& params) {
    return change_maxsize(open, params, [](const json& n) {
      return n.is_number_integer() && n > 2147483647 ? json(0) : n;
    });
  });
}

// ---- size ---------------------------------------------------------------------------------------

SABOTEUR("queue.size/counts-items-put", "capped", "counts to two at most") {
  to.replace("queue.qsize", [](const handler& qsize, const json& params) {
    return json(std::min(qsize(params).get<int>(), 2));
  });
}

SABOTEUR("queue.size/counts-down-on-get", "total", "counts items taken as well") {
  const auto gets = std::make_shared<int>(0);
  to.replace("queue.get", [=](const handler& get, const json& params) {
    json item = get(params);
    ++*gets;
    return item;
  });
  to.replace("queue.qsize", [=](const handler& qsize, const json& params) {
    return json(qsize(params).get<int>() + *gets);
  });
}

SABOTEUR("queue.size/is-exact-right-after-put", "lags", "counts an item a moment after its put") {
  lag_behind_put(to, "queue.qsize", [] { return json(0); });
}

SABOTEUR("queue.size/empty-when-new", "not-yet", "is empty only after its first get") {
  const auto used = std::make_shared<bool>(false);
  to.replace("queue.put", [=](const handler& put, const json& params) {
    *used = true;
    return put(params);
  });
  to.replace("queue.empty", [=](const handler& empty, const json& params) {
    return json(*used && empty(params).get<bool>());
  });
}

SABOTEUR("queue.size/empty-when-drained", "sticky", "is never empty again after a put") {
  const auto used = std::make_shared<bool>(false);
  to.replace("queue.put", [=](const handler& put, const json& params) {
    *used = true;
    return put(params);
  });
  to.replace("queue.empty", [=](const handler&, const json&) { return json(!*used); });
}

SABOTEUR("queue.size/not-empty-when-filled", "always", "says that it is empty, always") {
  to.replace("queue.empty", [](const handler&, const json&) { return json(true); });
}

SABOTEUR("queue.size/empty-after-put", "lags", "is empty until a moment after a put") {
  lag_behind_put(to, "queue.empty", [] { return json(true); });
}

SABOTEUR("queue.size/full-at-capacity", "never", "never says that it is full") {
  to.replace("queue.full", [](const handler&, const json&) { return json(false); });
}

SABOTEUR("queue.size/not-full-below-capacity", "any", "says that it is full when it has an item") {
  const handler qsize = to.at("queue.qsize");
  to.replace("queue.full",
             [=](const handler&, const json& params) { return json(qsize(params) > 0); });
}

SABOTEUR("queue.size/not-full-after-get", "sticky", "once full, says that it is full for ever") {
  const auto filled = std::make_shared<bool>(false);
  const handler full = to.at("queue.full");
  to.replace("queue.put", [=](const handler& put, const json& params) {
    put(params);
    *filled = *filled || full(named(params)).get<bool>();
    return json();
  });
  to.replace("queue.full", [=](const handler&, const json&) { return json(*filled); });
}

SABOTEUR("queue.size/unbounded-is-never-full", "thousand", "says that a thousand items fill it") {
  const handler qsize = to.at("queue.qsize");
  to.replace("queue.full", [=](const handler& full, const json& params) {
    return json(full(params).get<bool>() || qsize(params) >= 1000);
  });
}

// ---- get ----------------------------------------------------------------------------------------

SABOTEUR("queue.get/first-in-first-out", "last", "hands out the newest item first") {
  const handler nowait = to.at("queue.get_nowait");
  const handler put = to.at("queue.put_nowait");
  to.replace("queue.get", [=](const handler& get, const json& params) {
    std::deque<json> items{get(params)};
    try {
      for (;;) items.push_back(nowait(named(params)));
    } catch (const raised&) {
    }
    for (std::size_t i = 0; i + 1 < items.size(); ++i) {
      put(with(named(params), "item", items[i]));
    }
    return items.back();
  });
}

SABOTEUR("queue.get/removes-the-item", "peeks", "leaves the item in the queue") {
  const handler put = to.at("queue.put_nowait");
  to.replace("queue.get", [=](const handler& get, const json& params) {
    const json item = get(params);
    put(with(named(params), "item", item));
    return item;
  });
}

SABOTEUR("queue.get/timeout-raises-empty", "early", "gives up after a tenth of its timeout") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    return get(has_timeout(params) ? with(params, "timeout", timeout_of(params) / 10) : params);
  });
}

SABOTEUR("queue.get/timeout-with-an-item-returns-it", "waits", "waits a second before it looks") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    std::this_thread::sleep_for(1s);
    return get(params);
  });
}

SABOTEUR("queue.get/block-false-raises-empty", "waits", "waits although it must not") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    return get(params.at("block") ? params : waiting(params, true, 1));
  });
}

SABOTEUR("queue.get/block-false-ignores-timeout", "heeds", "heeds the timeout without blocking") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    const bool wrong = !params.at("block") && has_timeout(params);
    return get(wrong ? waiting(params, true, 1) : params);
  });
}

SABOTEUR("queue.get/nowait-raises-empty", "waits", "get_nowait waits a second") {
  to.replace("queue.get_nowait", [](const handler& get, const json& params) {
    std::this_thread::sleep_for(1s);
    return get(params);
  });
}

SABOTEUR("queue.get/nowait-returns-the-oldest", "never", "get_nowait never finds anything") {
  to.replace("queue.get_nowait",
             [](const handler&, const json&) -> json { throw raised("Empty"); });
}

SABOTEUR("queue.get/nowait-right-after-put", "lags", "finds an item a moment after its put") {
  lag_behind_put(to, "queue.get_nowait", []() -> json { throw raised("Empty"); });
}

SABOTEUR("queue.get/zero-timeout-does-not-wait", "waits", "takes a timeout of zero for a second") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    const bool zero = has_timeout(params) && timeout_of(params) == 0;
    return get(zero ? with(params, "timeout", 1) : params);
  });
}

SABOTEUR("queue.get/negative-timeout-does-not-wait", "refuses", "refuses a negative timeout") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    if (has_timeout(params) && timeout_of(params) < 0) throw std::domain_error("negative timeout");
    return get(params);
  });
}

SABOTEUR("queue.get/waiting-costs-no-processor-time", "spins", "asks again and again") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    if (!has_timeout(params)) return get(params);
    const auto until = clock::now() + std::chrono::duration<double>(timeout_of(params));
    while (clock::now() < until) {
      try {
        return get(waiting(params, false));
      } catch (const raised&) {
      }
    }
    return get(waiting(params, false));
  });
}

}  // namespace
}  // namespace assay::saboteurs
