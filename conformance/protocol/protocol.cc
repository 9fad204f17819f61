#include "conformance/protocol/protocol.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "conformance/protocol/type.h"

namespace assay {

using nlohmann::json;

namespace {

struct param {
  std::string name;
  const value_type* type = nullptr;
  std::optional<json> default_value;
};

struct op_definition {
  std::vector<param> params;
  const value_type* result = nullptr;
};

}  // namespace

struct protocol::contents {
  type_table types;
  const value_type* error = nullptr;
  std::map<std::string, op_definition, std::less<>> ops;
  std::map<std::string, std::string, std::less<>> error_types;

  const op_definition* find(std::string_view op) const {
    const auto at = ops.find(op);
    return at == ops.end() ? nullptr : &at->second;
  }
};

protocol::protocol() : contents_(std::make_unique<contents>()) {}
protocol::protocol(protocol&&) noexcept = default;
protocol& protocol::operator=(protocol&&) noexcept = default;
protocol::~protocol() = default;

protocol protocol::load(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(fmt::format("{}: cannot be read", file.string()));
  protocol result;
  try {
    result.read(json::parse(in));
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", file.string(), error.what()));
  }
  return result;
}

const protocol& protocol::of_environment() {
  static const protocol loaded = [] {
    const char* file = std::getenv("ASSAY_PROTOCOL");
    if (file == nullptr) {
      throw std::runtime_error("ASSAY_PROTOCOL is not set: a testee is started by assay");
    }
    return load(file);
  }();
  return loaded;
}

void protocol::read(const json& document) {
  version_ = document.at("protocol");
  line_limit_ = document.at("limits").at("line_bytes");
  nesting_limit_ = document.at("limits").at("nesting");
  contents_->error_types = document.at("error_types");
  contents_->types.read(document.at("types"));
  contents_->error = &contents_->types.parse("error");
  for (const auto& [name, op] : document.at("ops").items()) {
    op_definition one;
    one.result = &contents_->types.parse(op.at("result").get<std::string>());
    for (const auto& [param_name, declared] : op.at("params").items()) {
      param each{param_name, &contents_->types.parse(declared.at("type").get<std::string>()), {}};
      if (declared.contains("default")) {
        each.default_value = declared.at("default");
        if (auto bad = each.type->check(*each.default_value, param_name + ".default")) {
          throw std::runtime_error(fmt::format("{}: {}", name, bad->describe()));
        }
      }
      one.params.push_back(std::move(each));
    }
    for (const auto& error : op.at("errors")) {
      if (!has_error_type(error.get<std::string>())) {
        throw std::runtime_error(fmt::format("{}: unknown error type {}", name, error.dump()));
      }
    }
    contents_->ops.emplace(name, std::move(one));
  }
  contents_->types.finish();
}

std::vector<std::string> protocol::ops() const {
  std::vector<std::string> names;
  for (const auto& [name, unused] : contents_->ops) names.push_back(name);
  return names;
}

bool protocol::has_error_type(std::string_view type) const {
  return contents_->error_types.find(type) != contents_->error_types.end();
}

bool protocol::has_op(std::string_view op) const { return contents_->find(op) != nullptr; }

std::optional<std::string> protocol::check_params(std::string_view op, const json& params) const {
  const auto* definition = contents_->find(op);
  if (definition == nullptr) return fmt::format("{}: there is no such op", op);
  if (!params.is_object())
    return fmt::format("{}: params: expected object, got {}", op, clip(params));
  std::size_t known = 0;
  for (const auto& each : definition->params) {
    const auto given = params.find(each.name);
    if (given == params.end()) {
      if (each.default_value) continue;
      return fmt::format("{}: params.{}: expected {}, but it is absent", op, each.name,
                         each.type->describe());
    }
    ++known;
    if (each.type->accepts(*given)) continue;
    return fmt::format("{}: {}", op, each.type->check(*given, "params." + each.name)->describe());
  }
  if (known == params.size()) return std::nullopt;
  for (const auto& [key, unused] : params.items()) {
    const auto& all = definition->params;
    if (std::none_of(all.begin(), all.end(), [&](const auto& each) { return each.name == key; })) {
      return fmt::format("{}: params.{}: there is no such parameter", op, key);
    }
  }
  return std::nullopt;
}

std::optional<std::string> protocol::complete_params(std::string_view op, json& params) const {
  if (auto why = check_params(op, params)) return why;
  for (const auto& each : contents_->find(op)->params) {
    if (each.default_value && !params.contains(each.name)) params[each.name] = *each.default_value;
  }
  return std::nullopt;
}

std::optional<std::string> protocol::check_result(std::string_view op, const json& result) const {
  const auto* definition = contents_->find(op);
  if (definition == nullptr) return fmt::format("{}: there is no such op", op);
  if (definition->result->accepts(result)) return std::nullopt;
  return fmt::format("{}: {}", op, definition->result->check(result, "result")->describe());
}

std::optional<std::string> protocol::check_error(std::string_view op, const json& data) const {
  if (const auto bad = contents_->error->check(data, "error.data")) {
    return fmt::format("{}: {}", op, bad->describe());
  }
  const std::string& type = data.at("type").get_ref<const std::string&>();
  if (has_error_type(type)) return std::nullopt;
  return fmt::format("{}: error.data.type: '{}' is no error type of the protocol", op, type);
}

}  // namespace assay
