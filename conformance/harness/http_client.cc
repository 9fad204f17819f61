#include "conformance/harness/http_client.h"

#include <fmt/core.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "conformance/harness/actor.h"
#include "conformance/harness/http_reader.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/session.h"
#include "conformance/harness/tcp_table.h"

namespace assay {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::size_t largest_answer = std::size_t{256} << 20;
constexpr std::size_t logged_bytes = 4096;

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void log_bytes(const char* direction, std::string_view bytes) {
  if (session* here = current_session()) here->log().add_bytes("server", direction, bytes);
}

void log_event(std::string_view text) {
  if (session* here = current_session()) here->log().add("server", "!", text);
}

// Waits for the events; false when they did not come in time.
bool wait_for(int descriptor, short events, patience& left) {
  for (;;) {
    const auto until = left.next_look() - clock::now();
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until).count();
    pollfd polled{descriptor, events, 0};
    const int ready =
        ::poll(&polled, 1, static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1 << 30)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) throw_errno("poll");
    if (ready == 0 && left.is_over()) return false;
  }
}

}  // namespace

std::optional<std::string> http_response::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

std::size_t http_response::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(headers.begin(), headers.end(), [&](auto& each) {
    return equal_ignoring_case(each.first, name);
  }));
}

http_connection http_connection::open(std::uint16_t port, std::optional<int> receive_buffer) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw_errno("socket");
  http_connection made(descriptor);
  if (receive_buffer) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &*receive_buffer, sizeof *receive_buffer);
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // A full backlog would let connect() wait for more than a minute.
  const timeval patience{.tv_sec = scaled(5s) / 1s, .tv_usec = 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINPROGRESS || errno == EAGAIN) errno = ETIMEDOUT;
    const std::string what = fmt::format("connect to 127.0.0.1:{}", port);
    log_event(fmt::format("{}: {}", what, std::generic_category().message(errno)));
    throw_errno(what);
  }
  return made;
}

http_connection::http_connection(http_connection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

http_connection& http_connection::operator=(http_connection&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    buffer_ = std::move(other.buffer_);
  }
  return *this;
}

http_connection::~http_connection() { close(); }

std::uint16_t http_connection::local_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw_errno("getsockname");
  }
  return ntohs(address.sin_port);
}

bool http_connection::send(std::string_view bytes) { return send(bytes, 0); }

bool http_connection::send_last(std::string_view bytes) {
  // What is held back for more goes out with the end, in one segment.
  const bool is_sent = send(bytes, MSG_MORE);
  shutdown_write();
  return is_sent;
}

bool http_connection::send(std::string_view bytes, int flags) {
  log_bytes(">", bytes);
  patience left(scaled(30s));
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT | flags);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait_for(descriptor_, POLLOUT, left)) {
        throw http_failure(
            fmt::format("the server does not read: {} bytes of the request are left "
                        "after {:.3g} s",
                        bytes.size(), std::chrono::duration<double>(left.waited()).count()));
      }
    } else if (errno == EPIPE || errno == ECONNRESET) {
      log_event("the server closed the connection while it was sent to");
      return false;
    } else if (errno != EINTR) {
      throw_errno("send");
    }
  }
  return true;
}

bool http_connection::send_pieces(const std::vector<std::string_view>& pieces) {
  sockaddr_in peer{};
  socklen_t peer_size = sizeof peer;
  ::getpeername(descriptor_, reinterpret_cast<sockaddr*>(&peer), &peer_size);
  for (const auto& piece : pieces) {
    if (!send(piece)) return false;
    patience left(scaled(5s));
    for (;;) {
      // SIOCOUTQ counts what the peer's kernel has not acknowledged.
      int unacknowledged = 0;
      if (::ioctl(descriptor_, SIOCOUTQ, &unacknowledged) != 0) throw_errno("ioctl SIOCOUTQ");
      const auto unread = unread_by_peer(ntohs(peer.sin_port), local_port());
      const auto waited = left.waited();
      if (unread == 0u) break;
      // A server that is busy elsewhere has it all the same.
      if (unacknowledged == 0 && (!unread || waited > scaled(20ms))) break;
      tcp_info info{};
      socklen_t size = sizeof info;
      ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &size);
      if (info.tcpi_state == TCP_CLOSE) return false;
      if (left.is_over()) throw http_failure("the kernel acknowledges no more bytes");
      const timespec pause{.tv_sec = 0, .tv_nsec = 100'000};
      ::ppoll(nullptr, 0, &pause, nullptr);
    }
  }
  return true;
}

