// Places where a test makes the process die.
//
// Every step of the queue's algorithm that changes shared memory has one before it. They cost
// nothing: only the test's own build of the library (REF_QUEUE_KILL_POINTS) compiles them in.
#pragma once

#ifdef REF_QUEUE_KILL_POINTS

namespace ref::queue_detail {

/// Every point, in the order of the algorithm; `count` is none of them.
enum class kill_point {
  put_lock_taken,
  put_record_begun,
  put_record_copied,
  put_tail_noted,
  put_published,
  put_unlocked,
  get_lock_taken,
  get_record_copied,
  get_head_noted,
  get_published,
  get_unlocked,
  wake_claimed,
  wake_done,
  wait_announced,
  wait_ended,
  grow_locked,
  grow_copied,
  trim_locked,
  trim_copied,
  trim_memory_returned,
  geometry_noted,
  geometry_published,
  owner_death_noticed,
  count
};

/// Has this process die by SIGKILL at a point, after passing it `passes_left` times. Other threads
/// may be at work.
void arm(kill_point where, int passes_left = 0);

void pass(kill_point where);

}  // namespace ref::queue_detail

#define REF_KILL_POINT(name) ::ref::queue_detail::pass(::ref::queue_detail::kill_point::name)
#else
#define REF_KILL_POINT(name) static_cast<void>(0)
#endif
