// Generators: functions that yield values one at a time and keep their state in between, as
// Python's do, on C++20 coroutines.
//
//   ref::generator<int> fib(long count) {
//     int a = 0, b = 1;
//     for (; count > 0; --count) {
//       co_yield a;
//       b += std::exchange(a, b);
//     }
//   }
//   for (int each : fib(10)) use(each);
//
//   ref::generator<int, std::string, double> talk() {  // yields int, is sent string, returns
//   double
//     std::string answer = co_yield 1;                  // what send() gives; empty after next()
//     co_return 0.5;                                    // StopIteration's value
//   }
//
// Calling the function runs none of its body. next, send, throw_in and close follow the generator
// methods of Python's language reference (6.2.9.1); `co_yield ref::yield_from(inner)` is PEP 380's
// `yield from`.
//
// Ownership: a generator owns its coroutine frame, one allocation from the heap; destroying it
// destroys the locals of a body that waits in a yield, which is where RAII stands for `finally`.
// Not copyable, movable when nobody delegates to it. Threads: one at a time; a generator may move
// from thread to thread between steps. Fork: a child has its own copy. Cost of a step: one indirect
// call and two tests beyond a bare coroutine_handle::resume().
#pragma once

#include <concepts>
#include <coroutine>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

#include "impl/iterator/stop_iteration.h"

namespace ref {

/// Raised inside a body by close(); leaving it uncaught ends the generator quietly.
struct generator_exit {};

/// A step of a generator that is in the middle of one: ValueError in Python.
struct generator_running : std::logic_error {
  generator_running() : std::logic_error("generator already executing") {}
};

/// stop_iteration that left a body, or a body that yields while it is closed: RuntimeError in
/// Python.
struct generator_misbehaved : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <typename Yield, typename Send = std::monostate, typename Return = void>
class generator;

namespace detail {

/// A generator to which another delegates, whatever it returns.
template <typename Yield, typename Send>
struct delegate {
  virtual ~delegate() = default;
  /// Does a step; false when the inner generator ended by returning.
  virtual bool step(std::optional<Send>&& sent, std::exception_ptr thrown, bool closing) = 0;
  virtual Yield& value() = 0;
};

template <typename Yield, typename Send>
struct promise_base {
  Yield* value = nullptr;  // lives in the frame while the body waits
  std::optional<Send> sent;
  std::exception_ptr thrown;
  delegate<Yield, Send>* inner = nullptr;
  bool closing = false;
  bool is_running = false;
  bool is_started = false;
  std::exception_ptr failure;  // what left the body

  // What a yield comes to when the body is resumed.
  Send resumed() {
    if (thrown) [[unlikely]]
      std::rethrow_exception(std::exchange(thrown, nullptr));
    if (closing) [[unlikely]]
      throw generator_exit{};
    if (!sent) return Send{};
    Send given = std::move(*sent);
    sent.reset();
    return given;
  }

  struct yielded {
    promise_base& promise;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Send await_resume() const { return promise.resumed(); }
  };
  struct yielded_copy {
    promise_base& promise;
    Yield copy;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) noexcept { promise.value = std::addressof(copy); }
    Send await_resume() const { return promise.resumed(); }
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
  yielded yield_value(Yield& kept) noexcept {
    value = std::addressof(kept);
    return {*this};
  }
  yielded yield_value(Yield&& kept) noexcept {  // a temporary lives until the end of the yield
    value = std::addressof(kept);
    return {*this};
  }
  yielded_copy yield_value(const Yield& original) { return {*this, original}; }
};

template <typename Yield, typename Send, typename Return>
struct promise : promise_base<Yield, Send> {
  std::optional<Return> result;
  generator<Yield, Send, Return> get_return_object();
  template <typename Value>
  requires std::convertible_to<Value&&, Return>
  void return_value(Value&& returned) { result.emplace(std::forward<Value>(returned)); }
  using promise_base<Yield, Send>::yield_value;
  template <typename Inner>
  auto yield_value(Inner all_of) requires requires {
    typename Inner::is_yield_from;
  }
  { return all_of.awaiter(*this); }
};

template <typename Yield, typename Send>
struct promise<Yield, Send, void> : promise_base<Yield, Send> {
  generator<Yield, Send, void> get_return_object();
  void return_void() noexcept {}
  using promise_base<Yield, Send>::yield_value;
  template <typename Inner>
  auto yield_value(Inner all_of) requires requires {
    typename Inner::is_yield_from;
  }
  { return all_of.awaiter(*this); }
};

}  // namespace detail

/// What `co_yield ref::yield_from(inner)` passes; its result is what `inner` returns.
template <typename Generator>
class yield_from;

template <typename Yield, typename Send, typename Return>
class [[nodiscard]] generator {
 public:
  using promise_type = detail::promise<Yield, Send, Return>;
  using value_type = Yield;
  using send_type = Send;
  using return_type = Return;
  using stop = stop_iteration_with<Return>;

