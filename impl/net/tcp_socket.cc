#include "impl/net/tcp_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstring>

#include "impl/net/waiting.h"

namespace ref {

tcp_socket::tcp_socket(family of)
    : family_(of),
      socket_(check(::socket(static_cast<int>(of), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                    "socket")) {}

template <typename Call>
auto tcp_socket::perform(short events, deadline until, const char* name, Call call) const {
  if (!blocking_) return check(retry_interrupted(call), name);
  return when_ready(name, call, [&] { wait_for(events, until); });
}

void tcp_socket::wait_for(short events, deadline until) const {
  if (!wait_) return await_socket(socket_.get(), events, until);
  if (until.passed()) throw timed_out("timed out");
  wait_(events, until);
}

void tcp_socket::bind(const socket_address& here) {
  check(::bind(socket_.get(), here.data(), here.size()), "bind", here.host());
}

void tcp_socket::connect(const socket_address& there, deadline until) {
  if (::connect(socket_.get(), there.data(), there.size()) == 0) return;
  if ((errno != EINPROGRESS && errno != EINTR) || !blocking_) {
    throw_system_error(errno, "connect", there.host());
  }
  wait_for(POLLOUT, until);
  const int failure = option(SOL_SOCKET, SO_ERROR);
  if (failure != 0) throw_system_error(failure, "connect", there.host());
  // For the kernel the socket is connecting until it is asked once more.
  check(::connect(socket_.get(), there.data(), there.size()), "connect", there.host());
}

void tcp_socket::listen(int backlog) { check(::listen(socket_.get(), backlog), "listen"); }

accepted tcp_socket::accept(deadline until) {
  socket_address from;
  const int made = perform(POLLIN, until, "accept", [&] {
    from.size() = socket_address::capacity;
    return ::accept4(socket_.get(), from.data(), &from.size(), SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
  return {tcp_socket(family_, file_descriptor(made)), from};
}

std::size_t tcp_socket::send(std::string_view data, deadline until) {
  return static_cast<std::size_t>(perform(POLLOUT, until, "send", [&] {
    return ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
  }));
}

void tcp_socket::send_all(std::string_view data, deadline until) {
  while (!data.empty()) data.remove_prefix(send(data, until));
}

std::size_t tcp_socket::receive_into(char* to, std::size_t limit, deadline until) {
  if (limit == 0) return 0;
  // A try that is bound to fail costs as much as one that succeeds.
  if (is_drained_ && wait_ && blocking_) wait_for(POLLIN, until);
  const auto got = static_cast<std::size_t>(
      perform(POLLIN, until, "recv", [&] { return ::recv(socket_.get(), to, limit, 0); }));
  is_drained_ = got > 0 && got < limit;
  return got;
}

std::string tcp_socket::receive(std::size_t limit, deadline until) {
  std::string got(limit, '\0');
  got.resize(receive_into(got.data(), limit, until));
  return got;
}

void tcp_socket::shutdown(direction which) {
  check(::shutdown(socket_.get(), static_cast<int>(which)), "shutdown");
}

void tcp_socket::reset() {
  const linger none{1, 0};
  check(::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof(none)), "SO_LINGER");
  close();
}

void tcp_socket::set_option(int level, int name, int value) {
  check(::setsockopt(socket_.get(), level, name, &value, sizeof(value)), "setsockopt");
}

int tcp_socket::option(int level, int name) const {
  int value = 0;
  socklen_t size = sizeof(value);
  check(::getsockopt(socket_.get(), level, name, &value, &size), "getsockopt");
  return value;
}

void tcp_socket::set_congestion_control(std::string_view name) {
  check(::setsockopt(socket_.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(),
                     static_cast<socklen_t>(name.size())),
        "TCP_CONGESTION", name);
}

std::string tcp_socket::congestion_control() const {
  char name[16] = "";
  socklen_t size = sizeof(name);
  check(::getsockopt(socket_.get(), IPPROTO_TCP, TCP_CONGESTION, name, &size), "TCP_CONGESTION");
  return {name, ::strnlen(name, size)};
}

socket_address tcp_socket::local_name() const {
  socket_address name;
  check(::getsockname(socket_.get(), name.data(), &name.size()), "getsockname");
  return name;
}

socket_address tcp_socket::peer_name() const {
  socket_address name;
  check(::getpeername(socket_.get(), name.data(), &name.size()), "getpeername");
  return name;
}

tcp_listener::tcp_listener(const std::string& host, int port, family of, int backlog)
    : socket_(of) {
  socket_.set_reuse_address(true);
  socket_.bind(resolve(of, host, port));
  socket_.listen(backlog);
}

}  // namespace ref
