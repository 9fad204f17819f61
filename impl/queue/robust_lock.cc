#include "impl/queue/robust_lock.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "impl/base/deadline.h"
#include "impl/base/system_call.h"
#include "impl/queue/kill_point.h"
#include "impl/queue/queue.h"
#include "impl/queue/waiting.h"

namespace ref::queue_detail {

namespace {
constinit std::atomic<std::uint64_t> not_known{0};
}

constinit thread_local lock_owner this_owner;
constinit std::atomic<std::atomic<std::uint64_t>*> this_process{&not_known};

namespace {

// Whatever way a process is forked, its child must not take itself for it. Never unmapped, since
// threads use it to their end.
std::atomic<std::uint64_t>* page_wiped_by_fork() {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  check(page == MAP_FAILED ? -1 : 0, "mmap", "mark of this process");
  check(::madvise(page, size, MADV_WIPEONFORK), "madvise MADV_WIPEONFORK");
  return new (page) std::atomic<std::uint64_t>(0);
}

// Differs from that of every ancestor, since time has passed since their births.
std::uint64_t mark_this_process() {
  auto* page = this_process.load(std::memory_order_acquire);
  if (page == &not_known) {
    auto* made = page_wiped_by_fork();
    // Another thread may have come first; then a page is wasted.
    if (this_process.compare_exchange_strong(page, made)) page = made;
  }
  std::uint64_t mark = page->load();
  if (mark != 0) return mark;
  const auto now = static_cast<std::uint64_t>(deadline::clock::now().time_since_epoch().count());
  return page->compare_exchange_strong(mark, now) ? now : mark;
}

}  // namespace

void find_this_owner() {
  std::size_t size = 0;
  robust_list_head* list = nullptr;
  check(::syscall(SYS_get_robust_list, 0, &list, &size), "get_robust_list");
  if (list == nullptr) {
    // Forked behind the C library's back, which else registers one in each thread and child.
    static thread_local robust_list_head own;
    own.list.next = &own.list;
    own.futex_offset = -robust_lock::most_distance;
    check(::syscall(SYS_set_robust_list, &own, sizeof own), "set_robust_list");
    list = &own;
  }
  const std::ptrdiff_t distance = -list->futex_offset;
  if (distance < robust_lock::least_distance || distance > robust_lock::most_distance) {
    throw_system_error(ENOTSUP, "get_robust_list", "places of an unknown C library");
  }
  this_owner.list = list;
  this_owner.distance = distance;
  this_owner.id = static_cast<std::uint32_t>(::syscall(SYS_gettid));
  this_owner.process = mark_this_process();
}

bool robust_lock::try_lock() {
  lock_owner& me = current_owner();
  me.note(&word_);
  if (try_take(me, 0)) return true;
  me.note(nullptr);
  return false;
}

// Also from an owner that has died. `waiters`: FUTEX_WAITERS if there may be some.
bool robust_lock::try_take(const lock_owner& me, std::uint32_t waiters) {
  std::uint32_t seen = word_.load(std::memory_order_relaxed);
  while ((seen & FUTEX_TID_MASK) == 0) {
    if (word_.compare_exchange_weak(seen, me.id | waiters | (seen & FUTEX_WAITERS),
                                    std::memory_order_acquire, std::memory_order_relaxed)) {
      // Dying here is fine as well: the next owner finds the same.
      if ((seen & FUTEX_OWNER_DIED) != 0) REF_KILL_POINT(owner_death_noticed);
      return true;
    }
  }
  return false;
}

void robust_lock::lock_slowly(const lock_owner& me) {
  // A wake-up from the kernel costs a thousand times what the owner needs to finish, so try again
  // for about that long. But each try takes the lock's cache line away from the owner, which would
  // otherwise do a row of operations as fast as if it were alone: hence few tries, far apart.
  constexpr int shortest = 16;
  constexpr int longest = 128;
  constexpr int attempts = 12;
  for (int attempt = 0, pauses = shortest; attempt < attempts; ++attempt) {
    relax(pauses);
    if (try_take(me, 0)) return;
    pauses = std::min(pauses * 2, longest);
  }
  for (std::uint32_t waiters = 0; !try_take(me, waiters);) {
    std::uint32_t seen = word_.load(std::memory_order_relaxed);
    if ((seen & FUTEX_TID_MASK) == 0) continue;
    if ((seen & FUTEX_WAITERS) == 0 &&
        !word_.compare_exchange_weak(seen, seen | FUTEX_WAITERS, std::memory_order_relaxed)) {
      continue;
    }
    sleep(seen | FUTEX_WAITERS);
    waiters = FUTEX_WAITERS;  // of others, whom the wake-up was not for
  }
}

// Not for longer than a heartbeat: who is woken and dies before it has a look leaves the others
// behind without a note, if a third has taken the lock meanwhile.
void robust_lock::sleep(std::uint32_t seen) {
  const timespec when = deadline::in(queue::heartbeat).as_timespec();
  // Whatever it returns, the word is looked at again.
  static_cast<void>(::syscall(SYS_futex, &word_, FUTEX_WAIT_BITSET, seen, &when, nullptr,
                              FUTEX_BITSET_MATCH_ANY));
}

// Cannot fail: the address is good. When the owner dies before, the kernel does it.
void robust_lock::wake_one() {
  static_cast<void>(::syscall(SYS_futex, &word_, FUTEX_WAKE, 1, nullptr, nullptr, 0));
}

// The first lock moves to the front of the thread's list, so that the word for the pending one is
// free for the second. Whoever dies has each of them in one of the two or in both, which is
// harmless.
second_lock::second_lock(robust_lock& held, robust_lock& wanted) : held_(held), second_(wanted) {
  lock_owner& me = current_owner();
  robust_list* const place = me.place_of(held_.word_);
  place->next = me.list->list.next;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref(me.list->list.next).store(place, std::memory_order_relaxed);
  second_.lock();
}

second_lock::~second_lock() {
  second_.unlock();
  lock_owner& me = this_owner;
  me.note(&held_.word_);
  std::atomic_ref(me.list->list.next)
      .store(me.place_of(held_.word_)->next, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace ref::queue_detail
