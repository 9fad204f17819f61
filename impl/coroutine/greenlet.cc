#include "impl/coroutine/greenlet.h"

#include <cxxabi.h>

#include <boost/context/detail/fcontext.hpp>
#include <utility>

namespace ref {
namespace detail {

// One for each thread: who runs, and what a switch carries along.
struct greenlet_thread {
  greenlet* current = nullptr;
  std::any value;
  std::exception_ptr exception;
  greenlet* ended = nullptr;  // whose stack is to be given back by whoever runs next
  exception_state* exceptions = nullptr;
  std::shared_ptr<greenlet> main{new greenlet};

  greenlet_thread() {
    main->thread_ = this;
    main->is_started_ = true;
    adopt_thread(main->fiber_);
    current = main.get();
    exceptions = reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
  }
};

}  // namespace detail

namespace {

using boost::context::detail::fcontext_t;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;
using detail::greenlet_thread;

// A plain pointer is read without the guard that an object's construction needs.
thread_local greenlet_thread* this_thread = nullptr;

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
  std::shared_ptr<greenlet> made(new greenlet);
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

std::any greenlet::switch_to(std::any value) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  here.value = std::move(value);
  return first_alive()->jump(here);
}

std::any greenlet::throw_in(const std::exception_ptr& exception) {
  greenlet_thread& here = thread();
  if (thread_ != &here) throw greenlet_error("cannot switch to a different thread");
  if (is_started_ && !is_dead_) {
    here.exception = exception;
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

// Suspends the current greenlet; `here` holds what this one is to get.
std::any greenlet::jump(greenlet_thread& here) {
  greenlet* const from = here.current;
  if (this != from) {
    if (context_ == nullptr) prepare();
    from->exceptions_ = *here.exceptions;
    here.current = this;
    detail::before_switch(from->fiber_, fiber_, from->is_dead_);
    const transfer_t arrived = jump_fcontext(context_, from);
    from->arrive(here, arrived.fctx, arrived.data);
  }
  if (here.exception) [[unlikely]] {
    std::rethrow_exception(std::exchange(here.exception, nullptr));
  }
  return std::move(here.value);
}

// First thing on this greenlet's stack after a jump to it.
inline void greenlet::arrive(greenlet_thread& here, void* from_context, void* from) {
  auto* const left = static_cast<greenlet*>(from);
  detail::after_switch(left->fiber_, fiber_);
  left->context_ = from_context;
  *here.exceptions = exceptions_;
  if (here.ended != nullptr) [[unlikely]] {
    detail::destroy_fiber(here.ended->fiber_);
    const stack unused = std::move(here.ended->stack_);
    here.ended = nullptr;
  }
}

void greenlet::prepare() {
  stack_ = stack::take();
  detail::create_fiber(fiber_, stack_.bottom(), stack::bytes);
  context_ = make_fcontext(stack_.top(), stack::bytes, [](transfer_t arrived) {
    greenlet_thread& here = thread();
    greenlet& self = *here.current;
    self.arrive(here, arrived.fctx, arrived.data);
    self.run(here);
  });
  is_started_ = true;
}

void greenlet::run(greenlet_thread& here) {
  std::exception_ptr thrown;
  try {
    if (here.exception) std::rethrow_exception(std::exchange(here.exception, nullptr));
    here.value = run_(std::move(here.value));
  } catch (...) {
    thrown = std::current_exception();
  }
  end(here, thrown);
  thrown = nullptr;  // nothing on this stack is destroyed after the last jump
  here.ended = this;
  first_alive()->jump(here);
  std::terminate();
}

// Its parent is to get `here.value`, or the exception; that of greenlet_exit is a value.
void greenlet::end(greenlet_thread& here, const std::exception_ptr& exception) {
  if (exception) {
    here.value = as_exit(exception);
    if (!here.value.has_value()) here.exception = exception;
  }
  is_started_ = true;
  is_dead_ = true;
  run_ = nullptr;
}

}  // namespace ref
