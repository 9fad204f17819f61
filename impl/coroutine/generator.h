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
// call and three tests beyond a bare coroutine_handle::resume().
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
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

/// What a body does, and what the yield that it waits in is to come to.
enum class phase : std::uint8_t {
  fresh,       // not begun
  delegating,  // in a yield_from
  running,     // by next; or waiting in a yield, if there is a value
  sent,        // running, and the yield has a value
  thrown,      // running, and the yield raises an exception
  closing,     // running, and the yield raises generator_exit
  ended
};

/// A generator to which another delegates, whatever it returns.
template <typename Yield, typename Send>
struct delegate {
  virtual ~delegate() = default;
  /// Does a step; null when the inner generator ended by returning.
  virtual Yield* step(phase how, Send* sent, std::exception_ptr* thrown) = 0;
};

template <typename Yield, typename Send>
struct promise_base {
  // Lives in the frame while the body waits in a yield; null whenever it does not. So a step writes
  // one word, and the body another: a store costs more here than any test.
  Yield* value = nullptr;
  phase now = phase::fresh;
  Send* sent = nullptr;  // in phase sent: the caller's, who waits
  delegate<Yield, Send>* inner = nullptr;
  Yield* value_of_inner = nullptr;  // when the body begins to delegate
  std::exception_ptr exception;  // in phase thrown: for the yield; at the end: what left the body

  // Whose yield is to come to something else than a plain next's. It is set right before the body
  // is resumed and read first thing there. That way a yield needs no pointer to its promise, which
  // it would store in the frame each time.
  static inline constinit thread_local promise_base* brings = nullptr;

  // What a yield comes to when the body is resumed by more than next.
  Send resumed() {
    brings = nullptr;
    if constexpr (!std::is_same_v<Send, std::monostate>) {
      if (now == phase::sent) {
        now = phase::running;
        return std::move(*sent);
      }
    }
    if (now != phase::running) [[unlikely]]
      raise();
    return Send{};
  }
  [[noreturn, gnu::cold]] void raise() {
    if (std::exchange(now, phase::running) == phase::closing) throw generator_exit{};
    std::rethrow_exception(std::exchange(exception, nullptr));
  }

