#include "impl/coroutine/greenlet.h"

#include <cxxabi.h>

#include <utility>

#include "impl/coroutine/spares.h"

namespace ref {

using detail::exception_state;
using detail::greenlet_thread;
using detail::this_thread;

detail::greenlet_thread::greenlet_thread()
    : exceptions(reinterpret_cast<exception_state*>(abi::__cxa_get_globals())),
      main(new greenlet(this, nullptr, nullptr), false) {
  main->is_started_ = true;
  adopt_thread(main->fiber_);
  current = main.get();
}

namespace {

[[gnu::noinline]] greenlet_thread& begin_thread() {
  thread_local struct owner {
    greenlet_thread state;
    ~owner() { this_thread = nullptr; }
  } made;
  this_thread = &made.state;
  return made.state;
}

inline greenlet_thread& thread() { return this_thread != nullptr ? *this_thread : begin_thread(); }

// What greenlet_exit carries, when the exception is one.
std::any as_exit(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const greenlet_exit& exit) {
    return exit;
  } catch (...) {
    return {};
  }
}

}  // namespace

void* greenlet::operator new(std::size_t) { return detail::recycled<greenlet>().allocate(1); }

void greenlet::operator delete(void* memory) {
  detail::recycled<greenlet>().deallocate(static_cast<greenlet*>(memory), 1);
}

greenlet::pointer greenlet::create(body run, pointer parent) {
  greenlet_thread& here = thread();
  if (!parent) {
    parent = here.current;
  } else if (parent->thread_ != &here) {
    throw greenlet_error("the parent belongs to another thread");
  }
  return pointer(new greenlet(&here, std::move(run), std::move(parent)), false);
}

void greenlet::lose_last_pointer() {
  if (is_started_ && !is_dead_ && parent_ && this_thread == thread_) {
    pointers_ = 1;  // for what runs now
    // Its end comes back here, not to its parent. What it throws on its way has nobody to go to.
    try {
      set_parent(&current());
      throw_exit();
    } catch (...) {
    }
    if (--pointers_ != 0) return;
  }
  delete this;
}

greenlet& greenlet::current() { return *thread().current; }

inline greenlet* greenlet::first_alive() {
  greenlet* found = this;
  while (found->is_dead_) found = found->parent_.get();
  return found;
}

// Gives back the stack of who ended by the last switch.
inline void greenlet::bury(greenlet_thread& here) {
  if (here.ended == nullptr) return;
  detail::destroy_fiber(here.ended->fiber_);
  const stack unused = std::move(std::exchange(here.ended, nullptr)->stack_);
}

// What the switch that ended here has brought.
inline std::any greenlet::take(greenlet_thread& here) {
  bury(here);
  here.carries = false;
  if (here.exception) [[unlikely]]
    std::rethrow_exception(std::exchange(here.exception, nullptr));
  return std::move(here.value);
}

std::any greenlet::arrive(greenlet_thread& here) { return take(here); }

inline void greenlet::prepare() {
  stack_ = stack::take();
  detail::create_fiber(fiber_, stack_.bottom(), stack::bytes);
  context_ = detail::new_stack(stack_.top(),
                               static_cast<std::size_t>(stack_.top() - stack_.bottom()), begin);
  is_started_ = true;
}

// Where there is no memory for its stack, nobody else is to get what it was to get.
inline void greenlet::prepare_or_drop(greenlet_thread& here) {
  try {
    prepare();
  } catch (...) {
    here.carries = false;
    here.value.reset();
    here.exception = nullptr;
    throw;
  }
}

// Suspends the current greenlet, if it is another; `here` holds what this one is to get.
inline std::any greenlet::jump(greenlet_thread& here) {
  if (this != here.current) {
    if (context_ == nullptr) prepare_or_drop(here);
    if (here.exceptions->is_any()) [[unlikely]] {
      const exception_state mine = std::exchange(*here.exceptions, exception_state());
      resume(here);
      *here.exceptions = mine;
    } else {
      resume(here);
    }
  }
  return here.carries ? take(here) : std::any();
}

std::any greenlet::switch_slowly(std::any&& value) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  if (value.has_value()) {
    here.value = std::move(value);
    here.carries = true;
  }
  return first_alive()->jump(here);
}

std::any greenlet::throw_in(const std::exception_ptr& exception) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  if (is_started_ && !is_dead_) {
    here.exception = exception;
    here.carries = true;
  } else {
    fail(here, exception);
  }
  return switch_slowly({});
}

std::any greenlet::throw_exit() { return throw_in(std::make_exception_ptr(greenlet_exit{})); }

void greenlet::set_parent(pointer parent) {
  if (!parent_) throw std::invalid_argument("a main greenlet has no parent");
  if (!parent) throw std::invalid_argument("a greenlet needs a parent");
  if (parent->thread_ != thread_) throw greenlet_error("the parent belongs to another thread");
  for (const greenlet* each = parent.get(); each != nullptr; each = each->parent_.get()) {
    if (each == this) throw std::invalid_argument("cyclic parent chain");
  }
  parent_ = std::move(parent);
}

// First on a new stack, and last: who goes on after its end has its returns predicted rightly,
// since all that was called here has returned.
void greenlet::begin() {
  greenlet_thread& here = *this_thread;
  if constexpr (detail::is_sanitized) {
    detail::after_switch(here.left->fiber_, here.current->fiber_);
  }
  bury(here);
  greenlet& self = *here.current;
  self.run(here);
  // Nothing on this stack is destroyed after the last switch.
  here.ended = &self;
  greenlet& next = *self.parent_->first_alive();
  if (next.context_ == nullptr) next.prepare();
  here.current = &next;
  if constexpr (detail::is_sanitized) here.left = &self;
  here.control = detail::read_control_word();
  void* const to = std::exchange(next.context_, nullptr);
  detail::before_switch(self.fiber_, next.fiber_, true);
  detail::switch_stack(&here.nowhere, to);
  std::terminate();
}

void greenlet::run(greenlet_thread& here) {
  try {
    here.carries = false;
    std::any result = run_(std::move(here.value));
    end();
    here.value = std::move(result);
    here.carries = true;
  } catch (...) {
    fail(here, std::current_exception());
  }
}

// It ends by the exception, which its parent is to get; that of greenlet_exit as a value.
void greenlet::fail(greenlet_thread& here, const std::exception_ptr& exception) {
  end();
  here.value = as_exit(exception);
  if (!here.value.has_value()) here.exception = exception;
  here.carries = true;
}

// The function's own end comes first: it may switch, if it has the last pointer to a greenlet.
void greenlet::end() {
  run_ = nullptr;
  is_started_ = true;
  is_dead_ = true;
}

}  // namespace ref
