#include "impl/pool/message.h"

#include <cxxabi.h>

#include <cstdlib>
#include <cstring>
#include <typeinfo>

namespace ref::pool_detail {
namespace {

enum class status : char { value = 'v', raised = 'e' };

constexpr int kind_bits = 2;
constexpr unsigned char is_long = 255;

template <typename Value>
void write(std::string& to, const Value& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void write_size(std::string& to, std::uint64_t size) {
  if (size < is_long) {
    to += static_cast<char>(size);
  } else {
    to += static_cast<char>(is_long);
    write(to, size);
  }
}
void write_text(std::string& to, std::string_view text) {
  write_size(to, text.size());
  to += text;
}
void write_heading(std::string& to, std::uint64_t serial, message_kind kind) {
  write(to, serial << kind_bits | static_cast<std::uint64_t>(kind));
}

template <typename Value>
Value read(std::string_view& from) {
  Value value;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return value;
}
std::uint64_t read_size(std::string_view& from) {
  const auto size = read<unsigned char>(from);
  return size == is_long ? read<std::uint64_t>(from) : size;
}
std::string_view read_text(std::string_view& from) {
  const std::uint64_t size = read_size(from);
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

void write_task(std::string& to, task_function task, std::string_view argument) {
  write(to, task);
  write_size(to, 1);
  write_text(to, argument);
}

void write_task(std::string& to, task_function task, const std::string* first, std::size_t count) {
  std::size_t bytes = sizeof task + 2 * sizeof(std::uint64_t);
  for (std::size_t i = 0; i < count; ++i) bytes += sizeof(std::uint64_t) + 1 + first[i].size();
  to.reserve(to.size() + bytes);
  write(to, task);
  write_size(to, count);
  for (std::size_t i = 0; i < count; ++i) write_text(to, first[i]);
}

std::string write_end() {
  std::string message;
  write(message, task_function{nullptr});
  return message;
}

bool perform(std::string_view message, std::uint64_t serial, std::string& to) {
  const auto task = read<task_function>(message);
  if (task == nullptr) return false;
  write_heading(to, serial, message_kind::results);
  auto left = read_size(message);
  to.reserve(to.size() + message.size() + left);  // results are often no longer than arguments
  for (; left > 0; --left) {
    perform_one(task, read_text(message), to);
  }
  return true;
}

std::string write_lost(std::uint64_t serial, std::string_view how) {
  std::string message;
  write_heading(message, serial, message_kind::lost);
  message += how;
  return message;
}

std::string write_quit() {
  std::string message;
  write_heading(message, 0, message_kind::quit);
  return message;
}

heading heading_of(std::string_view message) {
  const auto word = read<std::uint64_t>(message);
  return {word >> kind_bits, static_cast<message_kind>(word & ((1 << kind_bits) - 1))};
}

std::string_view reason_of_loss(std::string_view message) { return message.substr(heading_bytes); }

std::string_view result_reader::next(std::exception_ptr& error) {
  if (read<status>(left_) == status::value) return read_text(left_);
  std::string type(read_text(left_));
  const std::string what(read_text(left_));
  error = std::make_exception_ptr(task_error(std::move(type), what));
  return {};
}

}  // namespace ref::pool_detail
