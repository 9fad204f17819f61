// Records in the shared ring: writing, reading, growing, giving memory back.
//
// A record is a word, a gap that is nearly always empty, and the item; all of it rounded up to
// eight bytes. It may be cut in two by the ring's end. Every function needs the lock that it names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "impl/queue/shared_state.h"

namespace ref::queue_detail {

/// Maps a new queue, shared with every process forked from now on.
shared_state* map_shared_state(std::int64_t maxsize);
void unmap_shared_state(shared_state* shared);

/// Writes a record behind the last one and notes the tail that makes it part of the queue; the
/// caller publishes. Needs put_lock; takes get_lock where the storage must grow. Throws
/// std::bad_alloc beyond the reserved range, std::system_error when the system has no memory.
void write_record(shared_state& shared, std::string_view item);

/// Copies the oldest item and notes the head that removes it; the caller publishes. Needs get_lock
/// and an item to be there. Throws std::bad_alloc, and then `item` has no useful value.
void read_record(shared_state& shared, std::string& item);

/// Whether most of a large storage is unused, and either nothing has happened for a while or it is
/// not likely to be needed again soon. Needs no lock; an estimate.
bool is_worth_trimming(const shared_state& shared, bool is_idle = false);
/// Makes the storage as small as what is queued allows and returns the memory behind it to the
/// system. Takes both locks.
void trim(shared_state& shared);

}  // namespace ref::queue_detail
