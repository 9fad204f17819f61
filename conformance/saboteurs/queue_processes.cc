// Wrong queues: hand-over between processes, waiting, many on each side, death.
#include <algorithm>
#include <deque>
#include <thread>

#include "conformance/saboteurs/queue_wrong.h"
#include "conformance/saboteurs/saboteur.h"
#include "impl/thread/thread.h"

namespace assay::saboteurs {
namespace {

// ---- hand-over ----------------------------------------------------------------------------------

json to_null(const json&) { return {}; }

SABOTEUR("queue.process/child-to-parent", "null", "turns what a child puts into null") {
  change_put(to, to_null, true);
}

SABOTEUR("queue.process/parent-to-child", "null", "turns what a child gets into null") {
  change_get_in_child(to, to_null);
}

SABOTEUR("queue.process/sibling-to-sibling", "null", "turns what a child gets into null") {
  change_get_in_child(to, to_null);
}

SABOTEUR("queue.process/items-put-before-the-start-are-seen", "forgets",
         "does not show a new process what was there") {
  change_get_in_child(to, to_null);
}

SABOTEUR("queue.process/reached-by-inheritance-only", "by-name", "finds a queue by any name") {
  to.replace("queue.qsize", [](const handler& qsize, const json& params) {
    try {
      return qsize(params);
    } catch (const raised&) {
      return json(0);
    }
  });
}

SABOTEUR("queue.process/counts-are-shared", "own", "counts in each process by itself") {
  to.replace("queue.qsize", [](const handler& qsize, const json& params) {
    return in_child() ? json(0) : qsize(params);
  });
}

SABOTEUR("queue.process/large-items-pass", "cuts", "cuts bytes at what a pipe holds") {
  change_put(
      to,
      [](const json& item) { return is_bytes(item) ? sdk::to_bytes(cut(item, 64 << 10)) : item; },
      true);
}

SABOTEUR("queue.process/producer-may-end-before-its-items-are-read", "lingers",
         "does not let a process end that has put a large item") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    // A process waits at its end for the threads that it made.
    if (in_child()) new ref::thread([] { std::this_thread::sleep_for(60s); });
    return put(params);
  });
}

// ---- waiting for each other ---------------------------------------------------------------------

void never_wait(adapter& to, const std::string& op) {
  to.replace(op, [](const handler& perform, const json& params) {
    return perform(waiting(params, false));
  });
}

SABOTEUR("queue.get/blocks-until-a-put", "never-waits", "get never waits") {
  never_wait(to, "queue.get");
}
SABOTEUR("queue.get/blocks-by-default", "never-waits", "get never waits") {
  never_wait(to, "queue.get");
}
SABOTEUR("queue.get/timeout-ends-with-a-put", "never-waits", "get never waits") {
  never_wait(to, "queue.get");
}
SABOTEUR("queue.put/blocks-while-full", "never-waits", "put never waits") {
  never_wait(to, "queue.put");
}
SABOTEUR("queue.put/blocks-by-default", "never-waits", "put never waits") {
  never_wait(to, "queue.put");
}
SABOTEUR("queue.put/timeout-ends-with-a-get", "never-waits", "put never waits") {
  never_wait(to, "queue.put");
}

SABOTEUR("queue.get/each-waiting-process-gets-an-item", "same",
         "hands one item to every process that waits") {
  change_get_in_child(to, [](const json&) { return json(1); });
}

// ---- many on each side --------------------------------------------------------------------------

SABOTEUR("queue.many/producers-keep-their-order", "swaps", "swaps neighbouring items") {
  const auto held = std::make_shared<std::deque<json>>();
  to.replace("queue.put", [=](const handler& put, const json& params) {
    held->push_front(params);
    if (held->size() < 2) return json();
    for (const json& each : *held) put(each);
    held->clear();
    return json();
  });
}

// Every tenth item is the one before it once more.
json repeat_tenth(const json& item) {
  static json last;
  static int count = 0;
  if (++count % 10 != 0) last = item;
  return last;
}

SABOTEUR("queue.many/producers-lose-nothing", "repeats", "puts an item twice in place of another") {
  change_put(to, repeat_tenth, true);
}

SABOTEUR("queue.many/consumers-take-each-item-once", "repeats", "hands an item out twice") {
  change_get_in_child(to, repeat_tenth);
}

// ---- death --------------------------------------------------------------------------------------

SABOTEUR("queue.death/consumer-killed-while-waiting", "lock", "waits with a lock in its hands") {
  lock_around(to, "queue.get", "Empty");
}

SABOTEUR("queue.death/one-of-two-waiting-consumers-is-killed", "lock",
         "waits with a lock in its hands") {
  lock_around(to, "queue.get", "Empty");
}

SABOTEUR("queue.death/consumer-killed-in-the-middle-of-get", "hoards",
         "takes items ahead, which are lost with their taker") {
  const auto hoard = std::make_shared<std::deque<json>>();
  to.replace("queue.get", [=](const handler& get, const json& params) {
    if (!in_child()) return get(params);
    while (hoard->size() < 5) hoard->push_back(get(params));
    json item = hoard->front();
    hoard->pop_front();
    return item;
  });
}

SABOTEUR("queue.death/producer-killed-while-waiting", "lock", "waits with a lock in its hands") {
  lock_around(to, "queue.put", "Full");
}

SABOTEUR("queue.death/producer-killed-in-the-middle-of-put", "in-parts",
         "puts items in two parts, one after the other") {
  to.replace("queue.put", [](const handler& put, const json& params) {
    const json& item = params.at("item");
    if (!in_child() || !is_bytes(item)) return put(params);
    const std::string bytes = sdk::bytes_of(item);
    put(with(params, "item", sdk::to_bytes(bytes.substr(0, bytes.size() / 2))));
    return put(with(params, "item", sdk::to_bytes(bytes.substr(bytes.size() / 2))));
  });
}

SABOTEUR("queue.death/an-item-outlives-its-producer", "later",
         "puts an item only at the next put") {
  const auto held = std::make_shared<json>();
  to.replace("queue.put", [=](const handler& put, const json& params) {
    if (!held->is_null()) put(*held);
    *held = params;
    return json();
  });
}

SABOTEUR("queue.death/a-waiting-get-outlasts-the-producer", "gives-up",
         "gives up where nobody puts for a while") {
  to.replace("queue.get", [](const handler& get, const json& params) {
    return get(has_timeout(params) ? params : with(params, "timeout", 0.001));
  });
}

}  // namespace
}  // namespace assay::saboteurs
