// Common ways to spoil an op of any area: its answer, its exceptions, its params.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs {

/// Something happens to what the op returns.
inline void change_answer(sdk::adapter& to, const std::string& op,
                          std::function<json(json answer, const json& params)> wrong) {
  to.replace(op, [wrong = std::move(wrong)](const handler& perform, const json& params) {
    return wrong(perform(params), params);
  });
}
inline void change_answer(sdk::adapter& to, const std::string& op,
                          std::function<json(json answer)> wrong) {
  change_answer(to, op, [wrong = std::move(wrong)](json answer, const json&) {
    return wrong(std::move(answer));
  });
}

/// The op always returns this.
inline void always_answer(sdk::adapter& to, const std::string& op, json answer) {
  to.replace(op, [answer = std::move(answer)](const handler&, const json&) { return answer; });
}

/// Where the op should raise a condition of this type it returns something.
inline void swallow(sdk::adapter& to, const std::string& op, const std::string& type,
                    json instead = nullptr) {
  to.replace(op, [type, instead = std::move(instead)](const handler& perform, const json& params) {
    try {
      return perform(params);
    } catch (const raised& condition) {
      if (condition.type() != type) throw;
      return instead;
    }
  });
}

/// Where the op should raise one type it raises another.
inline void raise_instead(sdk::adapter& to, const std::string& op, const std::string& type,
                          const std::string& other) {
  to.replace(op, [=](const handler& perform, const json& params) {
    try {
      return perform(params);
    } catch (const raised& condition) {
      if (condition.type() != type) throw;
      throw raised(other, condition.what());
    }
  });
}

/// The op gets another value for a param.
inline void change_param(sdk::adapter& to, const std::string& op, const std::string& name,
                         std::function<json(const json& given)> wrong) {
  to.replace(op, [=](const handler& perform, json params) {
    params[name] = wrong(params.at(name));
    return perform(params);
  });
}
inline void set_param(sdk::adapter& to, const std::string& op, const std::string& name,
                      json value) {
  change_param(to, op, name, [value = std::move(value)](const json&) { return value; });
}

}  // namespace assay::saboteurs
