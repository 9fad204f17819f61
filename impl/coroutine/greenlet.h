// Greenlets: functions that each run on a stack of their own and hand control to one another by
// name. Nothing runs at the same time as anything else, and nobody is interrupted.
//
//   auto other = ref::greenlet::create([](std::any value) {
//     std::any back = ref::greenlet::current().parent()->switch_to(1);  // the caller goes on
//     return back;                                                      // its end goes there too
//   });
//   other->switch_to({});            // runs the function until it switches back: any(1)
//   other->switch_to(5);             // its end: any(5)
//   other->is_dead();                // true
//
// Whatever a thread does outside of any greenlet is its main greenlet, the root of all parents. A
// function's value, and an exception that it lets out, go to its parent. A greenlet that has ended
// is passed through: who switches to it gets to its parent. The terms are those of Python's
// greenlet, https://greenlet.readthedocs.io.
//
// Ownership: pointers that count in the greenlet itself; a greenlet keeps its parent. The last
// pointer to a suspended greenlet ends it: `greenlet_exit` is thrown where it waits, so that its
// objects are destroyed. It may not be dropped while the greenlet runs, nor in another thread while
// it is suspended. What runs at that end may make pointers to it, which then keep it, dead.
// Threads: a greenlet belongs to the thread that created it; use from another is a greenlet_error.
// Forks: the child has a copy of all greenlets of the thread that forked.
// Cost: a switch is a handful of nanoseconds and no system call; a stack is 256 KiB of address
// space (stack.h). Exceptions that are being handled are kept apart, so that a switch within a
// catch block is fine, and so are the rounding and the traps of <cfenv>. Signal masks and
// floating-point flags are shared, flush-to-zero too (switch.h).
#pragma once

#include <any>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "impl/base/one_thread.h"
#include "impl/coroutine/sanitizers.h"
#include "impl/coroutine/stack.h"
#include "impl/coroutine/switch.h"

namespace ref {

/// The greenlet cannot be switched to from here.
class greenlet_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Ends a greenlet quietly: its parent gets this object as a value. Deliberately no std::exception,
/// so that handlers of errors let it pass.
struct greenlet_exit {
  std::string message;
};

class greenlet;

namespace detail {

struct exception_state {  // what the C++ runtime knows of exceptions in flight; Itanium ABI 2.2.2
  void* caught = nullptr;
  unsigned int uncaught = 0;
  bool is_any() const { return caught != nullptr || uncaught != 0; }
};

// One for each thread: who runs, and what a switch carries along.
struct greenlet_thread {
  greenlet_thread();
  greenlet* current = nullptr;
  exception_state* exceptions = nullptr;  // nought at each switch: who has some puts them aside
  control_word control = 0;               // of who left last
  bool carries = false;                   // something of the following is set
  std::any value;
  std::exception_ptr exception;
  greenlet* ended = nullptr;  // whose stack is to be given back by whoever runs next
  greenlet* left = nullptr;   // for sanitizers alone
  void* nowhere = nullptr;    // where who ended would go on: its own frame may be gone by then
  boost::intrusive_ptr<greenlet> main;
};

// A plain pointer is read without the guard that an object's construction needs.
inline constinit thread_local greenlet_thread* this_thread = nullptr;

}  // namespace detail

class greenlet {
 public:
  /// Made from any plain one as well. Different threads may copy and drop theirs at the same time.
  using pointer = boost::intrusive_ptr<greenlet>;
  using body = std::function<std::any(std::any)>;

  /// Runs nothing yet. Without a parent it is the current greenlet.
  static pointer create(body run, pointer parent = nullptr);
  greenlet(const greenlet&) = delete;
  greenlet& operator=(const greenlet&) = delete;

  /// The greenlet that runs in this thread.
  static greenlet& current();

