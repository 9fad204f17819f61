#include "conformance/protocol/type.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "conformance/protocol/base64.h"

namespace assay {
namespace {

using nlohmann::json;

bool reject(mismatch* why, std::string expected, const json& got, bool close = false) {
  if (why != nullptr) *why = {"", std::move(expected), clip(got), close};
  return false;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_bytes(const json& value) {
  if (!value.is_object() || value.size() != 1) return false;
  const auto text = value.find("base64");
  return text != value.end() && text->is_string() && is_base64(text->get_ref<const std::string&>());
}

struct basic_type : value_type {
  using predicate = bool (*)(const json&);
  basic_type(std::string text, predicate test) : text_(std::move(text)), accepts_(test) {}
  bool accepts(const json& value, mismatch* why) const override {
    return accepts_(value) || reject(why, text_, value);
  }
  std::string describe() const override { return text_; }

 private:
  std::string text_;
  predicate accepts_;
};

std::unique_ptr<value_type> basic(std::string_view name) {
  using pair = std::pair<std::string_view, basic_type::predicate>;
  static constexpr pair basics[] = {
      {"int", [](const json& v) { return v.is_number_integer(); }},
      {"number", [](const json& v) { return v.is_number(); }},
      {"bool", [](const json& v) { return v.is_boolean(); }},
      {"string", [](const json& v) { return v.is_string(); }},
      {"any", [](const json&) { return true; }},
      {"null", [](const json& v) { return v.is_null(); }},
      {"bytes", [](const json& v) { return is_bytes(v); }},
  };
  for (const auto& [each, accepts] : basics) {
    if (each == name) {
      return std::make_unique<basic_type>(
          name == "bytes" ? "bytes {\"base64\": text}" : std::string(name), accepts);
    }
  }
  return nullptr;
}

struct list_type : value_type {
  explicit list_type(const value_type& element) : element_(element) {}
  bool accepts(const json& value, mismatch* why) const override {
    if (!value.is_array()) return reject(why, describe(), value);
    std::size_t index = 0;
    for (const auto& each : value) {
      if (!element_.accepts(each, why)) {
        if (why != nullptr) {
          why->path = fmt::format("[{}]{}", index, why->path);
          why->close = true;
        }
        return false;
      }
      ++index;
    }
    return true;
  }
  std::string describe() const override { return "list of " + element_.describe(); }

 private:
  const value_type& element_;
};

struct union_type : value_type {
  explicit union_type(std::vector<const value_type*> members) : members_(std::move(members)) {}
  bool accepts(const json& value, mismatch* why) const override {
    for (const auto* each : members_) {
      if (each->accepts(value, nullptr)) return true;
    }
    if (why == nullptr) return false;
    // What is wrong inside of an object or a list says more than the list of alternatives.
    for (const auto* each : members_) {
      each->accepts(value, why);
      if (why->close) return false;
    }
    return reject(why, describe(), value);
  }
  std::string describe() const override {
    std::string text;
    for (const auto* each : members_) text += (text.empty() ? "" : " or ") + each->describe();
    return text;
  }

 private:
  std::vector<const value_type*> members_;
};

struct object_type : value_type {
  struct field {
    std::string name;
    const value_type* type;
    bool optional;
  };
  explicit object_type(std::string name) : name_(std::move(name)) {}
  void add(field one) { fields_.push_back(std::move(one)); }
  bool accepts(const json& value, mismatch* why) const override {
    if (!value.is_object()) return reject(why, name_, value);
    std::size_t known = 0;
    for (const auto& each : fields_) {
      const auto at = value.find(each.name);
      if (at == value.end()) {
        if (each.optional) continue;
        return reject(why, fmt::format("{} with a field '{}'", name_, each.name), value, true);
      }
      ++known;
      if (!each.type->accepts(*at, why)) {
        if (why != nullptr) {
          why->path = "." + each.name + why->path;
          why->close = true;
        }
        return false;
      }
    }
    return known == value.size() || reject(why, unknown_field(value), value, true);
  }
  std::string describe() const override { return name_; }

 private:
  std::string unknown_field(const json& value) const {
    for (const auto& [key, unused] : value.items()) {
      bool declared = false;
      for (const auto& each : fields_) declared = declared || each.name == key;
      if (!declared) return fmt::format("{} without a field '{}'", name_, key);
    }
    return name_;
  }
  std::string name_;
  std::vector<field> fields_;
};

// A name of `types`, looked up when it is used, so that declarations may stand in any order.
struct named_type : value_type {
  using table = std::map<std::string, const value_type*, std::less<>>;
  named_type(std::string name, const table& declared)
      : name_(std::move(name)), declared_(&declared) {}
  const value_type* target() const {
    const auto at = declared_->find(name_);
    return at == declared_->end() ? nullptr : at->second;
  }
  bool accepts(const json& value, mismatch* why) const override {
    return target()->accepts(value, why);
  }
  std::string describe() const override { return name_; }

 private:
  std::string name_;
  const table* declared_;
};

}  // namespace

std::string clip(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return fmt::format("{}… ({} bytes more)", text.substr(0, end), text.size() - end);
}

std::string clip(const json& value, std::size_t most) {
  return clip(std::string_view(value.dump(-1, ' ', false, json::error_handler_t::replace)), most);
}

std::optional<mismatch> value_type::check(const json& value, std::string_view path) const {
  if (accepts(value)) return std::nullopt;
  mismatch why;
  accepts(value, &why);
  why.path.insert(0, path);
  return why;
}

std::string mismatch::describe() const {
  return fmt::format("{}: expected {}, got {}", path, expected, got);
}

const value_type& type_table::name(std::string_view text) {
  if (text.empty()) throw std::runtime_error("a type is empty");
  auto& slot = by_text_[std::string(text)];
  if (!slot) slot = basic(text);
  if (!slot) slot = std::make_unique<named_type>(std::string(text), declared_);
  return *slot;
}

const value_type& type_table::suffixed(std::string_view text) {
  text = trim(text);
  if (const auto known = by_text_.find(text); known != by_text_.end()) return *known->second;
  std::unique_ptr<value_type> made;
  if (text.ends_with("[]")) {
    made = std::make_unique<list_type>(suffixed(text.substr(0, text.size() - 2)));
  } else if (text.ends_with("?")) {
    made = std::make_unique<union_type>(
        std::vector<const value_type*>{&suffixed(text.substr(0, text.size() - 1)), &name("null")});
  } else {
    return name(text);
  }
  return *(by_text_[std::string(text)] = std::move(made));
}

const value_type& type_table::parse(const std::string& text) {
  if (text.find('|') == std::string::npos) return suffixed(text);
  if (const auto known = by_text_.find(text); known != by_text_.end()) return *known->second;
  std::vector<const value_type*> members;
  std::string_view rest = text;
  for (;;) {
    const auto bar = rest.find('|');
    members.push_back(&suffixed(rest.substr(0, bar)));
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return *(by_text_[text] = std::make_unique<union_type>(std::move(members)));
}

void type_table::read(const json& types) {
  for (const auto& [name, declared] : types.items()) {
    if (declared.is_string()) {
      declared_[name] = &parse(declared.get<std::string>());
      continue;
    }
    auto object = std::make_unique<object_type>(name);
    for (const auto& [field, type] : declared.items()) {
      const bool optional = field.ends_with('?');
      object->add({optional ? field.substr(0, field.size() - 1) : field,
                   &parse(type.get<std::string>()), optional});
    }
    declared_[name] = object.get();
    by_text_["object " + name] = std::move(object);
  }
}

void type_table::finish() const {
  for (const auto& [text, type] : by_text_) {
    const auto* named = dynamic_cast<const named_type*>(type.get());
    if (named != nullptr && named->target() == nullptr) {
      throw std::runtime_error(fmt::format("the type '{}' is declared nowhere", text));
    }
  }
}

}  // namespace assay
