// What the wrong processes and threads are made of: common ways to spoil the ops of these areas.
#pragma once

#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conformance/testees/reference/reference.h"

namespace assay::saboteurs::processes {
using sdk::adapter;
using sdk::handler;
using sdk::json;
using sdk::raised;
using namespace std::chrono_literals;

inline const pid_t main_process = ::getpid();
inline bool in_child() { return ::getpid() != main_process; }
inline bool is_actor(std::string_view name) { return adapter::actor_name() == name; }

// Params or a result with one field changed.
inline json with(json value, const char* name, json other) {
  value[name] = std::move(other);
  return value;
}

// Always with this param.
inline void set_param(adapter& to, const std::string& op, const char* name, const json& value) {
  to.replace(op, [=](const handler& perform, const json& params) {
    return perform(with(params, name, value));
  });
}

// Always with this field in its result.
inline void set_result(adapter& to, const std::string& op, const char* name, const json& value) {
  to.replace(op, [=](const handler& perform, const json& params) {
    return with(perform(params), name, value);
  });
}

// A field of its result goes through a function.
inline void change_result(adapter& to, const std::string& op, const char* name,
                          const std::function<json(const json&)>& wrong) {
  to.replace(op, [=](const handler& perform, const json& params) {
    const json result = perform(params);
    return with(result, name, wrong(result.at(name)));
  });
}

// What the op raises is lost.
inline void swallow(adapter& to, const std::string& op) {
  to.replace(op, [](const handler& perform, const json& params) {
    try {
      return perform(params);
    } catch (const raised&) {
      return json();
    }
  });
}

// The op does nothing where the condition holds.
inline void skip(adapter& to, const std::string& op, bool (*where)()) {
  to.replace(op, [=](const handler& perform, const json& params) {
    return where() ? json() : perform(params);
  });
}

// The op raises something where the condition holds.
inline void refuse(adapter& to, const std::string& op, const char* type, bool (*where)()) {
  to.replace(op, [=](const handler& perform, const json& params) {
    if (where()) throw raised(type, "refused");
    return perform(params);
  });
}

// Ends the whole process soon after the reply, whoever else is at work in it.
inline void end_soon(int code) {
  std::thread([=] {
    std::this_thread::sleep_for(5ms);
    ::_exit(code);
  }).detach();
}

// An actor whose function is left takes its process along.
inline void leave_suddenly(adapter& to, const std::string& op, std::string_view actor) {
  to.replace(op, [=](const handler& perform, const json& params) {
    if (is_actor(actor)) {
      end_soon(params.value("code", 1));
      return json();
    }
    return perform(params);
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

// One lock for all processes and threads is held during these ops.
inline void one_at_a_time(adapter& to, const std::vector<std::string>& ops) {
  sem_t& lock = shared<sem_t>();
  ::sem_init(&lock, 1, 1);
  for (const auto& op : ops) {
    to.replace(op, [&lock](const handler& perform, const json& params) {
      while (::sem_wait(&lock) != 0) {
      }
      const json result = perform(params);
      ::sem_post(&lock);
      return result;
    });
  }
}

}  // namespace assay::saboteurs::processes