  generator(generator&& from) noexcept : handle_(std::exchange(from.handle_, nullptr)) {}
  generator& operator=(generator&& from) noexcept {
    generator old(std::move(*this));
    handle_ = std::exchange(from.handle_, nullptr);
    return *this;
  }
  ~generator() {
    if (handle_) handle_.destroy();
  }

  /// The next yielded value, which lives until the next step. Throws `stop`, with what the body
  /// returned, at the end, and a plain one from then on; whatever leaves the body;
  /// generator_running.
  Yield& next() {
    if (!step({}, nullptr, false)) throw_stop();
    return *handle_.promise().value;
  }
  /// next(), with null for the end; the returned value is then dropped.
  Yield* try_next() { return step({}, nullptr, false) ? handle_.promise().value : nullptr; }
  /// next(), with a value for the yield that the body waits in. std::invalid_argument before the
  /// first next(): there is no such yield yet (TypeError in Python).
  Yield& send(Send value) {
    if (!is_finished() && !handle_.promise().is_started) {
      throw std::invalid_argument("can't send a value to a just-started generator");
    }
    if (!step(std::move(value), nullptr, false)) throw_stop();
    return *handle_.promise().value;
  }
  /// Raises an exception at the yield that the body waits in; returns what it yields next. Before
  /// the first next() the body does not run at all: the exception comes straight back.
  Yield& throw_in(std::exception_ptr exception) {
    if (is_finished()) std::rethrow_exception(exception);
    refuse_running();
    if (!handle_.promise().is_started) {
      finish();
      std::rethrow_exception(exception);
    }
    if (!step({}, std::move(exception), false)) throw_stop();
    return *handle_.promise().value;
  }
  /// Raises generator_exit at the yield that the body waits in. Throws generator_misbehaved when it
  /// yields once more, and any other exception that leaves it.
  void close() {
    if (is_finished()) return;
    refuse_running();
    if (!handle_.promise().is_started) return finish();
    bool yielded = false;
    try {
      yielded = step({}, nullptr, true);
    } catch (const generator_exit&) {
    }
    if (!yielded) return finish();
    handle_.promise().closing = false;
    throw generator_misbehaved("generator ignored GeneratorExit");
  }

  /// What the last step yielded.
  Yield& current() { return *handle_.promise().value; }
  /// Whether no further step can come of it.
  bool is_finished() const { return !handle_ || (!handle_.promise().is_running && handle_.done()); }
  bool is_running() const { return handle_ && handle_.promise().is_running; }
  /// What the body returned, once. For yield_from.
  auto take_result() {
    if constexpr (!std::is_void_v<Return>) {
      auto result = std::exchange(handle_.promise().result, std::nullopt);
      finish();
      return *std::move(result);
    }
  }

  /// One step by hand: false when the body ended by returning. What leaves the body is thrown.
  bool step(std::optional<Send>&& sent, std::exception_ptr thrown, bool closing) {
    if (!handle_) return false;
    auto& promise = handle_.promise();
    if (promise.is_running) [[unlikely]]
      throw generator_running();
    if (handle_.done()) return false;
    promise.is_running = true;
    promise.is_started = true;
    if (promise.inner != nullptr) [[unlikely]] {
      if (step_inner(sent, thrown, closing)) return true;
    }
    promise.sent = std::move(sent);
    promise.thrown = std::move(thrown);
    promise.closing = closing;
    handle_.resume();
    promise.is_running = false;
    if (!handle_.done()) [[likely]]
      return true;
    if (promise.failure) fail();
    return false;
  }

  class iterator {
   public:
    using value_type = Yield;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(generator& of) : of_(&of) { ++*this; }
    iterator& operator++() {
      current_ = of_->try_next();
      return *this;
    }
    void operator++(int) { ++*this; }
    Yield& operator*() const { return *current_; }
    bool operator==(std::default_sentinel_t) const { return current_ == nullptr; }

