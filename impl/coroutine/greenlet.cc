#include "impl/coroutine/greenlet.h"

#include <cxxabi.h>

#include <utility>

namespace ref {

using detail::exception_state;
using detail::greenlet_thread;
using detail::this_thread;

detail::greenlet_thread::greenlet_thread()
    : exceptions(reinterpret_cast<exception_state*>(abi::__cxa_get_globals())),
      main(std::make_shared<greenlet>(greenlet::key())) {
  main->thread_ = this;
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

std::shared_ptr<greenlet> greenlet::create(body run, std::shared_ptr<greenlet> parent) {
  greenlet_thread& here = thread();
  if (parent && parent->thread_ != &here) {
    throw greenlet_error("the parent belongs to another thread");
  }
  auto made = std::make_shared<greenlet>(key());
  made->thread_ = &here;
  made->run_ = std::move(run);
  made->parent_ = parent ? std::move(parent) : here.current->shared_from_this();
  return made;
}

greenlet::~greenlet() {
  if (!is_started_ || is_dead_ || !parent_ || this_thread != thread_) return;
  // Its end comes back here, not to its parent. What it throws on its way has nobody to go to.
  set_parent(current().shared_from_this());
  try {
    throw_exit();
  } catch (...) {
  }
}

greenlet& greenlet::current() { return *thread().current; }

greenlet* greenlet::first_alive() {
  greenlet* found = this;
  while (found->is_dead_) found = found->parent_.get();
  return found;
}

std::any greenlet::switch_slowly(std::any&& value) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  here.value = std::move(value);
  here.carries = true;
  return first_alive()->jump(here);
}

std::any greenlet::throw_in(const std::exception_ptr& exception) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  if (is_started_ && !is_dead_) {
    here.exception = exception;
    here.carries = true;
  } else {
    end(here, exception);
  }
  return first_alive()->jump(here);
}

std::any greenlet::throw_exit() { return throw_in(std::make_exception_ptr(greenlet_exit{})); }

void greenlet::set_parent(std::shared_ptr<greenlet> parent) {
  if (!parent_) throw std::invalid_argument("a main greenlet has no parent");
  if (!parent) throw std::invalid_argument("a greenlet needs a parent");
  if (parent->thread_ != thread_) throw greenlet_error("the parent belongs to another thread");
  for (const greenlet* each = parent.get(); each != nullptr; each = each->parent_.get()) {
    if (each == this) throw std::invalid_argument("cyclic parent chain");
  }
  parent_ = std::move(parent);
}

// Suspends the current greenlet, if it is another; `here` holds what this one is to get.
std::any greenlet::jump(greenlet_thread& here) {
  if (this != here.current) {
    if (context_ == nullptr) prepare();
    const exception_state mine = std::exchange(*here.exceptions, exception_state());
    resume(here);
    *here.exceptions = mine;
  }
  return here.carries ? arrive(here) : std::any();
}

// What the switch that ended here has brought.
std::any greenlet::arrive(greenlet_thread& here) {
  bury(here);
  here.carries = false;
  if (here.exception) std::rethrow_exception(std::exchange(here.exception, nullptr));
  return std::move(here.value);
}

// Gives back the stack of who ended by the last switch.
void greenlet::bury(greenlet_thread& here) {
  if (here.ended == nullptr) return;
  detail::destroy_fiber(here.ended->fiber_);
  const stack unused = std::move(std::exchange(here.ended, nullptr)->stack_);
}

void greenlet::prepare() {
  stack_ = stack::take();
  detail::create_fiber(fiber_, stack_.bottom(), stack::bytes);
  context_ = detail::new_stack(stack_.top(),
                               static_cast<std::size_t>(stack_.top() - stack_.bottom()), begin);
  is_started_ = true;
}

// First on a new stack.
void greenlet::begin() {
  greenlet_thread& here = thread();
  if constexpr (detail::is_sanitized) {
    detail::after_switch(here.left->fiber_, here.current->fiber_);
  }
  bury(here);
  here.current->run(here);
}

void greenlet::run(greenlet_thread& here) {
  std::exception_ptr thrown;
  try {
    here.value = run_(arrive(here));
  } catch (...) {
    thrown = std::current_exception();
  }
  end(here, thrown);
  thrown = nullptr;  // nothing on this stack is destroyed after the last switch
  here.ended = this;
  greenlet& next = *first_alive();
  if (next.context_ == nullptr) next.prepare();
  here.current = &next;
  here.left = this;
  here.control = detail::read_control_word();
  void* const to = std::exchange(next.context_, nullptr);
  detail::before_switch(fiber_, next.fiber_, true);
  detail::switch_stack(&here.nowhere, to);
  std::terminate();
}

// Its parent is to get `here.value`, or the exception; that of greenlet_exit is a value.
void greenlet::end(greenlet_thread& here, const std::exception_ptr& exception) {
  if (exception) {
    here.value = as_exit(exception);
    if (!here.value.has_value()) here.exception = exception;
  }
  here.carries = true;
  is_started_ = true;
  is_dead_ = true;
  run_ = nullptr;
}

}  // namespace ref
