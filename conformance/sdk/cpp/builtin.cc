// The ops that are the same for every implementation: events, time, globals, memory, identity.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/sdk/cpp/session.h"

namespace assay::sdk {
namespace {

// Opened for each event, so that no forked child shares an offset and no descriptor stays behind.
void log_event(const json& value) {
  const std::string line =
      json{{"value", value}, {"t_ns", monotonic_ns()}, {"pid", process_id()}, {"tid", thread_id()}}
          .dump() +
      "\n";
  const char* scratch = std::getenv("ASSAY_SCRATCH");
  const std::string path = std::string(scratch == nullptr ? "." : scratch) + "/events";
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) throw std::system_error(errno, std::generic_category(), path);
  const bool is_written = ::write(file, line.data(), line.size()) == ssize_t(line.size());
  ::close(file);
  if (!is_written) throw std::runtime_error("cannot write " + path);
}

// By the libc call that programs use, so that a library which interposes it is met.
void sleep_for(double seconds) {
  if (!(seconds > 0)) return;
  timespec left{};
  left.tv_sec = static_cast<time_t>(seconds);
  left.tv_nsec = static_cast<long>(std::ceil((seconds - std::floor(seconds)) * 1e9));
  if (left.tv_nsec > 999'999'999) left = {left.tv_sec + 1, 0};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

class globals {
 public:
  void set(const json& params) {
    const std::lock_guard lock(lock_);
    values_[params.at("name")] = params.at("value");
  }
  json get(const json& params) {
    const std::lock_guard lock(lock_);
    const auto found = values_.find(params.at("name").get_ref<const std::string&>());
    if (found == values_.end()) throw raised("KeyError", params.at("name"));
    return found->second;
  }
  void append(const json& params) {
    const std::lock_guard lock(lock_);
    json& list = values_[params.at("name")];
    if (list.is_null()) list = json::array();
    if (!list.is_array()) throw raised("TypeError", "not a list");
    list.push_back(params.at("value"));
  }
  json add(const json& params) {
    const std::lock_guard lock(lock_);
    json& number = values_[params.at("name")];
    if (number.is_null()) number = 0;
    if (!number.is_number_integer()) throw raised("TypeError", "not a number");
    number = number.get<std::int64_t>() + params.at("by").get<std::int64_t>();
    return number;
  }

 private:
  std::mutex lock_;
  std::map<std::string, json, std::less<>> values_;
};

class blocks {
 public:
  void allocate(const json& params) {
    const auto bytes = params.at("bytes").get<std::int64_t>();
    if (bytes <= 0) throw raised("ValueError", "bytes must be positive");
    blocks_[params.at("name")] = std::string(static_cast<std::size_t>(bytes), '\1');
  }
  void write(const json& params) {
    std::string& block = find(params);
    const auto offset = params.at("offset").get<std::int64_t>();
    const auto bytes = params.at("bytes").get<std::int64_t>();
    const auto size = static_cast<std::int64_t>(block.size());
    if (offset < 0 || bytes < 0 || bytes > size || offset > size - bytes) {
      throw raised("ValueError", "outside of the memory");
    }
    std::memset(block.data() + offset, params.at("value").get<int>(),
                static_cast<std::size_t>(bytes));
  }
  json read(const json& params) {
    const std::string& block = find(params);
    const auto offset = params.at("offset").get<std::int64_t>();
    if (offset < 0 || offset >= static_cast<std::int64_t>(block.size())) {
      throw raised("ValueError", "outside of the memory");
    }
    return static_cast<unsigned char>(block[static_cast<std::size_t>(offset)]);
  }

 private:
  std::string& find(const json& params) {
    const auto found = blocks_.find(params.at("name").get_ref<const std::string&>());
    if (found == blocks_.end()) throw raised("NoSuchObject", params.at("name"));
    return found->second;
  }
  std::map<std::string, std::string, std::less<>> blocks_;
};

}  // namespace

void adapter::add_builtin_ops() {
  const auto none = [](auto use) {
    return [use](const json& params) {
      use(params);
      return json();
    };
  };
  on("event.log", none([](const json& params) { log_event(params.at("value")); }));
  on("time.sleep", none([](const json& params) { sleep_for(params.at("seconds")); }));
  on("time.compute", [](const json& params) {
    std::uint64_t value = 1;
    for (auto i = params.at("rounds").get<std::int64_t>(); i > 0; --i) {
      value = value * 6364136223846793005U + 1442695040888963407U;
      asm volatile("" : "+r"(value));  // each round is done, none is worked out ahead
    }
    return json(static_cast<std::int64_t>(value >> 2));
  });
  on("process.self", [](const json&) {
    return json{{"pid", process_id()}, {"ppid", ::getppid()}, {"tid", thread_id()}};
  });
  const auto variables = std::make_shared<globals>();
  on("data.set", none([=](const json& params) { variables->set(params); }));
  on("data.get", [=](const json& params) { return variables->get(params); });
  on("data.append", none([=](const json& params) { variables->append(params); }));
  on("data.add", [=](const json& params) { return variables->add(params); });
  const auto memory = std::make_shared<blocks>();
  on("memory.allocate", none([=](const json& params) { memory->allocate(params); }));
  on("memory.write", none([=](const json& params) { memory->write(params); }));
  on("memory.read", [=](const json& params) { return memory->read(params); });
}

}  // namespace assay::sdk
