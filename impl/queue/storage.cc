#include "impl/queue/storage.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>

#include "impl/base/system_call.h"
#include "impl/queue/kill_point.h"

namespace ref::queue_detail {
namespace {

constexpr std::uint64_t first_size = 64 << 10;
// A storage up to this size is kept: it is cheaper than asking for it again.
constexpr std::uint64_t kept_size = 1 << 20;
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t record_alignment = 8;

// An item of this size takes time enough that the gap and the request for its pages pay.
constexpr std::uint64_t large_item = 128 << 10;

// A copy is up to ten times slower where source and destination are equal in the lowest twelve bits
// or nearly so (the processor takes each load to depend on a store before it). Large blocks from
// malloc begin 16 bytes into a page, so large items are laid half a page away from that.
constexpr std::uint64_t large_item_offset = page / 2 + 16;

// The word at the start of a record: the item's size, and how many bytes lie between.
constexpr int gap_bits = 12;
constexpr std::uint64_t record_word(std::uint64_t size, std::uint64_t gap) {
  return size << gap_bits | gap;
}

// So far ahead of the tail the next records' lines are fetched for writing.
constexpr std::uint64_t prefetch_distance = 512;
// A consumer does the same, but only where so many items are there: else it would take from the
// producer the very lines that are being written.
constexpr std::uint64_t prefetch_items = 16;

// Consumers have the lines of the ring, and each store would wait for its line. Asked for some
// items ahead they are there in time. A hint: any address inside the storage will do.
void prefetch_for_writing(const char* address) {
#if defined(__x86_64__)
  // The compiler would choose an instruction that fetches for reading, and no processor minds.
  asm volatile("prefetchw %0" : : "m"(*address));
#else
  __builtin_prefetch(address, 1);
#endif
}

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

constexpr std::uint64_t power_of_two_for(std::uint64_t bytes) { return std::bit_ceil(bytes); }

// Twice the machine's memory cannot be filled, so this is no limit; the range costs nothing.
std::uint64_t wanted_range() {
  const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 1L));
  const auto bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) * pages * 2;
  return std::clamp(power_of_two_for(bytes), std::uint64_t{1} << 32, std::uint64_t{1} << 40);
}

// Sees to it that there is memory up to this offset of a large storage, and asks for some more with
// the same call: it saves a page fault for each page, and a machine that is out of memory says so
// here, where the kernel would kill the process at the copy. Needs put_lock.
void ask_for_pages(shared_state& shared, const geometry& ring, std::uint64_t end) {
  constexpr std::uint64_t ahead = 256 << 10;
  if (end <= shared.present_bytes || ring.size < kept_size) return;
#ifdef MADV_POPULATE_WRITE
  const std::uint64_t first = shared.present_bytes / page * page;
  const std::uint64_t last = std::min(ring.size, end + ahead);
  const int result = ::madvise(shared.storage() + first, last - first, MADV_POPULATE_WRITE);
  if (result == -1 && (errno == ENOMEM || errno == EFAULT)) {
    throw_system_error(ENOMEM, "madvise MADV_POPULATE_WRITE", "storage of a queue");
  }
  if (result == 0) shared.present_bytes = last;
#endif
}

void return_pages(char* begin, std::uint64_t size) {
  // Fails where the kernel cannot take pages back one by one; then they are simply kept.
  if (size > 0) static_cast<void>(::madvise(begin, size, MADV_REMOVE));
}

void copy_in(shared_state& shared, const geometry& ring, std::uint64_t position,
             std::string_view item) {
  const std::uint64_t offset = ring.offset(position);
  const std::uint64_t until_end = std::min<std::uint64_t>(item.size(), ring.size - offset);
  ask_for_pages(shared, ring, offset + until_end);
  std::memcpy(shared.storage() + offset, item.data(), until_end);
  if (until_end < item.size()) {
    std::memcpy(shared.storage(), item.data() + until_end, item.size() - until_end);
  }
}

// Chooses another geometry. Needs both locks.
void change_geometry(shared_state& shared, geometry next) {
  const std::uint64_t version = shared.geometry_version.load(std::memory_order_relaxed);
  shared.geometries[(version + 1) & 1] = next;
  // The old limit does not fit a smaller storage. Nought is right for any: it asks for a new look.
  shared.write_limit = 0;
  REF_KILL_POINT(geometry_noted);
  shared.geometry_version.store(version + 1, std::memory_order_release);
  REF_KILL_POINT(geometry_published);
  shared.size_hint.store(next.size, std::memory_order_relaxed);
}

