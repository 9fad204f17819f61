#include "impl/queue/queue.h"

#include <sched.h>

#include <algorithm>
#include <mutex>

#include "impl/queue/kill_point.h"
#include "impl/queue/shared_state.h"
#include "impl/queue/storage.h"
#include "impl/queue/waiting.h"

namespace ref {

using queue_detail::is_worth_trimming;
using queue_detail::patience;
using queue_detail::queue_end;
using queue_detail::spin;

namespace {

// Every so many items somebody looks whether the storage has become too large.
constexpr std::uint32_t gets_between_looks = 64;

// So long a consumer finds nothing before it gives memory back. What a producer sends a moment
// later would only have it asked for again.
constexpr std::chrono::milliseconds idle_before_trim{10};

// A producer that spins waits for room for this many items where the bound allows: moving on with
// each single place would have both sides fight for the same cache lines.
constexpr std::uint64_t wanted_room = 256;

// A consumer looks often, for the sake of latency. A producer before a full queue has none to lose.
constexpr int pauses_for_item = 2;
constexpr int pauses_for_room = 16;

std::int64_t checked_maxsize(std::int64_t maxsize) {
  if (maxsize > queue::max_maxsize) throw std::overflow_error("maxsize of a queue is too large");
  return maxsize;
}

// No time to wait is no deadline at all.
std::optional<deadline> deadline_of(bool block, queue::timeout limit) {
  if (!block) return std::nullopt;
  if (!limit) return deadline::never();
  if (*limit <= std::chrono::nanoseconds::zero()) return std::nullopt;
  return deadline::in(*limit);
}

// Now and then: who moves elsewhere is noticed soon enough, and asking costs as much as a lock.
void note_cpu(queue_end& end) {
  constexpr std::uint64_t every = 8;
  if (end.count.load(std::memory_order_relaxed) % every != 1) return;
  const int cpu = ::sched_getcpu();
  if (end.cpu.load(std::memory_order_relaxed) != cpu) {
    end.cpu.store(cpu, std::memory_order_relaxed);
  }
}

// Who has slept may have been the one that was woken for all: when it goes, whether it took what
// there was or not, it wakes the next for the rest.
template <typename IsMore>
struct turn {
  ~turn() {
    if (has_slept && is_more()) place.wake_one();
  }
  queue_detail::waiting_place& place;
  IsMore is_more;
  bool has_slept = false;
};

}  // namespace

queue::queue(std::int64_t maxsize)
    : shared_(queue_detail::map_shared_state(checked_maxsize(maxsize))),
      put_patience_(std::make_unique<patience>()),
      get_patience_(std::make_unique<patience>()) {}

queue::~queue() { queue_detail::unmap_shared_state(shared_); }

void queue::put(std::string_view item, bool block, timeout limit) {
  if (put_until(item, nullptr)) return;
  const std::optional<deadline> until = deadline_of(block, limit);
  if (!until || !put_waiting(item, *until)) throw queue_full();
}

bool queue::try_put(std::string_view item, deadline until) { return put_until(item, &until); }

std::string queue::get(bool block, timeout limit) {
  std::string item;
  const std::optional<deadline> until = deadline_of(block, limit);
  if (!get_until(item, until ? &*until : nullptr)) throw queue_empty();
  return item;
}

std::optional<std::string> queue::try_get() {
  std::optional<std::string> item(std::in_place);
  if (!get_until(*item, nullptr)) item.reset();
  return item;
}

std::optional<std::string> queue::try_get(deadline until) {
  std::optional<std::string> item(std::in_place);
  if (!get_until(*item, &until)) item.reset();
  return item;
}

bool queue::try_get_into(std::string& item) { return get_until(item, nullptr); }

bool queue::try_get_into(std::string& item, deadline until) { return get_until(item, &until); }

bool queue::try_get_into(std::string& item, deadline until, std::atomic<std::uint64_t>& receipt) {
  return get_until(item, &until, &receipt);
}

bool queue::put_until(std::string_view item, const deadline* until) {
  throw_if_closed();
  return append_if_room(item) || (until != nullptr && put_waiting(item, *until));
}

bool queue::put_waiting(std::string_view item, deadline until) {
  turn mine{shared_->producers, [this] { return has_room(); }};
  do {
    if (!wait_for_room(until, mine.has_slept)) return false;
    throw_if_closed();
  } while (!append_if_room(item));
  return true;
}

bool queue::get_until(std::string& item, const deadline* until,
                      std::atomic<std::uint64_t>* receipt) {
  throw_if_closed();
  if (take_if_any(item, receipt)) return true;
  if (until != nullptr) return get_waiting(item, *until, receipt);
  give_memory_back();
  return false;
}

bool queue::get_waiting(std::string& item, deadline until, std::atomic<std::uint64_t>* receipt) {
  turn mine{shared_->consumers, [this] { return has_item(); }};
  do {
    if (!wait_for_item(until, mine.has_slept)) return false;
    throw_if_closed();
  } while (!take_if_any(item, receipt));
  return true;
}

bool queue::append_if_room(std::string_view item) {
  auto& shared = *shared_;
  {
    const std::lock_guard guard(shared.put_lock);
    REF_KILL_POINT(put_lock_taken);
    if (shared.maxsize > 0) {
      const auto bound = static_cast<std::uint64_t>(shared.maxsize);
      const std::uint64_t put_count = shared.tail.count.load(std::memory_order_relaxed);
      if (put_count - shared.known_get_count >= bound) {
        shared.known_get_count = shared.head.count.load(std::memory_order_acquire);
        if (put_count - shared.known_get_count >= bound) return false;
      }
    }
    write_record(shared, item);
    shared.tail.publish();
    REF_KILL_POINT(put_published);
    note_cpu(shared.tail);
  }
  REF_KILL_POINT(put_unlocked);
  // Sleepers announce themselves and look again; the unlocking was the fence that this needs here.
  shared.consumers.wake_one();
  return true;
}

bool queue::take_if_any(std::string& item, std::atomic<std::uint64_t>* receipt) {
  auto& shared = *shared_;
  bool trim_now = false;
  {
    const std::lock_guard guard(shared.get_lock);
    REF_KILL_POINT(get_lock_taken);
    const std::uint64_t get_count = shared.head.count.load(std::memory_order_relaxed);
    if (get_count == shared.known_put_count) {
      shared.known_put_count = shared.tail.count.load(std::memory_order_acquire);
      if (get_count == shared.known_put_count) return false;
    }
    read_record(shared, item);
    if (receipt != nullptr) receipt->store(get_count + 1, std::memory_order_release);
    shared.head.publish();
    REF_KILL_POINT(get_published);
    note_cpu(shared.head);
    if (shared.gets_since_look++ >= gets_between_looks) {
      shared.gets_since_look = 0;
      trim_now = is_worth_trimming(shared);
    }
  }
  REF_KILL_POINT(get_unlocked);
  shared.producers.wake_one();
  if (trim_now) trim(shared);
  return true;
}

bool queue::wait_for_room(deadline until, bool& has_slept) {
  auto& shared = *shared_;
  if (until.passed()) return has_room();
  const auto bound = static_cast<std::uint64_t>(shared.maxsize);
  const std::uint64_t enough = bound - std::min(wanted_room, (bound + 3) / 4);
  const auto has_enough_room = [&] { return qsize() <= enough || closed_.load(); };
  if (spin(*put_patience_, ::sched_getcpu(), shared.head.cpu, pauses_for_room, has_enough_room))
    return true;
  while (!has_room() && !closed_) {
    if (until.passed()) return false;
    shared.producers.announce();
    REF_KILL_POINT(wait_announced);
    if (has_room() || closed_) break;
    shared.producers.sleep(until);
    REF_KILL_POINT(wait_ended);
    has_slept = true;
    shared.producers.announce();
  }
  return true;
}

bool queue::wait_for_item(deadline until, bool& has_slept) {
  auto& shared = *shared_;
  if (until.passed()) return has_item();
  const auto has_any = [&] { return has_item() || closed_.load(); };
  const auto start = deadline::clock::now();
  if (spin(*get_patience_, ::sched_getcpu(), shared.tail.cpu, pauses_for_item, has_any)) {
    linger(*get_patience_, deadline::clock::now() - start, [&] { return qsize(); });
    return true;
  }
  bool is_first = true;
  while (!has_any()) {
    if (until.passed()) return false;
    shared.consumers.announce();
    REF_KILL_POINT(wait_announced);
    if (has_any()) break;
    const auto before = deadline::clock::now();
    const bool is_trial = is_first && is_worth_trimming(shared);
    shared.consumers.sleep(is_trial ? std::min(until, deadline::in(idle_before_trim)) : until);
    REF_KILL_POINT(wait_ended);
    has_slept = true;
    is_first = false;
    shared.consumers.announce();
    const bool is_idle = deadline::clock::now() - before >= heartbeat;
    if ((is_trial || is_idle) && !has_any()) give_memory_back(is_idle);
  }
  return true;
}

// Sequentially consistent, since both follow the announcement of a sleeper.
bool queue::has_room() const { return qsize() < static_cast<std::uint64_t>(shared_->maxsize); }

bool queue::has_item() const {
  const std::uint64_t get_count = shared_->head.count.load();
  return shared_->tail.count.load() != get_count;
}

std::uint64_t queue::taken() const { return shared_->head.count.load(); }

std::size_t queue::qsize() const {
  // Between two equal readings of one count the other one had its value at the same instant.
  std::uint64_t get_count = shared_->head.count.load();
  for (;;) {
    const std::uint64_t put_count = shared_->tail.count.load();
    const std::uint64_t again = shared_->head.count.load();
    if (again == get_count) return put_count - get_count;
    get_count = again;
  }
}

bool queue::full() const {
  return shared_->maxsize > 0 && qsize() >= static_cast<std::uint64_t>(shared_->maxsize);
}

std::int64_t queue::maxsize() const { return shared_->maxsize; }

void queue::close() {
  closed_ = true;
  // Sleepers of other processes wake in vain and lie down again.
  shared_->producers.wake_all();
  shared_->consumers.wake_all();
}

void queue::throw_if_closed() const {
  if (closed_.load(std::memory_order_relaxed)) throw queue_closed();
}

void queue::give_memory_back(bool is_idle) {
  if (is_worth_trimming(*shared_, is_idle)) trim(*shared_);
}

}  // namespace ref
