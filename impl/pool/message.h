// What travels between a pool and its workers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "impl/pool/pool.h"
#include "impl/pool/task_state.h"

namespace ref::pool_detail {

/// A task with its arguments; no function: the worker is to end.
std::string write_task(task_function task, const std::vector<std::string_view>& arguments);
/// Performs it and writes the message with what came of it; empty for one that says to end.
std::string perform(std::string_view message, std::uint64_t serial);

/// The end of a worker, as the pool's own watcher tells it.
struct worker_end {
  std::uint64_t serial = 0;  ///< of the task that is lost with it; 0: none
  std::string how;           ///< in words
};

enum class message_kind : char { results = 'r', lost = 'l', quit = 'q' };
std::string write_lost(const worker_end& end);
std::string write_quit();

message_kind kind_of(std::string_view message);
std::uint64_t serial_of(std::string_view message);
/// Of a message of results, or of a lost task that had this many arguments.
std::vector<item_result> results_of(std::string_view message, std::size_t arguments);

}  // namespace ref::pool_detail
