// Ops of the area greenlet over ref::greenlet. What a switch carries is a list of JSON values.
#include "conformance/testees/reference/greenlet_ops.h"

#include <map>
#include <memory>

namespace assay::testees {
namespace {

using ref::greenlet;
using sdk::json;
using sdk::raised;
using pointer = greenlet::pointer;

class table {
 public:
  pointer at(const std::string& name) const {
    if (name == "main") return main_;
    const auto found = greenlets_.find(name);
    if (found == greenlets_.end()) throw raised("NoSuchObject", name);
    return found->second;
  }
  void put(const std::string& name, pointer made) { greenlets_[name] = std::move(made); }
  std::string name_of(const greenlet* wanted) const {
    for (const auto& [name, each] : greenlets_) {
      if (each.get() == wanted) return name;
    }
    return "main";
  }

 private:
  pointer main_ = &greenlet::current();
  std::map<std::string, pointer, std::less<>> greenlets_;
};

// None for no values, the value itself, or all of several.
json from_switch(const std::any& result) {
  json values = from_any(result);
  if (!values.is_array()) return values;
  if (values.empty()) return nullptr;
  return values.size() == 1 ? values[0] : values;
}

std::exception_ptr exception_of(const json& params) {
  const std::string type = params.at("type");
  if (type == "GreenletExit") {
    return std::make_exception_ptr(ref::greenlet_exit{params.at("message")});
  }
  return std::make_exception_ptr(raised(type, params.at("message")));
}

json create(sdk::adapter& to, table& greenlets, const json& params) {
  const json& parent = params.at("parent");
  auto body = [&to, steps = params.at("steps")](const std::any& values) -> std::any {
    return json::array({to.call_script(steps, std::any_cast<const json&>(values))});
  };
  greenlets.put(params.at("greenlet"),
                greenlet::create(body, parent.is_null() ? nullptr : greenlets.at(parent)));
  return nullptr;
}

json set_parent(table& greenlets, const json& params) {
  try {
    greenlets.at(params.at("greenlet"))->set_parent(greenlets.at(params.at("parent")));
    return nullptr;
  } catch (const std::invalid_argument& refused) {
    throw raised("ValueError", refused.what());
  }
}

json state_of(const table& greenlets, const json& params) {
  const pointer of = greenlets.at(params.at("greenlet"));
  json parent;
  if (of->parent()) parent = greenlets.name_of(of->parent().get());
  return {{"dead", of->is_dead()}, {"started", of->is_started()}, {"parent", parent}};
}

}  // namespace

void add_greenlet_ops(sdk::adapter& to) {
  // Never destroyed: the end of a suspended greenlet performs steps, for which it is too late then.
  auto& greenlets = *new table;
  const auto on = [&](const char* op, auto perform) {
    to.on(op, [perform](const json& params) -> json {
      try {
        return perform(params);
      } catch (const ref::greenlet_error& refused) {
        throw raised("GreenletError", refused.what());
      }
    });
  };
  on("greenlet.create",
     [&to, &greenlets](const json& params) { return create(to, greenlets, params); });
  on("greenlet.switch", [&greenlets](const json& params) {
    const pointer target = greenlets.at(params.at("greenlet"));
    return from_switch(target->switch_to(params.at("values")));
  });
  on("greenlet.throw", [&greenlets](const json& params) {
    const pointer target = greenlets.at(params.at("greenlet"));
    return from_switch(target->throw_in(exception_of(params)));
  });
  on("greenlet.state", [&greenlets](const json& params) { return state_of(greenlets, params); });
  on("greenlet.set_parent",
     [&greenlets](const json& params) { return set_parent(greenlets, params); });
  on("greenlet.current",
     [&greenlets](const json&) { return json(greenlets.name_of(&greenlet::current())); });
}

}  // namespace assay::testees