  struct yielded {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Send await_resume() const {
      if (brings != nullptr) [[unlikely]]
        return brings->resumed();
      return Send{};
    }
  };
  struct yielded_copy : yielded {
    explicit yielded_copy(const Yield& original) : copy(original) {}
    Yield copy;
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> body) noexcept {
      body.promise().value = std::addressof(copy);
    }
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  std::suspend_always final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
  yielded yield_value(Yield& kept) noexcept {
    value = std::addressof(kept);
    return {};
  }
  yielded yield_value(Yield&& kept) noexcept {  // a temporary lives until the end of the yield
    value = std::addressof(kept);
    return {};
  }
  yielded_copy yield_value(const Yield& original) { return yielded_copy(original); }
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
    Yield* const yielded = try_next();
    if (yielded == nullptr) throw_stop();
    return *yielded;
  }
  /// next(), with null for the end; the returned value is then dropped.
  Yield* try_next() {
    if (!handle_ || handle_.promise().value == nullptr) [[unlikely]]
      return step(phase::running, nullptr, nullptr);
    return resume();
  }
  /// next(), with a value for the yield that the body waits in. std::invalid_argument before the
  /// first next(): there is no such yield yet (TypeError in Python).
  Yield& send(Send value) {
    if (handle_ && handle_.promise().now == phase::fresh) {
      throw std::invalid_argument("can't send a value to a just-started generator");
    }
    Yield* const yielded = step(std::is_same_v<Send, std::monostate> ? phase::running : phase::sent,
                                std::addressof(value), nullptr);
    if (yielded == nullptr) throw_stop();
    return *yielded;
  }
  /// Raises an exception at the yield that the body waits in; returns what it yields next. Before
  /// the first next() the body does not run at all: the exception comes straight back.
  Yield& throw_in(std::exception_ptr exception) {
    if (is_finished()) std::rethrow_exception(exception);
    if (handle_.promise().now == phase::fresh) {
      finish();
      std::rethrow_exception(exception);
    }
    Yield* const yielded = step(phase::thrown, nullptr, std::addressof(exception));
    if (yielded == nullptr) throw_stop();
    return *yielded;
  }
  /// Raises generator_exit at the yield that the body waits in. Throws generator_misbehaved when it
  /// yields once more, and any other exception that leaves it.
  void close() {
    if (is_finished()) return;
    if (handle_.promise().now == phase::fresh) return finish();
    bool has_yielded = false;
    try {
      has_yielded = step(phase::closing, nullptr, nullptr) != nullptr;
    } catch (const generator_exit&) {
    }
    if (!has_yielded) return finish();
    throw generator_misbehaved("generator ignored GeneratorExit");
  }

  /// Whether no further step can come of it.
  bool is_finished() const { return !handle_ || handle_.promise().now == phase::ended; }
  bool is_running() const {
    return handle_ && handle_.promise().value == nullptr &&
           handle_.promise().now >= phase::running && handle_.promise().now < phase::ended;
  }
  /// What the body returned, once. For yield_from.
  auto take_result() {
    if constexpr (!std::is_void_v<Return>) {
      auto result = std::exchange(handle_.promise().result, std::nullopt);
      finish();
      return *std::move(result);
    }
  }

  /// One step by hand: what the body yields, null when it ended by returning. What leaves the body
  /// is thrown. `how` is running, or else what becomes of the yield.
  Yield* step(detail::phase how, Send* sent, std::exception_ptr* thrown) {
    if (is_finished()) return nullptr;
    auto& promise = handle_.promise();
    if (is_running()) throw generator_running();
    if (std::exchange(promise.now, how) == phase::delegating) {
      if (Yield* const yielded = step_inner(how, sent, thrown)) return yielded;
    } else if (how != phase::running) {
      promise.sent = sent;
      if (thrown != nullptr) promise.exception = std::move(*thrown);
      promise.brings = &promise;
    }
    return resume();
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
  using phase = detail::phase;
  using handle = std::coroutine_handle<promise_type>;
  explicit generator(handle frame) : handle_(frame) {}

  void finish() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }
  Yield* resume() {
    auto& promise = handle_.promise();
    promise.value = nullptr;
    handle_.resume();
    return promise.value != nullptr ? promise.value : settle();
  }
  // After a resumption that did not come back by an ordinary yield.
  [[gnu::noinline]] Yield* settle() {
    auto& promise = handle_.promise();
    if (promise.now == phase::delegating) return promise.value_of_inner;
    promise.now = phase::ended;
    if (promise.exception) fail();
    return nullptr;
  }
  // What the inner generator yielded. Null: the body is to be resumed, with what the inner one
  // raised in place of what was asked for.
  Yield* step_inner(phase how, Send* sent, std::exception_ptr* thrown) {
    auto& promise = handle_.promise();
    try {
      if (Yield* const yielded = promise.inner->step(how, sent, thrown)) {
        promise.now = phase::delegating;
        return yielded;
      }
      promise.now = phase::running;
    } catch (...) {
      promise.exception = std::current_exception();
      promise.now = phase::thrown;
    }
    return nullptr;
  }
  [[noreturn]] void fail() {
    const std::exception_ptr failure = std::exchange(handle_.promise().exception, nullptr);
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
    Yield* step(detail::phase how, Send* sent, std::exception_ptr* thrown) override {
      if (how == detail::phase::running) return from_.inner_->try_next();
      if (how == detail::phase::closing) {
        // As PEP 380 has it: the inner one is closed, and the outer one too.
        from_.inner_->close();
        throw generator_exit{};
      }
      return from_.inner_->step(how, sent, thrown);
    }

    // The first step is part of the yield itself: an empty inner generator does not suspend.
    bool await_ready() {
      outer_.value_of_inner = from_.inner_->try_next();
      return outer_.value_of_inner == nullptr;
    }
    void await_suspend(std::coroutine_handle<>) noexcept {
      outer_.inner = this;
      outer_.now = detail::phase::delegating;
    }
    Return await_resume() {
      if (outer_.now != detail::phase::running) outer_.raise();
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
