// A queue of byte strings between processes, in shared memory.
//
//   ref::queue tasks(1024);                       // before fork: children inherit it
//   if (fork() == 0) {
//     tasks.put("hello");
//     _exit(0);
//   }
//   std::string item = tasks.get(true, 500ms);    // throws ref::queue_empty after half a second
//
// What it is: first in, first out; any number of producers and consumers, in any number of
// processes and threads; items of any size, the empty one included; bounded by a count of items, or
// by memory alone. An item is in the queue when `put` returns: `qsize` and `empty` say so at once.
// There is no pipe, no thread behind it, and no descriptor.
//
// Inheritance: a process has the queue if it was forked after the queue was made, by the maker or
// by another process that has it. Memory that is added later is seen by all of them. A program
// started with exec does not inherit it.
//
// Death: any process or thread may die at any instruction, by SIGKILL too. The others go on, after
// at most `heartbeat` where the dead one owed somebody a wake-up. What is lost is at most the item
// that it was just putting (then nobody gets it) or had just taken.
//
// Ownership: the object holds this process's mapping; the shared memory lives for as long as one
// process maps it. The object itself is neither copied nor moved, since threads wait inside it; all
// members but the destructor may be called from any thread.
//
// Memory: storage grows with what is queued and is given back to the system as it drains; where it
// was needed again soon after, less readily, but always once a `get` has waited for a heartbeat. A
// machine that runs out of memory answers as to any shared memory: std::system_error for large
// items, the kernel's SIGBUS or OOM killer in the worst case.
//
// Source: Python's multiprocessing.Queue, whose names and meanings of block and timeout these are.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "impl/base/deadline.h"

namespace ref {

/// Nothing came in time.
struct queue_empty : std::runtime_error {
  queue_empty() : std::runtime_error("the queue is empty") {}
};
/// No place became free in time.
struct queue_full : std::runtime_error {
  queue_full() : std::runtime_error("the queue is full") {}
};
/// This process has closed the queue.
struct queue_closed : std::runtime_error {
  queue_closed() : std::runtime_error("the queue is closed") {}
};

namespace queue_detail {
struct shared_state;
struct patience;
}  // namespace queue_detail

class queue {
 public:
  /// How long to wait; nothing: for ever. Zero and less: not at all. Never ends early.
  using timeout = std::optional<std::chrono::nanoseconds>;
  /// The largest bound: that of Python's queue on Linux (SEM_VALUE_MAX).
  static constexpr std::int64_t max_maxsize = 2147483647;
  /// Longest delay of a wake-up that was owed by a process which died.
  static constexpr std::chrono::milliseconds heartbeat{100};

  /// Holds at most `maxsize` items; zero or less: as many as memory holds. Throws
  /// std::overflow_error above `max_maxsize`, std::system_error when there is no memory to map.
  explicit queue(std::int64_t maxsize = 0);
  ~queue();
  queue(const queue&) = delete;
  queue& operator=(const queue&) = delete;

  /// Appends a copy of `item`. While the queue is full it waits, if it may, for `limit` at most.
  /// Throws queue_full, queue_closed (also when another thread closes meanwhile), std::bad_alloc
  /// for an item beyond the reserved address range, std::system_error when memory runs out.
  void put(std::string_view item, bool block = true, timeout limit = {});
  void put_nowait(std::string_view item) { put(item, false); }
  /// `put` with an answer in place of queue_full.
  bool try_put(std::string_view item, deadline until);
  bool try_put(std::string_view item) { return put_until(item, nullptr); }

  /// Removes the oldest item and returns it. Throws queue_empty, queue_closed; when the copy itself
  /// fails (std::bad_alloc) the item stays.
  std::string get(bool block = true, timeout limit = {});
  std::string get_nowait() { return get(false); }
  /// `get` with an answer in place of queue_empty.
  std::optional<std::string> try_get();
  std::optional<std::string> try_get(deadline until);
  /// The same into a string that is used again, which saves the allocation; false: nothing came and
  /// the string is as it was.
  bool try_get_into(std::string& item);
  bool try_get_into(std::string& item, deadline until);
  /// The same, and `receipt`, which may lie in shared memory, says which item it was: the number of
  /// items taken before it, plus one. It is written before the item is taken, so that after the
  /// death of a consumer a receipt of at most `taken()` that nobody else has tells what it took.
  bool try_get_into(std::string& item, deadline until, std::atomic<std::uint64_t>& receipt);

  /// Items taken since the queue was made, by whomever.
  std::uint64_t taken() const;
  /// Items put and not yet taken, exact at some instant during the call.
  std::size_t qsize() const;
  bool empty() const { return qsize() == 0; }
  /// Never true without a bound.
  bool full() const;
  std::int64_t maxsize() const;

  /// Ends this process's use: every later `put` and `get` here throws queue_closed, and so do those
  /// that wait in other threads of this process. What is queued stays for the other processes.
  /// `qsize`, `empty` and `full` go on working. A process forked from a closed one has it closed.
  void close();

 private:
  // No deadline: do not wait. (An optional one would be written and read back in pieces of unequal
  // size, for which the processor waits longer than for the locks.)
  bool put_until(std::string_view item, const deadline* until);
  bool get_until(std::string& item, const deadline* until,
                 std::atomic<std::uint64_t>* receipt = nullptr);
  bool put_waiting(std::string_view item, deadline until);
  bool get_waiting(std::string& item, deadline until, std::atomic<std::uint64_t>* receipt);
  bool append_if_room(std::string_view item);
  bool take_if_any(std::string& item, std::atomic<std::uint64_t>* receipt);
  bool wait_for_room(deadline until, bool& has_slept);
  bool wait_for_item(deadline until, bool& has_slept);
  bool has_room() const;
  bool has_item() const;
  void throw_if_closed() const;
  void give_memory_back(bool is_idle = false);

  queue_detail::shared_state* shared_;  // this process's mapping
  std::atomic<bool> closed_{false};     // this process's own, inherited by fork as it stands
  std::unique_ptr<queue_detail::patience> put_patience_;  // this process's own experience
  std::unique_ptr<queue_detail::patience> get_patience_;
};

}  // namespace ref