   private:
    generator* of_ = nullptr;
    Yield* current_ = nullptr;
  };
  /// Itself: a generator is an iterator.
  generator& iter() { return *this; }
  /// For range-for, which goes on from where the generator stands.
  iterator begin() { return iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend promise_type;
  using handle = std::coroutine_handle<promise_type>;
  explicit generator(handle frame) : handle_(frame) {}

  void refuse_running() const {
    if (is_running()) throw generator_running();
  }
  void finish() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }
  // True when the inner generator yielded. Else the body is to be resumed, with what the inner one
  // raised in place of what was asked for.
  bool step_inner(std::optional<Send>& sent, std::exception_ptr& thrown, bool& closing) {
    auto& promise = handle_.promise();
    try {
      if (promise.inner->step(std::move(sent), thrown, closing)) {
        promise.value = std::addressof(promise.inner->value());
        promise.is_running = false;
        return true;
      }
      thrown = nullptr;
      closing = false;
    } catch (...) {
      thrown = std::current_exception();
      closing = false;
    }
    sent.reset();
    promise.inner = nullptr;
    return false;
  }
  [[noreturn]] void fail() {
    const std::exception_ptr failure = std::exchange(handle_.promise().failure, nullptr);
    finish();
    try {
      std::rethrow_exception(failure);
    } catch (const stop_iteration&) {
      std::throw_with_nested(generator_misbehaved("generator raised StopIteration"));
    }
  }
  [[noreturn]] void throw_stop() {
    if constexpr (std::is_void_v<Return>) {
      finish();
      throw stop();
    } else {
      if (!handle_ || !handle_.promise().result) throw stop();
      throw stop(take_result());
    }
  }

  handle handle_;
};

template <typename Yield, typename Send, typename Return>
class yield_from<generator<Yield, Send, Return>> {
 public:
  using is_yield_from = void;
  using inner_generator = generator<Yield, Send, Return>;
  /// Delegates to a generator that is owned here, or that the caller keeps.
  explicit yield_from(inner_generator&& owned)
      : owned_(std::move(owned)), inner_(std::addressof(*owned_)) {}
  explicit yield_from(inner_generator& kept) : inner_(std::addressof(kept)) {}
  yield_from(yield_from&& from) noexcept
      : owned_(std::move(from.owned_)), inner_(owned_ ? std::addressof(*owned_) : from.inner_) {}

  struct waiter : detail::delegate<Yield, Send> {
    waiter(yield_from&& from, detail::promise_base<Yield, Send>& outer)
        : from_(std::move(from)), outer_(outer) {}
    bool step(std::optional<Send>&& sent, std::exception_ptr thrown, bool closing) override {
      if (closing) {  // as PEP 380 has it: the inner one is closed, and the outer one too
        from_.inner_->close();
        throw generator_exit{};
      }
      return from_.inner_->step(std::move(sent), std::move(thrown), false);
    }
    Yield& value() override { return from_.inner_->current(); }

    // The first step is part of the yield itself: an empty inner generator does not suspend.
    bool await_ready() { return !from_.inner_->step({}, nullptr, false); }
    void await_suspend(std::coroutine_handle<>) {
      outer_.inner = this;
      outer_.value = std::addressof(value());
    }
    Return await_resume() {
      outer_.inner = nullptr;
      if (outer_.thrown) std::rethrow_exception(std::exchange(outer_.thrown, nullptr));
      return from_.inner_->take_result();
    }

   private:
    yield_from from_;
    detail::promise_base<Yield, Send>& outer_;
  };
  waiter awaiter(detail::promise_base<Yield, Send>& outer) && { return {std::move(*this), outer}; }
  waiter awaiter(detail::promise_base<Yield, Send>& outer) & { return {std::move(*this), outer}; }

 private:
  std::optional<inner_generator> owned_;
  inner_generator* inner_;
};

template <typename Yield, typename Send, typename Return>
yield_from(generator<Yield, Send, Return>&&) -> yield_from<generator<Yield, Send, Return>>;
template <typename Yield, typename Send, typename Return>
yield_from(generator<Yield, Send, Return>&) -> yield_from<generator<Yield, Send, Return>>;

namespace detail {
template <typename Yield, typename Send, typename Return>
generator<Yield, Send, Return> promise<Yield, Send, Return>::get_return_object() {
  return generator<Yield, Send, Return>(
      std::coroutine_handle<promise<Yield, Send, Return>>::from_promise(*this));
}
template <typename Yield, typename Send>
generator<Yield, Send, void> promise<Yield, Send, void>::get_return_object() {
  return generator<Yield, Send, void>(
      std::coroutine_handle<promise<Yield, Send, void>>::from_promise(*this));
}
}  // namespace detail
}  // namespace ref