  /// Suspends the current greenlet and goes on in this one: the value is the argument of its
  /// function, or what its own pending switch returns. Returns what is switched back with; throws
  /// what is thrown in; std::bad_alloc where there is no memory for the stack of one that begins.
  std::any switch_to(std::any value = {});
  /// The same, but the pending switch throws. A greenlet that has not begun ends at once.
  std::any throw_in(const std::exception_ptr& exception);
  /// throw_in with a greenlet_exit.
  std::any throw_exit();

  bool is_started() const { return is_started_; }
  bool is_dead() const { return is_dead_; }
  const pointer& parent() const { return parent_; }
  /// Throws std::invalid_argument where that would be a cycle, or this is a main greenlet, and
  /// greenlet_error where the new parent is another thread's.
  void set_parent(pointer parent);

  friend void intrusive_ptr_add_ref(greenlet* of) { of->add_pointer(); }
  friend void intrusive_ptr_release(greenlet* of) { of->drop_pointer(); }

 private:
  friend struct detail::greenlet_thread;

  greenlet(detail::greenlet_thread* thread, body&& run, pointer&& parent)
      : thread_(thread), parent_(std::move(parent)), run_(std::move(run)) {}
  ~greenlet() = default;
  static void* operator new(std::size_t bytes);
  static void operator delete(void* memory);

  void add_pointer();
  void drop_pointer();
  void lose_last_pointer();
  greenlet* first_alive();
  std::any switch_slowly(std::any&& value);
  std::any jump(detail::greenlet_thread& here);
  void resume(detail::greenlet_thread& here);
  static std::any arrive(detail::greenlet_thread& here);
  static std::any take(detail::greenlet_thread& here);
  static void bury(detail::greenlet_thread& here);
  void prepare();
  void prepare_or_drop(detail::greenlet_thread& here);
  static void begin();
  void run(detail::greenlet_thread& here);
  void fail(detail::greenlet_thread& here, const std::exception_ptr& exception);
  void end();

  std::atomic<std::size_t> pointers_ = 1;
  void* context_ = nullptr;  // where it is suspended; null while it is not
  detail::greenlet_thread* thread_ = nullptr;
  bool is_started_ = false;
  bool is_dead_ = false;
  pointer parent_;
  body run_;
  stack stack_;
  detail::sanitizer_fiber fiber_;
};

// Where there is no other thread the count needs no locked instruction, nor does the last pointer:
// nobody could copy it meanwhile.
inline void greenlet::add_pointer() {
  if (has_one_thread()) {
    pointers_.store(pointers_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  } else {
    pointers_.fetch_add(1, std::memory_order_relaxed);
  }
}

inline void greenlet::drop_pointer() {
  const std::size_t now = pointers_.load(std::memory_order_acquire);
  if (now == 1) return lose_last_pointer();
  if (has_one_thread()) {
    pointers_.store(now - 1, std::memory_order_relaxed);
  } else if (pointers_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    lose_last_pointer();
  }
}

// The common case, within its caller: the other is suspended, no exception is in flight and nothing
// is brought back.
[[gnu::always_inline]] inline std::any greenlet::switch_to(std::any value) {
  detail::greenlet_thread* const here = detail::this_thread;
  if (context_ == nullptr || here != thread_ || here->exceptions->is_any()) [[unlikely]]
    return switch_slowly(std::move(value));
  if (value.has_value()) {
    here->value = std::move(value);
    here->carries = true;
  }
  resume(*here);
  if (here->carries) [[unlikely]]
    return arrive(*here);
  return {};
}

// Suspends the current greenlet and goes on in this one, which is suspended.
inline void greenlet::resume(detail::greenlet_thread& here) {
  greenlet* const from = std::exchange(here.current, this);
  void* const to = std::exchange(context_, nullptr);
  const detail::control_word control = here.control = detail::read_control_word();
  if constexpr (detail::is_sanitized) here.left = from;
  detail::before_switch(from->fiber_, fiber_, false);
  detail::switch_stack(&from->context_, to);
  if constexpr (detail::is_sanitized) detail::after_switch(here.left->fiber_, from->fiber_);
  if (here.control != control) [[unlikely]]
    detail::write_control_word(control);
}

}  // namespace ref
