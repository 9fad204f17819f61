#include "impl/base/system_call.h"

#include <string>
#include <system_error>

namespace ref {

void throw_system_error(int error_number, std::string_view operation, std::string_view context) {
  std::string what(operation);
  if (!context.empty()) what.append(" ").append(context);
  throw std::system_error(error_number, std::system_category(), what);
}

}  // namespace ref
