// What the wrong queues are made of: common ways to spoil the ops of the area queue.
#pragma once

#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <string>

#include "conformance/testees/reference/reference.h"

namespace assay::saboteurs {
using sdk::adapter;
using sdk::handler;
using sdk::json;
using sdk::raised;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

inline const pid_t main_process = ::getpid();
inline bool in_child() { return ::getpid() != main_process; }

// Params with one of them changed.
inline json with(json params, const char* name, json value) {
  params[name] = std::move(value);
  return params;
}
inline json named(const json& params) { return {{"queue", params.at("queue")}}; }

// The params of a call that does not wait, or waits this long.
inline json waiting(const json& params, bool block, json timeout = nullptr) {
  return with(with(params, "block", block), "timeout", std::move(timeout));
}

inline bool has_timeout(const json& params) { return params.at("timeout").is_number(); }
inline double timeout_of(const json& params) { return params.at("timeout").get<double>(); }

// Both forms of an op, as in queue.put and queue.put_nowait.
inline void replace_both(adapter& to, const std::string& op, const sdk::wrapper& wrong) {
  to.replace(op, wrong);
  to.replace(op + "_nowait", wrong);
}

// Something happens to each item that is put, or gotten; only in child processes where asked for.
using change = std::function<json(const json& item)>;
inline void change_put(adapter& to, change wrong, bool children_only = false) {
  replace_both(to, "queue.put", [=](const handler& put, const json& params) {
    if (children_only && !in_child()) return put(params);
    return put(with(params, "item", wrong(params.at("item"))));
  });
}
inline void change_get_in_child(adapter& to, change wrong) {
  replace_both(to, "queue.get", [=](const handler& get, const json& params) {
    const json item = get(params);
    return in_child() ? wrong(item) : item;
  });
}

// A value that the processes share.
template <typename Value>
Value& shared() {
  void* memory =
      ::mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *new (memory) Value();
}

// A lock between processes that dies with its owner, held during the whole op.
inline void lock_around(adapter& to, const std::string& op, const char* too_late) {
  sem_t& lock = shared<sem_t>();
  ::sem_init(&lock, 1, 1);
  to.replace(op, [&lock, too_late](const handler& perform, const json& params) {
    if (has_timeout(params)) {
      const double seconds = timeout_of(params);
      timespec until{};
      ::clock_gettime(CLOCK_REALTIME, &until);
      until.tv_sec += static_cast<time_t>(seconds) + 1;
      if (::sem_timedwait(&lock, &until) != 0) throw raised(too_late);
    } else {
      while (::sem_wait(&lock) != 0) {
      }
    }
    try {
      json result = perform(params);
      ::sem_post(&lock);
      return result;
    } catch (...) {
      ::sem_post(&lock);
      throw;
    }
  });
}

// For a moment after a put the queue looks as it did before.
inline void lag_behind_put(adapter& to, const std::string& op,
                           const std::function<json()>& instead) {
  const auto last_put = std::make_shared<clock::time_point>();
  to.replace("queue.put", [=](const handler& put, const json& params) {
    put(params);
    *last_put = clock::now();
    return json();
  });
  to.replace(op, [=](const handler& perform, const json& params) {
    return clock::now() - *last_put < 1ms ? instead() : perform(params);
  });
}

inline json change_maxsize(const handler& open, const json& params, const change& wrong) {
  return open(with(params, "maxsize", wrong(params.at("maxsize"))));
}

inline std::string cut(const json& item, std::size_t at_most) {
  return sdk::bytes_of(item).substr(0, at_most);
}
inline bool is_bytes(const json& item) { return item.is_object() && item.contains("base64"); }

}  // namespace assay::saboteurs
