// Wrong processes: what parent and child have in common.
#include <pthread.h>

#include <cstdlib>
#include <map>
#include <set>

#include "conformance/saboteurs/process_wrong.h"
#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs::processes {
namespace {

// ---- data ---------------------------------------------------------------------------------------

SABOTEUR("process.data/child-sees-what-was-there", "empty", "starts without any data") {
  refuse(to, "data.get", "KeyError", in_child);
}

SABOTEUR("process.data/names-are-looked-up-when-called", "early", "binds names at the making") {
  static bool is_made = false;
  static std::set<json> late;
  to.replace("process.create", [](const handler& create, const json& params) {
    is_made = true;
    return create(params);
  });
  to.replace("data.set", [](const handler& set, const json& params) {
    if (is_made) late.insert(params.at("name"));
    return set(params);
  });
  to.replace("data.get", [](const handler& get, const json& params) {
    if (in_child() && late.count(params.at("name")) != 0) throw raised("KeyError", "not yet there");
    return get(params);
  });
}

SABOTEUR("process.data/snapshot-at-start", "early", "takes its copy at the making") {
  static std::map<json, json> now, then;
  to.replace("data.set", [](const handler& set, const json& params) {
    now[params.at("name")] = params.at("value");
    return set(params);
  });
  to.replace("data.append", [](const handler& append, const json& params) {
    now[params.at("name")].push_back(params.at("value"));
    return append(params);
  });
  to.replace("process.create", [](const handler& create, const json& params) {
    then = now;
    return create(params);
  });
  to.replace("data.get", [](const handler& get, const json& params) {
    return in_child() ? then[params.at("name")] : get(params);
  });
}

// What `writer` appends or adds is seen by `reader` as well.
void share(adapter& to, bool (*writer)(), bool (*reader)()) {
  struct changes {
    int appended = 0;
    int added = 0;
  };
  changes& seen = shared<changes>();
  to.replace("data.append", [=, &seen](const handler& append, const json& params) {
    if (writer()) ++seen.appended;
    return append(params);
  });
  to.replace("data.add", [=, &seen](const handler& add, const json& params) {
    if (writer()) ++seen.added;
    return add(params);
  });
  to.replace("data.get", [=, &seen](const handler& get, const json& params) {
    json value = get(params);
    if (!reader()) return value;
    for (int i = 0; value.is_array() && i < seen.appended; ++i) value.push_back(i);
    return value.is_number() ? json(value.get<int>() + seen.added) : value;
  });
}

bool in_main() { return !in_child(); }

SABOTEUR("process.data/childs-changes-stay-with-it", "shared", "shares what a child appends") {
  share(to, in_child, in_main);
}
SABOTEUR("process.data/parents-changes-stay-with-it", "shared", "shares what the parent appends") {
  share(to, in_main, in_child);
}
SABOTEUR("process.data/siblings-do-not-share", "shared", "shares what a sibling appends") {
  share(
      to, [] { return is_actor("first"); }, [] { return is_actor("second"); });
}
SABOTEUR("process.data/a-number-is-rebound-in-the-child-only", "shared", "shares a number") {
  share(to, in_child, in_main);
}
SABOTEUR("process.data/the-notes-example", "shared", "shares what a child appends") {
  share(to, in_child, in_main);
}
SABOTEUR("process.data/a-global-queue-is-inherited", "unknown", "has no queue in a child") {
  refuse(to, "queue.get", "NoSuchObject", in_child);
}

// ---- descriptors, threads, locks ----------------------------------------------------------------

SABOTEUR("process.fork/descriptors-are-inherited", "closes", "closes all in a child") {
  refuse(to, "pipe.write", "NoSuchObject", in_child);
}
SABOTEUR("process.fork/later-descriptors-are-not", "swallows", "takes what leads nowhere") {
  swallow(to, "pipe.write");
}
SABOTEUR("process.fork/threads-are-not-inherited", "more", "has a further thread in each child") {
  ::pthread_atfork(nullptr, nullptr,
                   [] { std::thread([] { std::this_thread::sleep_for(60s); }).detach(); });
}
SABOTEUR("process.fork/a-lock-of-another-thread-stays-held", "free", "frees all locks in a child") {
  swallow(to, "lock.acquire");
}

// ---- copy-on-write ------------------------------------------------------------------------------

SABOTEUR("process.memory/is-not-copied-at-the-start", "copies", "copies the heap at once") {
  ::pthread_atfork(nullptr, nullptr, [] {
    constexpr std::size_t bytes = 64 << 20;
    auto* const copy = static_cast<volatile char*>(std::malloc(bytes));
    for (std::size_t at = 0; at < bytes; at += 4096) copy[at] = 1;
  });
}
SABOTEUR("process.memory/grows-by-what-the-child-writes", "elsewhere", "writes no memory") {
  skip(to, "memory.write", in_child);
}
SABOTEUR("process.memory/grows-by-what-the-parent-writes", "elsewhere", "writes no memory") {
  skip(to, "memory.write", in_main);
}
SABOTEUR("process.memory/start-costs-no-copy", "copies", "takes as long as a copy twice over") {
  static auto took = std::chrono::steady_clock::duration::zero();
  to.replace("memory.allocate", [](const handler& allocate, const json& params) {
    const auto begin = std::chrono::steady_clock::now();
    allocate(params);
    took = std::chrono::steady_clock::now() - begin;
    return json();
  });
  to.replace("process.start", [](const handler& start, const json& params) {
    std::this_thread::sleep_for(2 * took);
    return start(params);
  });
}

}  // namespace
}  // namespace assay::saboteurs::processes