// Memory that was given back and is asked for again costs ten times what a message of that size
// does, so a queue that runs full and empty by turns should keep it. How long nobody can know; so
// where it was wrong to give it back, it is kept until a multiple of it has passed through the
// queue, the next time more, and where it was right less. Needs both locks.
void note_growth(shared_state& shared, std::uint64_t tail, std::uint64_t size) {
  constexpr std::uint64_t soon = 32;
  constexpr std::uint64_t least = 16;
  constexpr std::uint64_t most = 256;
  if (size < shared.trimmed_from / 2 || shared.trimmed_from == 0) return;
  if (tail - shared.trimmed_at < soon * shared.trimmed_from) {
    shared.reluctance = std::clamp(shared.reluctance * 4, least, most);
    shared.kept_until.store(tail + shared.reluctance * shared.trimmed_from,
                            std::memory_order_relaxed);
  } else {
    shared.reluctance /= 4;
  }
  shared.trimmed_from = 0;
}

// How large a storage that is too small should become: twice as large or more, so that growing
// costs little in the long run. But if the bound's number of items like this one is near that, as
// large as they are: each page has to be asked for, and the items then go round in less of the
// cache. Needs both locks.
std::uint64_t grown_size(const shared_state& shared, const geometry& old, std::uint64_t live,
                         std::uint64_t needed) {
  const std::uint64_t doubled = power_of_two_for(std::max(live + needed, old.size + 1));
  const auto bound = static_cast<std::uint64_t>(shared.maxsize);
  const bool may_be_odd = doubled > kept_size && doubled <= shared.storage_bytes / 4;
  std::uint64_t size = doubled;
  if (may_be_odd && bound > 0 && bound <= 2 * doubled / needed) {
    size = std::max({bound * needed, live + needed, old.size + old.size / 4});
  }
  // Also for what had been carried over to the start, which goes behind the rest.
  return round_up(std::max(size, old.offset(shared.head.position()) + live), page);
}

// Enlarges the storage until `needed` more bytes fit. Needs put_lock.
void grow(shared_state& shared, std::uint64_t needed) {
  const second_lock consumers(shared.put_lock, shared.get_lock);
  REF_KILL_POINT(grow_locked);
  const geometry old = shared.current_geometry();
  const std::uint64_t head = shared.head.position();
  const std::uint64_t live = shared.tail.position() - head;
  if (needed > shared.storage_bytes || live > shared.storage_bytes - needed) throw std::bad_alloc();
  if (live + needed <= old.size) return;  // consumers made room meanwhile
  const std::uint64_t size = grown_size(shared, old, live, needed);
  note_growth(shared, head + live, size);
  if (live == 0) {
    shared.touched_bytes = std::max(shared.touched_bytes, size);
    change_geometry(shared, {.base = head, .size = size});
    return;
  }
  // The older part stays where it is. What had been carried over to the start goes behind it.
  const std::uint64_t offset = old.offset(head);
  shared.touched_bytes = std::max(shared.touched_bytes, size);
  if (offset + live > old.size) {
    ask_for_pages(shared, {.base = 0, .size = size}, offset + live);
    std::memcpy(shared.storage() + old.size, shared.storage(), offset + live - old.size);
  }
  REF_KILL_POINT(grow_copied);
  change_geometry(shared, {.base = head - offset, .size = size});
}

// Moves what is queued into the first `size` bytes of the storage, at most a quarter of which it
// fills, without touching it where it lies now. Needs both locks.
geometry move_into(shared_state& shared, const geometry& old, std::uint64_t head,
                   std::uint64_t live, std::uint64_t size) {
  const std::uint64_t offset = old.offset(head);
  if (offset + live <= size) return {.base = head - offset, .size = size};
  // It lies in two neighbouring quarters at most, so that another one is free.
  const auto lies_in = [&](std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t first_end = std::min(offset + live, old.size);
    return (offset < end && begin < first_end) ||
           (offset + live > old.size && begin < offset + live - old.size);
  };
  std::uint64_t target = 0;
  while (lies_in(target, target + live)) target += size / 4;
  const std::uint64_t until_end = std::min(live, old.size - offset);
  std::memcpy(shared.storage() + target, shared.storage() + offset, until_end);
  std::memcpy(shared.storage() + target + until_end, shared.storage(), live - until_end);
  return {.base = head - target, .size = size};
}

}  // namespace

shared_state* map_shared_state(std::int64_t maxsize) {
  std::uint64_t range = wanted_range();
  void* memory = MAP_FAILED;
  // Limits on address space may forbid the range; then the queue holds what they allow.
  for (; range >= kept_size; range /= 2) {
    memory = ::mmap(nullptr, shared_state::header_bytes + range, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) break;
  }
  check(memory == MAP_FAILED ? -1 : 0, "mmap", "storage of a queue");
  auto* shared = new (memory) shared_state();
  shared->maxsize = std::max<std::int64_t>(maxsize, 0);
  shared->mapped_bytes = shared_state::header_bytes + range;
  shared->storage_bytes = range;
  shared->geometries[0] = {.base = 0, .size = first_size};
  shared->size_hint = first_size;
  shared->touched_bytes = first_size;
  shared->tail.cpu = -1;
  shared->head.cpu = -1;
  return shared;
}

