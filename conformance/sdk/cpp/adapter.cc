#include "conformance/sdk/cpp/adapter.h"

#include <cstdio>
#include <cstdlib>
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

// What a handler threw, as `data` of an error object that fits the protocol.
json data_of(std::string_view op, const std::exception& thrown) {
  const auto* condition = dynamic_cast<const raised*>(&thrown);
  if (condition == nullptr) return internal_error(thrown.what());
  json data{{"type", condition->type()}, {"message", condition->what()}};
  if (condition->position()) data["position"] = *condition->position();
  if (condition->status()) data["status"] = *condition->status();
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

}  // namespace

raised&& raised::at(std::int64_t position) && {
  position_ = position;
  return std::move(*this);
}

raised&& raised::with_status(int status) && {
  status_ = status;
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
  on("actor.exit", [this](const json& params) {
    exit_actor(params);
    return json();
  });
  on("process.start", [this](const json& params) {
    start_process(params);
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
    for (;;) {
      session_ = std::make_unique<session>(path, protocol::of_environment().line_limit());
      try {
        serve();
        return session_->exit_code().value_or(0);
      } catch (const forked_child& child) {
        actor_ = child.actor;  // serve on, over a connection of our own
      }
    }
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, wrong.what());
    return 1;
  }
}

json adapter::hello() const {
  json params{{"protocol", protocol::of_environment().version()},
              {"actor", actor_},
              {"pid", process_id()},
              {"tid", thread_id()}};
  if (actor_ == "main") {
    params["implementation"] = {
        {"name", implementation_}, {"version", version_}, {"language", language_}};
    params["supports"] = supports_;
  }
  return {{"jsonrpc", "2.0"}, {"method", "hello"}, {"params", std::move(params)}};
}

void adapter::serve() {
  if (!session_->write(to_line(hello()))) return;
  std::string_view line;
  while (session_->read_line(line)) {
    if (line.empty()) continue;
    if (!session_->write(answer(line)) || session_->exit_code()) return;
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
    return reply_raised(id, data_of(op, thrown));
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

void adapter::exit_actor(const json& params) {
  const auto code = params.at("code").get<std::int64_t>();
  if (code < 0 || code > 255) throw bad_params("actor.exit: code must be 0 to 255");
  session_->exit_with(static_cast<int>(code));
}

void adapter::start_process(const json& params) {
  auto name = params.at("actor").get<std::string>();
  if (name.empty() || !started_.insert(name).second) {
    throw raised("ValueError", "an actor named '" + name + "' was started before");
  }
  session_->fork_child(std::move(name));
}

json adapter::run_script(const json& params) {
  struct planned {
    std::size_t index;
    std::string op;
    handler how;
    json params;
  };
  std::vector<planned> plan;
  for (const auto& step : params.at("steps")) {
    auto op = step.at("op").get<std::string>();
    const std::string where = "step " + std::to_string(plan.size()) + ": ";
    if (op == "script.run" || op.starts_with("actor.") || !has(op)) {
      throw raised("ValueError", where + op + " cannot be in a script");
    }
    json given = params_of(step);
    if (const auto wrong = protocol::of_environment().complete_params(op, given)) {
      throw bad_params(where + *wrong);
    }
    const handler how = at(op);
    plan.push_back({plan.size(), std::move(op), how, std::move(given)});
  }
  json events = json::array();
  const bool log = params.at("log");
  const std::int64_t begin = monotonic_ns();
  for (std::int64_t round = params.at("repeat"); round > 0; --round) {
    for (const auto& step : plan) {
      json event{{"step", step.index}, {"start_ns", monotonic_ns()}};
      try {
        json result = perform(step.op, step.how, step.params);
        event["end_ns"] = monotonic_ns();
        event["result"] = std::move(result);
      } catch (const std::exception& thrown) {
        event["end_ns"] = monotonic_ns();
        event["error"] = data_of(step.op, thrown);
      }
      if (log) events.push_back(std::move(event));
    }
  }
  return {{"elapsed_ns", monotonic_ns() - begin}, {"events", std::move(events)}};
}

}  // namespace assay::sdk
