#include "impl/pool/message.h"

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <typeinfo>

namespace ref::pool_detail {
namespace {

enum class status : char { value = 'v', raised = 'e' };

template <typename Value>
void write(std::string& to, const Value& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void write_text(std::string& to, std::string_view text) {
  write(to, std::uint64_t{text.size()});
  to += text;
}

template <typename Value>
Value read(std::string_view& from) {
  Value value;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return value;
}
std::string_view read_text(std::string_view& from) {
  const auto size = read<std::uint64_t>(from);
  const std::string_view text = from.substr(0, size);
  from.remove_prefix(size);
  return text;
}

std::string name_of(const std::type_info& type) {
  int error = 0;
  char* name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &error);
  const std::string readable = error == 0 ? name : type.name();
  std::free(name);
  return readable;
}

void write_raised(std::string& to, std::string_view type, std::string_view message) {
  write(to, status::raised);
  write_text(to, type);
  write_text(to, message);
}

void perform_one(task_function task, std::string_view argument, std::string& to) {
  try {
    const std::string value = task(argument);
    write(to, status::value);
    write_text(to, value);
  } catch (const task_error& error) {
    write_raised(to, error.type(), error.what());
  } catch (const std::exception& error) {
    write_raised(to, name_of(typeid(error)), error.what());
  } catch (...) {
    write_raised(to, "unknown", "something that is no std::exception");
  }
}

}  // namespace

std::string write_task(task_function task, const std::vector<std::string_view>& arguments) {
  std::string message;
  write(message, task);
  write(message, std::uint64_t{arguments.size()});
  for (std::string_view each : arguments) write_text(message, each);
  return message;
}

std::string perform(std::string_view message, std::uint64_t serial) {
  const auto task = read<task_function>(message);
  if (task == nullptr) return {};
  std::string results;
  write(results, message_kind::results);
  write(results, serial);
  for (auto left = read<std::uint64_t>(message); left > 0; --left) {
    perform_one(task, read_text(message), results);
  }
  return results;
}

std::string write_lost(const worker_end& end) {
  std::string message;
  write(message, message_kind::lost);
  write(message, end.serial);
  write_text(message, end.how);
  return message;
}

std::string write_quit() {
  std::string message;
  write(message, message_kind::quit);
  write(message, std::uint64_t{0});
  return message;
}

message_kind kind_of(std::string_view message) { return read<message_kind>(message); }

std::uint64_t serial_of(std::string_view message) {
  message.remove_prefix(sizeof(message_kind));
  return read<std::uint64_t>(message);
}

std::vector<item_result> results_of(std::string_view message, std::size_t arguments) {
  const auto kind = read<message_kind>(message);
  message.remove_prefix(sizeof(std::uint64_t));
  std::vector<item_result> items(arguments);
  if (kind == message_kind::lost) {
    const std::string how(read_text(message));
    for (auto& each : items) each.error = std::make_exception_ptr(worker_died(how));
    return items;
  }
  for (auto& each : items) {
    if (read<status>(message) == status::value) {
      each.value = read_text(message);
    } else {
      std::string type(read_text(message));
      const std::string what(read_text(message));
      each.error = std::make_exception_ptr(task_error(std::move(type), what));
    }
  }
  return items;
}

}  // namespace ref::pool_detail
