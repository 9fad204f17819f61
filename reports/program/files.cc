#include <fmt/core.h>

#include <exception>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "reports/program/commands.h"

namespace assay::program {

void print_and_write(const std::function<void()>& print, const std::function<void()>& write) {
  std::exception_ptr unread;
  try {
    print();
  } catch (const std::system_error&) {
    unread = std::current_exception();
  }
  write();
  if (unread) std::rethrow_exception(unread);
}

nlohmann::json read_json(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(fmt::format("{}: cannot be read", file));
  try {
    return nlohmann::json::parse(in);
  } catch (const nlohmann::json::parse_error& error) {
    throw std::runtime_error(fmt::format("{}: no JSON at byte {}", file, error.byte));
  }
}

nlohmann::json read_json(const std::string& file, const char* needed, const char* made_by) {
  nlohmann::json value = read_json(file);
  if (!value.is_object() || value.value("schema", 0) != 1 || !value.contains(needed)) {
    throw std::runtime_error(
        fmt::format("{}: not a file that `{}` wrote (schema 1 with '{}')", file, made_by, needed));
  }
  return value;
}

}  // namespace assay::program
