// System calls that are checked where they are made.
//
//   int fd = ref::check(::open(path, O_RDONLY | O_CLOEXEC), "open", path);
//   ssize_t n = ref::retry_interrupted([&] { return ::read(fd, buffer, size); });
//
// A failed call becomes a std::system_error whose what() names the operation and its context:
// `open /etc/none: No such file or directory`. Whether EINTR is retried is decided per call:
// `read` is, `close` never is on Linux (the descriptor is gone either way).
#pragma once

#include <cerrno>
#include <string_view>

namespace ref {

/// Throws std::system_error of `error_number`, saying `operation context: reason`.
[[noreturn]] void throw_system_error(int error_number, std::string_view operation,
                                     std::string_view context = {});

/// Returns `result` unless it is -1; then throws what errno says. The context is for people.
template <typename Result>
Result check(Result result, std::string_view operation, std::string_view context = {}) {
  if (result == Result(-1)) throw_system_error(errno, operation, context);
  return result;
}

/// `check` for calls that return the error number itself, as pthread functions do.
inline void check_number(int error_number, std::string_view operation,
                         std::string_view context = {}) {
  if (error_number != 0) throw_system_error(error_number, operation, context);
}

/// Calls again for as long as a signal interrupted the call; any other result is returned.
template <typename Call>
auto retry_interrupted(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

}  // namespace ref
