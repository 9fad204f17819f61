// Ops of the area thread over ref::thread, and locks between threads.
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "conformance/testees/reference/reference.h"
#include "impl/thread/thread.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

// nullopt: without end.
std::optional<std::chrono::nanoseconds> timeout_of(const json& params) {
  const json& seconds = params.at("timeout");
  if (seconds.is_null() || seconds.get<double>() > 9e9) return std::nullopt;
  if (seconds.get<double>() <= 0) return std::chrono::nanoseconds(0);
  return std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds.get<double>()));
}

class threads {
 public:
  explicit threads(sdk::adapter& of) : adapter_(of) {}

  void start(const json& params) {
    const std::string actor = params.at("actor");
    adapter_.take_name(actor);
    const std::lock_guard lock(lock_);
    all_[actor] = std::make_shared<ref::thread>(
        [this, actor] { adapter_.serve_as(actor); },
        ref::thread::options{.name = actor, .daemon = params.at("daemon")});
  }

  void join(const json& params) {
    try {
      at(params)->join(timeout_of(params));
    } catch (const std::logic_error& misused) {
      throw raised("RuntimeError", misused.what());
    }
  }

  json state(const json& params) {
    const auto of = at(params);
    return {{"alive", of->is_alive()}, {"name", of->name()}, {"daemon", of->is_daemon()}};
  }

 private:
  std::shared_ptr<ref::thread> at(const json& params) {
    const std::lock_guard lock(lock_);
    const auto found = all_.find(params.at("actor").get_ref<const std::string&>());
    if (found == all_.end()) throw raised("NoSuchObject", "no such thread was started here");
    return found->second;
  }

  sdk::adapter& adapter_;
  std::mutex lock_;
  std::map<std::string, std::shared_ptr<ref::thread>, std::less<>> all_;
};

// A global number and the locks around it. Reading and writing are single steps, so that a lost
// update is no data race, which would be undefined.
class counters {
 public:
  void open(const json& params) {
    const std::lock_guard lock(lock_);
    locks_[params.at("lock")] = std::make_shared<owned_lock>();
  }

  void acquire(const json& params) {
    owned_lock& wanted = *at(params);
    if (const auto limit = timeout_of(params)) {
      if (!wanted.lock.try_lock_for(*limit)) throw raised("TimedOut", "another has the lock");
    } else {
      wanted.lock.lock();
    }
    wanted.owner = std::this_thread::get_id();
  }

  void release(const json& params) {
    owned_lock& held = *at(params);
    if (held.owner.exchange({}) != std::this_thread::get_id()) {
      throw raised("RuntimeError", "the lock is not this thread's");
    }
    held.lock.unlock();
  }

  void count(sdk::adapter& in, const json& params) {
    const sdk::handler get = in.at("data.get");
    const sdk::handler set = in.at("data.set");
    const json& name = params.at("name");
    const json use_lock{{"lock", params.at("lock")}, {"timeout", nullptr}};
    for (auto left = params.at("times").get<std::int64_t>(); left > 0; --left) {
      if (!params.at("lock").is_null()) in.at("lock.acquire")(use_lock);
      const auto before = get({{"name", name}}).get<std::int64_t>();
      set({{"name", name}, {"value", before + 1}});
      if (!params.at("lock").is_null()) in.at("lock.release")(use_lock);
    }
  }

 private:
  struct owned_lock {
    std::timed_mutex lock;
    std::atomic<std::thread::id> owner;
  };

  std::shared_ptr<owned_lock> at(const json& params) {
    const std::lock_guard lock(lock_);
    const auto found = locks_.find(params.at("lock").get_ref<const std::string&>());
    if (found == locks_.end()) throw raised("NoSuchObject", "no such lock is there");
    return found->second;
  }

  std::mutex lock_;
  std::map<std::string, std::shared_ptr<owned_lock>, std::less<>> locks_;
};

template <typename Perform>
sdk::handler none(Perform perform) {
  return [perform](const json& params) {
    perform(params);
    return json();
  };
}

}  // namespace

void add_thread_ops(sdk::adapter& to) {
  const auto all = std::make_shared<threads>(to);
  to.replace("thread.start", [all](const sdk::handler&, const json& params) {
    all->start(params);
    return json();
  });
  to.on("thread.join", none([=](const json& params) { all->join(params); }));
  to.on("thread.state", [=](const json& params) { return all->state(params); });
  const auto locks = std::make_shared<counters>();
  to.on("lock.open", none([=](const json& params) { locks->open(params); }));
  to.on("lock.acquire", none([=](const json& params) { locks->acquire(params); }));
  to.on("lock.release", none([=](const json& params) { locks->release(params); }));
  to.on("data.count", none([=, &to](const json& params) { locks->count(to, params); }));
}

}  // namespace assay::testees
