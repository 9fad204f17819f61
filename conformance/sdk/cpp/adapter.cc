#include "conformance/sdk/cpp/adapter.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "conformance/protocol/base64.h"
#include "conformance/protocol/framing.h"
#include "conformance/protocol/protocol.h"
#include "conformance/sdk/cpp/session.h"

namespace assay::sdk {
namespace {

enum : int { parse_error = -32700, invalid_request = -32600 };

constexpr const char* by_hand =
    "%s: an adapter of assay for %s.\n\n"
    "It is started by assay, which tells it by ASSAY_SOCKET where to connect. Ask it something "
    "with\n"
    "  assay call path/to/testee.toml OP '{\"param\": value}'\n"
    "and run the whole spec with\n"
    "  assay check path/to/testee.toml\n"
    "where testee.toml names this program as its [adapter] command.\n";

std::string error_line(const json& id, int code, const std::string& message,
                       const json* data = nullptr) {
  json error{{"code", code}, {"message", message}};
  if (data != nullptr) error["data"] = *data;
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(error)}});
}

json internal_error(const std::string& message) {
  return {{"type", "InternalError"}, {"message", message}};
}

// The session of the actor that the calling thread serves as.
thread_local adapter::session* current = nullptr;

}  // namespace

json error_data(std::string_view op, const std::exception& thrown) {
  json data;
  if (const auto* condition = dynamic_cast<const raised*>(&thrown)) {
    data = {{"type", condition->type()}, {"message", condition->what()}};
    if (condition->position()) data["position"] = *condition->position();
    if (condition->status()) data["status"] = *condition->status();
    if (condition->value()) data["value"] = *condition->value();
  } else if (const auto* system = dynamic_cast<const std::system_error*>(&thrown)) {
    const char* name = ::strerrorname_np(system->code().value());
    if (name == nullptr || !protocol::of_environment().has_error_type(name)) {
      return internal_error(thrown.what());
    }
    data = {{"type", name}, {"message", thrown.what()}};
  } else {
    return internal_error(thrown.what());
  }
  if (const auto wrong = protocol::of_environment().check_error(op, data)) {
    return internal_error(*wrong);
  }
  return data;
}

const json& params_of(const json& holder) {
  static const json none = json::object();
  const auto at = holder.find("params");
  return at == holder.end() || at->is_null() ? none : *at;
}

raised&& raised::at(std::int64_t position) && {
  position_ = position;
  return std::move(*this);
}

raised&& raised::with_status(int status) && {
  status_ = status;
  return std::move(*this);
}

raised&& raised::with_value(json value) && {
  value_ = std::move(value);
  return std::move(*this);
}

std::string bytes_of(const json& value) {
  if (value.is_object() && value.size() == 1) {
    const auto text = value.find("base64");
    if (text != value.end() && text->is_string()) {
      if (auto bytes = base64_decode(text->get_ref<const std::string&>())) return *bytes;
    }
  }
  throw raised("ValueError", "bytes are {\"base64\": text}");
}

json to_bytes(std::string_view bytes) { return {{"base64", base64_encode(bytes)}}; }

adapter::adapter(std::string implementation, std::string version, std::string language)
    : implementation_(std::move(implementation)),
      version_(std::move(version)),
      language_(std::move(language)) {
  add_builtin_ops();
  add_script_ops();
  on("actor.exit", [](const json& params) {
    const auto code = params.at("code").get<std::int64_t>();
    if (code < 0 || code > 255) throw bad_params("actor.exit: code must be 0 to 255");
    current->exit_with(static_cast<int>(code));
    return json();
  });
  on("actor.raise", [](const json& params) {
    current->raise_at_end(raised(params.at("type"), params.at("message")));
    return json();
  });
  on("process.start", [this](const json& params) {
    start_process(params);
    return json();
  });
  on("thread.start", [this](const json& params) {
    start_thread(params);
    return json();
  });
  on("script.run", [this](const json& params) { return run_script(params); });
}

adapter::~adapter() = default;

adapter& adapter::supports(const std::vector<std::string>& names) {
  supports_.insert(supports_.end(), names.begin(), names.end());
  return *this;
}

adapter& adapter::on(std::string_view op, handler perform) {
  if (!handlers_.emplace(op, std::move(perform)).second) {
    throw std::logic_error("the op " + std::string(op) + " has a handler already");
  }
  return *this;
}

adapter& adapter::replace(std::string_view op, wrapper perform) {
  const auto at = handlers_.find(op);
  if (at == handlers_.end()) {
    throw std::logic_error("the op " + std::string(op) + " has no handler to replace");
  }
  at->second = [previous = std::move(at->second), perform = std::move(perform)](
                   const json& params) { return perform(previous, params); };
  return *this;
}

adapter& adapter::remove(std::string_view op) {
  const auto at = handlers_.find(op);
  if (at != handlers_.end()) handlers_.erase(at);
  return *this;
}

bool adapter::has(std::string_view op) const { return handlers_.find(op) != handlers_.end(); }

const handler& adapter::at(std::string_view op) const {
  const auto at = handlers_.find(op);
  if (at == handlers_.end()) throw std::out_of_range("no op " + std::string(op));
  return at->second;
}

