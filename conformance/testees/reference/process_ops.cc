// Ops of the area process over ref::process: its objects by the names of the actors that they serve
// as, what they were called with, and pipes to see what is inherited.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>

#include "conformance/testees/reference/reference.h"
#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"
#include "impl/process/process.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

ref::process::timeout timeout_of(const json& params) {
  const json& seconds = params.at("timeout");
  // A time past what nanoseconds hold is some three hundred years: for ever.
  if (seconds.is_null() || seconds.get<double>() > 9e9) return std::nullopt;
  if (seconds.get<double>() <= 0) return std::chrono::nanoseconds(0);
  return std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds.get<double>()));
}

template <typename Value>
json or_null(const std::optional<Value>& value) {
  return value ? json(*value) : json();
}

// The library's own exceptions by the protocol's names.
template <typename Use>
json raising(Use&& use) {
  try {
    return use();
  } catch (const std::invalid_argument& refused) {
    throw raised("ValueError", refused.what());
  } catch (const std::logic_error& misused) {
    throw raised("AssertionError", misused.what());
  }
}

struct child {
  json args = json::array();
  json kwargs = json::object();
  std::unique_ptr<ref::process> process;
};

class table {
 public:
  explicit table(sdk::adapter& of) : adapter_(of) {}

  void create(const json& params) {
    const std::string actor = params.at("actor");
    if (!params.at("kwargs").is_object()) throw raised("ValueError", "kwargs must be an object");
    ref::process::options how{.daemon = params.at("daemon")};
    if (params.at("name").is_string()) how.name = params.at("name");
    adapter_.take_name(actor);
    auto made = std::make_shared<child>();
    made->args = params.at("args");
    made->kwargs = params.at("kwargs");
    made->process = std::make_unique<ref::process>([this, actor] { return serve(actor); }, how);
    const std::lock_guard lock(lock_);
    children_[actor] = std::move(made);
  }

  void start(const json& params) {
    const std::string actor = params.at("actor");
    if (find(actor) == nullptr) {
      create({{"actor", actor},
              {"name", nullptr},
              {"daemon", false},
              {"args", json::array()},
              {"kwargs", json::object()}});
    }
    find(actor)->process->start();
  }

  json state(const json& params) {
    ref::process& of = process(params);
    return json{{"pid", or_null(of.pid())},
                {"alive", of.is_alive()},
                {"exit_code", or_null(of.exit_code())},
                {"name", of.name()},
                {"daemon", of.is_daemon()}};
  }

  json arguments(const json& params) {
    const json& actor = params.at("actor");
    const std::shared_ptr<child> of = actor.is_null() ? self_ : find(actor);
    if (!of) throw raised("NoSuchObject", "no process was made here by that name");
    return {{"args", of->args}, {"kwargs", of->kwargs}};
  }

  void append_to_argument(const json& params) {
    const auto index = params.at("index").get<std::int64_t>();
    if (!self_ || index < 0 || index >= std::ssize(self_->args)) {
      throw raised("ValueError", "there is no such argument");
    }
    json& list = self_->args[static_cast<std::size_t>(index)];
    if (!list.is_array()) throw raised("TypeError", "the argument is no list");
    list.push_back(params.at("value"));
  }

  ref::process& process(const json& params) {
    const auto found = find(params.at("actor"));
    if (!found) throw raised("NoSuchObject", "no process was made here by that name");
    return *found->process;
  }

 private:
  // In the child: its copy of the object holds what its function was called with.
  int serve(const std::string& actor) {
    self_ = find(actor);
    return adapter_.serve_as(actor);
  }

  std::shared_ptr<child> find(const std::string& actor) {
    const std::lock_guard lock(lock_);
    const auto found = children_.find(actor);
    return found == children_.end() ? nullptr : found->second;
  }

  sdk::adapter& adapter_;
  std::mutex lock_;
  std::map<std::string, std::shared_ptr<child>> children_;
  std::shared_ptr<child> self_;
};

struct pipe_ends {
  ref::file_descriptor reading;
  ref::file_descriptor writing;
};

class pipes {
 public:
  void open(const json& params) {
    int ends[2];
    ref::check(::pipe2(ends, O_CLOEXEC), "pipe2");
    open_[params.at("pipe")] = {ref::file_descriptor(ends[0]), ref::file_descriptor(ends[1])};
  }
  void write(const json& params) {
    const auto& text = params.at("text").get_ref<const std::string&>();
    const int to = at(params).writing.get();
    for (std::size_t done = 0; done < text.size();) {
      done += static_cast<std::size_t>(ref::check(
          ref::retry_interrupted([&] { return ::write(to, &text[done], text.size() - done); }),
          "write"));
    }
  }
  json read(const json& params) {
    std::string text(4096, '\0');
    const int from = at(params).reading.get();
    text.resize(static_cast<std::size_t>(ref::check(
        ref::retry_interrupted([&] { return ::read(from, text.data(), text.size()); }), "read")));
    return text;
  }

 private:
  const pipe_ends& at(const json& params) {
    const auto found = open_.find(params.at("pipe").get_ref<const std::string&>());
    if (found == open_.end()) throw raised("NoSuchObject", "no such pipe is open");
    return found->second;
  }

  std::map<std::string, pipe_ends, std::less<>> open_;
};

template <typename Perform>
sdk::handler none(Perform perform) {
  return [perform](const json& params) {
    return raising([&] {
      perform(params);
      return json();
    });
  };
}

}  // namespace

void add_process_ops(sdk::adapter& to) {
  const auto all = std::make_shared<table>(to);
  to.replace("process.start",
             [start = none([=](const json& params) { all->start(params); })](
                 const sdk::handler&, const json& params) { return start(params); });
  to.on("process.create", none([=](const json& params) { all->create(params); }));
  to.on("process.join",
        none([=](const json& params) { all->process(params).join(timeout_of(params)); }));
  to.on("process.state",
        [=](const json& params) { return raising([&] { return all->state(params); }); });
  to.on("process.terminate", none([=](const json& params) { all->process(params).terminate(); }));
  to.on("process.kill", none([=](const json& params) { all->process(params).kill(); }));
  to.on("process.close", none([=](const json& params) { all->process(params).close(); }));
  to.on("process.arguments", [=](const json& params) { return all->arguments(params); });
  to.on("process.append_to_argument",
        none([=](const json& params) { all->append_to_argument(params); }));
  to.on("process.exit_now", [](const json& params) -> json {
    ::_exit(static_cast<int>(params.at("code").get<std::int64_t>() & 0xff));
  });
  const auto opened = std::make_shared<pipes>();
  to.on("pipe.open", none([=](const json& params) { opened->open(params); }));
  to.on("pipe.write", none([=](const json& params) { opened->write(params); }));
  to.on("pipe.read", [=](const json& params) { return opened->read(params); });
}

}  // namespace assay::testees