namespace {

enum class got { bytes, end, reset };

// For how long a server is listened to: until it says nothing more, but not for ever, because it
// may go on and on.
struct listening {
  explicit listening(std::chrono::nanoseconds timeout)
      : left(scaled(timeout)), all(4 * scaled(timeout) + scaled(1s)) {}
  patience left;
  patience all;
};

// Appends what comes first; throws when nothing comes in time.
got receive(int descriptor, std::string& buffer, listening& how_long,
            std::size_t limit = std::string::npos) {
  const auto give_up = [&](const char* what) {
    throw http_failure(fmt::format("the server {} {:.3g} s; so far: {}", what,
                                   std::chrono::duration<double>(how_long.all.waited()).count(),
                                   buffer.empty() ? "nothing" : escape_bytes(buffer, 300)));
  };
  for (;;) {
    if (!wait_for(descriptor, POLLIN, how_long.left)) give_up("sent nothing more within");
    if (how_long.all.is_over()) give_up("still sends after");
    char piece[64 * 1024];
    const ssize_t size = ::recv(descriptor, piece, std::min(limit, sizeof piece), MSG_DONTWAIT);
    const int error = errno;
    if (size > 0) {
      const std::string_view bytes(piece, static_cast<std::size_t>(size));
      // The start of a long body is evidence enough.
      if (buffer.size() < logged_bytes) log_bytes("<", bytes);
      buffer.append(bytes);
      return got::bytes;
    }
    if (size == 0) {
      log_event("end of the connection");
      return got::end;
    }
    if (error == ECONNRESET || error == EPIPE) {
      log_event("the server reset the connection");
      return got::reset;
    }
    if (error != EAGAIN && error != EINTR) {
      errno = error;
      throw_errno("recv");
    }
  }
}

}  // namespace

std::optional<http_response> http_connection::try_read_response(bool head,
                                                                std::chrono::nanoseconds timeout) {
  listening how_long(timeout);
  http_reader reader(head);
  for (;;) {
    if (!buffer_.empty()) {
      if (auto response = reader.read(buffer_)) {
        if (response->body.size() > logged_bytes) {
          log_event(fmt::format("the response's body has {} bytes", response->body.size()));
        }
        return response;
      }
    }
    if (buffer_.size() + reader.body_bytes() > largest_answer) {
      throw http_failure("the response has no end");
    }
    switch (receive(descriptor_, buffer_, how_long)) {
      case got::bytes:
        break;
      case got::end:
        if (buffer_.empty() && !reader.has_begun()) return std::nullopt;
        return reader.end(buffer_);
      case got::reset:
        if (buffer_.empty() && !reader.has_begun()) return std::nullopt;
        throw http_failure("the server reset the connection within a response; so far: " +
                           escape_bytes(buffer_, 300));
    }
  }
}

http_response http_connection::read_response(bool head, std::chrono::nanoseconds timeout) {
  if (auto response = try_read_response(head, timeout)) return std::move(*response);
  throw http_failure("the server closed the connection without a response");
}

std::string http_connection::read_to_end(std::chrono::nanoseconds timeout) {
  listening how_long(timeout);
  while (receive(descriptor_, buffer_, how_long) == got::bytes) {
    if (buffer_.size() > largest_answer) throw http_failure("the server sends without an end");
  }
  return std::exchange(buffer_, {});
}

std::string http_connection::read_some(std::size_t limit, std::chrono::nanoseconds timeout) {
  listening how_long(timeout);
  if (buffer_.empty() && limit > 0) {
    receive(descriptor_, buffer_, how_long, limit);
  }
  std::string some = buffer_.substr(0, limit);
  buffer_.erase(0, limit);
  return some;
}

bool http_connection::is_closed_by_peer(std::chrono::nanoseconds timeout) {
  listening how_long(timeout);
  try {
    while (receive(descriptor_, buffer_, how_long) == got::bytes) {
      if (buffer_.size() > largest_answer) return false;
    }
    return true;
  } catch (const http_failure&) {
    return false;
  }
}

void http_connection::shutdown_write() {
  log_event("assay ends its side of the connection");
  ::shutdown(descriptor_, SHUT_WR);
}

void http_connection::reset() {
  if (descriptor_ < 0) return;
  log_event("assay resets the connection");
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void http_connection::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace assay
