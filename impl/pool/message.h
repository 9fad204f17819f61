// What travels between a pool and its workers.
//
//   a task:     function · number of arguments · each argument
//   an answer:  serial and kind, in one word · for each argument: status · value, or type and text
//
// Texts and numbers of them are preceded by their size: one byte below 255, nine from there on.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "impl/pool/pool.h"

namespace ref::pool_detail {

void write_task(std::string& to, task_function task, std::string_view argument);
void write_task(std::string& to, task_function task, const std::string* first, std::size_t count);
/// For a worker: it is to end.
std::string write_end();
/// Performs a task and writes what came of it; false for one that says to end.
bool perform(std::string_view message, std::uint64_t serial, std::string& to);

enum class message_kind : std::uint8_t { results, lost, quit };
inline constexpr std::size_t heading_bytes = sizeof(std::uint64_t);
/// The end of a worker that had this task, in words, as the pool's own watcher tells it.
std::string write_lost(std::uint64_t serial, std::string_view how);
std::string write_quit();

struct heading {
  std::uint64_t serial = 0;
  message_kind kind = message_kind::quit;
};
heading heading_of(std::string_view message);
std::string_view reason_of_loss(std::string_view message);

/// Reads results one after the other, from behind the heading.
class result_reader {
 public:
  explicit result_reader(std::string_view results) : left_(results) {}
  /// The next value. When the task threw, it is empty and `error` says what.
  std::string_view next(std::exception_ptr& error);

 private:
  std::string_view left_;
};

}  // namespace ref::pool_detail