void unmap_shared_state(shared_state* shared) {
  // Other processes may use the locks still, so that nothing but the mapping is undone.
  static_cast<void>(::munmap(shared, shared->mapped_bytes));
}

void write_record(shared_state& shared, std::string_view item) {
  if (item.size() > shared.storage_bytes / 2) throw std::bad_alloc();
  const std::uint64_t tail = shared.tail.position();
  std::uint64_t gap = item.size() >= large_item ? page : 0;  // the most that it may become
  const std::uint64_t needed =
      round_up(sizeof(std::uint64_t) + gap + item.size(), record_alignment);
  if (tail + needed > shared.write_limit) {
    shared.write_limit = shared.head.position_from_outside() + shared.current_geometry().size;
    if (tail + needed > shared.write_limit) {
      grow(shared, needed);
      shared.write_limit = shared.head.position_from_outside() + shared.current_geometry().size;
    }
  }
  const geometry& ring = shared.current_geometry();
  const std::uint64_t word_at = ring.offset(tail);
  if (gap != 0) {
    gap =
        (large_item_offset - (shared_state::header_bytes + word_at + sizeof(std::uint64_t))) % page;
  }
  const std::uint64_t word = record_word(item.size(), gap);
  prefetch_for_writing(shared.storage() + ring.offset(tail + prefetch_distance));
  std::memcpy(shared.storage() + word_at, &word, sizeof(word));
  REF_KILL_POINT(put_record_begun);
  const std::uint64_t item_at = tail + sizeof(word) + gap;
  copy_in(shared, ring, item_at, item);
  REF_KILL_POINT(put_record_copied);
  shared.tail.note_next(round_up(item_at + item.size(), record_alignment));
  REF_KILL_POINT(put_tail_noted);
}

void read_record(shared_state& shared, std::string& item) {
  const geometry& ring = shared.current_geometry();
  const std::uint64_t head = shared.head.position();
  if (shared.known_put_count - shared.head.count.load(std::memory_order_relaxed) >=
      prefetch_items) {
    __builtin_prefetch(shared.storage() + ring.offset(head + prefetch_distance));
  }
  std::uint64_t word = 0;
  std::memcpy(&word, shared.storage() + ring.offset(head), sizeof(word));
  const std::uint64_t size = word >> gap_bits;
  const std::uint64_t item_at = head + sizeof(word) + (word & ((1 << gap_bits) - 1));
  const std::uint64_t offset = ring.offset(item_at);
  const std::uint64_t until_end = std::min(size, ring.size - offset);
  item.assign(shared.storage() + offset, until_end);
  if (until_end < size) item.append(shared.storage(), size - until_end);
  REF_KILL_POINT(get_record_copied);
  shared.head.note_next(round_up(item_at + size, record_alignment));
  REF_KILL_POINT(get_head_noted);
}

bool is_worth_trimming(const shared_state& shared, bool is_idle) {
  const std::uint64_t size = shared.size_hint.load(std::memory_order_relaxed);
  if (size <= kept_size) return false;
  const std::uint64_t head = shared.head.position_from_outside();
  const std::uint64_t tail = shared.tail.position_from_outside();
  if (tail - head > size / 8) return false;
  return is_idle || tail >= shared.kept_until.load(std::memory_order_relaxed);
}

void trim(shared_state& shared) {
  const std::lock_guard producers(shared.put_lock);
  const second_lock consumers(shared.put_lock, shared.get_lock);
  REF_KILL_POINT(trim_locked);
  shared.gets_since_look = 0;
  const geometry old = shared.current_geometry();
  const std::uint64_t head = shared.head.position();
  const std::uint64_t live = shared.tail.position() - head;
  const std::uint64_t size = std::max(first_size, power_of_two_for(live * 4));
  if (size < old.size) {
    shared.trimmed_at = head + live;
    shared.trimmed_from = std::max(shared.trimmed_from, old.size);  // it shrinks step by step
    const geometry next = move_into(shared, old, head, live, size);
    REF_KILL_POINT(trim_copied);
    change_geometry(shared, next);
  }
  // Also what a process left behind that died between the change and this.
  const std::uint64_t used = shared.current_geometry().size;
  shared.present_bytes = std::min(shared.present_bytes, used);
  return_pages(shared.storage() + used, shared.touched_bytes - used);
  REF_KILL_POINT(trim_memory_returned);
  shared.touched_bytes = used;
}

}  // namespace ref::queue_detail