int adapter::run() {
  const char* path = std::getenv("ASSAY_SOCKET");
  if (path == nullptr) {
    std::fprintf(stderr, by_hand, program_invocation_short_name, implementation_.c_str());
    return 2;
  }
  try {
    for (const auto& [op, unused] : handlers_) {
      if (!protocol::of_environment().has_op(op)) {
        throw std::runtime_error("there is a handler for " + op + ", which the protocol lacks");
      }
    }
    return serve_as("main");
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, wrong.what());
    return 1;
  }
}

int adapter::serve_as(const std::string& actor) {
  if (current != nullptr) current->abandon();  // inherited by fork
  session mine(actor, std::getenv("ASSAY_SOCKET"), protocol::of_environment().line_limit());
  session* const outer = std::exchange(current, &mine);
  try {
    serve(mine);
  } catch (...) {
    current = outer;
    throw;
  }
  current = outer;
  if (mine.uncaught()) throw *mine.uncaught();
  return mine.exit_code().value_or(0);
}

void adapter::take_name(const std::string& actor) {
  const std::lock_guard lock(names_lock_);
  if (actor.empty() || !started_.insert(actor).second) {
    throw raised("ValueError", "an actor named '" + actor + "' was started before");
  }
}

const std::string& adapter::actor_name() {
  static const std::string main = "main";
  return current == nullptr ? main : current->actor();
}

json adapter::hello(const session& of) const {
  json params{{"protocol", protocol::of_environment().version()},
              {"actor", of.actor()},
              {"pid", process_id()},
              {"tid", thread_id()}};
  if (of.actor() == "main") {
    params["implementation"] = {
        {"name", implementation_}, {"version", version_}, {"language", language_}};
    params["supports"] = supports_;
  }
  return {{"jsonrpc", "2.0"}, {"method", "hello"}, {"params", std::move(params)}};
}

void adapter::serve(session& over) {
  if (!over.write(to_line(hello(over)))) return;
  std::string_view line;
  while (over.read_line(line)) {
    if (line.empty()) continue;
    if (!over.write(answer(line)) || over.is_over()) return;
  }
}

std::string adapter::answer(std::string_view line) {
  const protocol& known = protocol::of_environment();
  json request;
  try {
    request = parse_line(line, known.nesting_limit());
  } catch (const malformed_line& wrong) {
    return error_line(nullptr, parse_error, wrong.what());
  }
  const json id = request.is_object() ? request.value("id", json()) : json();
  const auto method = request.is_object() ? request.find("method") : request.end();
  if (id.is_null() || method == request.end() || !method->is_string()) {
    return error_line(id, invalid_request, "a request is an object with id and method");
  }
  const auto& op = method->get_ref<const std::string&>();
  const auto how = handlers_.find(op);
  if (how == handlers_.end()) {
    return error_line(id, static_cast<int>(rpc_error::unknown_method),
                      "this adapter has no op " + op);
  }
  json params = params_of(request);
  if (const auto wrong = known.complete_params(op, params)) {
    return error_line(id, static_cast<int>(rpc_error::bad_params), *wrong);
  }
  try {
    // A copy: the handler may take its own op out of the table.
    const handler perform_op = how->second;
    return reply_of(id, perform(op, perform_op, params));
  } catch (const bad_params& wrong) {
    return error_line(id, static_cast<int>(rpc_error::bad_params), wrong.what());
  } catch (const std::exception& thrown) {
    return reply_raised(id, error_data(op, thrown));
  }
}

json adapter::perform(std::string_view op, const handler& how, const json& params) const {
  json result = how(params);
  if (const auto wrong = protocol::of_environment().check_result(op, result)) {
    throw raised("InternalError", *wrong);
  }
  return result;
}

// Written by hand around the result, which may be large: building the whole object would copy it.
std::string adapter::reply_of(const json& id, const json& result) const {
  std::string line = "{\"jsonrpc\":\"2.0\",\"id\":" + id.dump() + ",\"result\":";
  line += result.dump();
  line += "}\n";
  const std::size_t limit = protocol::of_environment().line_limit();
  if (line.size() - 1 <= limit) return line;
  return reply_raised(
      id, internal_error("the reply is longer than " + std::to_string(limit) + " bytes"));
}

std::string adapter::reply_raised(const json& id, const json& data) const {
  const auto& message = data.at("message").get_ref<const std::string&>();
  try {
    return error_line(id, static_cast<int>(rpc_error::raised), message, &data);
  } catch (const json::exception&) {
    const json readable = internal_error("the message of a raised condition is not UTF-8");
    return error_line(id, static_cast<int>(rpc_error::raised), readable.at("message"), &readable);
  }
}

void adapter::start_process(const json& params) {
  const auto name = params.at("actor").get<std::string>();
  take_name(name);
  std::fflush(nullptr);  // or both processes would write what is buffered
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid > 0) return current->add_child(pid);
  int code = 1;
  try {
    code = serve_as(name);
  } catch (const std::exception& uncaught) {
    std::fprintf(stderr, "process %s: %s\n", name.c_str(), uncaught.what());
  }
  std::exit(code);
}

void adapter::start_thread(const json& params) {
  const auto name = params.at("actor").get<std::string>();
  take_name(name);
  std::thread([this, name] {
    try {
      serve_as(name);
    } catch (const std::exception& uncaught) {
      std::fprintf(stderr, "thread %s: %s\n", name.c_str(), uncaught.what());
    }
  }).detach();
}

}  // namespace assay::sdk
