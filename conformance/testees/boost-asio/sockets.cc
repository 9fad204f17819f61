#include "conformance/testees/boost-asio/sockets.h"

#include <pthread.h>

#include <array>
#include <cstring>
#include <system_error>

namespace assay::testees::asio {
namespace {

using io::ip::tcp;
using io::ip::udp;

// A fork must be told of, or parent and child share one epoll(7) descriptor.
io::io_context& context() {
  static io::io_context made;
  static const int watched =
      ::pthread_atfork([] { context().notify_fork(io::io_context::fork_prepare); },
                       [] { context().notify_fork(io::io_context::fork_parent); },
                       [] { context().notify_fork(io::io_context::fork_child); });
  static_cast<void>(watched);
  return made;
}

void check(const error_code& failed, const char* call) {
  if (failed) throw std::system_error(failed.value(), std::generic_category(), call);
}

// The end of a stream is an error there, and none here.
std::size_t received(const error_code& failed, std::size_t count) {
  if (failed == io::error::eof) return 0;
  check(failed, "receive");
  return count;
}

struct completion {
  error_code failed;
  std::size_t count = 0;
};

// Starts the asynchronous call with a handler and waits for it. What has no time left is cancelled.
template <typename Socket, typename Start>
completion within(Socket& socket, std::chrono::nanoseconds how_long, Start start) {
  std::optional<completion> done;
  start([&](const error_code& failed, std::size_t count = 0) { done = {failed, count}; });
  context().restart();
  context().poll();  // for no time at all run_for does nothing
  context().run_for(how_long);
  if (!done) {
    socket.cancel();
    context().run();
    if (done->failed == io::error::operation_aborted) throw timed_out("the time is over");
  }
  return *done;
}

// An option by its numbers, as Asio's own option classes are.
template <typename Value>
struct numbered_option {
  int level_;
  int name_;
  Value value{};

  template <typename Protocol>
  int level(const Protocol&) const {
    return level_;
  }
  template <typename Protocol>
  int name(const Protocol&) const {
    return name_;
  }
  template <typename Protocol>
  void* data(const Protocol&) {
    return &value;
  }
  template <typename Protocol>
  const void* data(const Protocol&) const {
    return &value;
  }
  template <typename Protocol>
  std::size_t size(const Protocol&) const {
    return sizeof(value);
  }
  template <typename Protocol>
  void resize(const Protocol&, std::size_t) {}
};

using congestion_name = std::array<char, 16>;  // TCP_CA_NAME_MAX

template <typename Protocol>
Protocol protocol_of(family of) {
  return of == family::inet ? Protocol::v4() : Protocol::v6();
}

}  // namespace

address resolve(family of, const std::string& host, int port) {
  auto flags = udp::resolver::numeric_service;
  if (host.empty()) flags = flags | udp::resolver::passive;
  error_code failed;
  udp::resolver resolver(context());
  const auto found =
      resolver.resolve(protocol_of<udp>(of), host, std::to_string(port), flags, failed);
  if (failed) throw resolution_error(host + ": " + failed.message());
  return address(found.begin()->endpoint());
}

udp_socket::udp_socket(family of) : family_(of), socket_(context(), protocol_of<udp>(of)) {}

void udp_socket::bind(const address& here) {
  error_code failed;
  check(socket_.bind(here.as<udp::endpoint>(), failed), "bind");
}

void udp_socket::connect(const address& there) {
  error_code failed;
  check(socket_.connect(there.as<udp::endpoint>(), failed), "connect");
}

std::size_t udp_socket::send_to(std::string_view data, const address& to) {
  error_code failed;
  const std::size_t sent = socket_.send_to(io::buffer(data), to.as<udp::endpoint>(), 0, failed);
  check(failed, "send_to");
  return sent;
}

std::size_t udp_socket::send(std::string_view data) {
  error_code failed;
  const std::size_t sent = socket_.send(io::buffer(data), 0, failed);
  check(failed, "send");
  return sent;
}

datagram udp_socket::receive_from(std::size_t limit, patience how_long) {
  std::string data(limit, '\0');
  udp::endpoint from;
  completion got;
  if (how_long) {
    got = within(socket_, *how_long, [&](auto handler) {
      socket_.async_receive_from(io::buffer(data), from, handler);
    });
  } else {
    got.count = socket_.receive_from(io::buffer(data), from, 0, got.failed);
  }
  check(got.failed, "receive_from");
  data.resize(got.count);
  return {std::move(data), address(from)};
}

address udp_socket::local_name() const {
  error_code failed;
  const auto name = socket_.local_endpoint(failed);
  check(failed, "local_endpoint");
  return address(name);
}

void udp_socket::close() {
  error_code failed;
  check(socket_.close(failed), "close");
}

tcp_socket::tcp_socket(family of) : family_(of), socket_(context(), protocol_of<tcp>(of)) {}

tcp::acceptor& tcp_socket::acceptor() {
  if (!acceptor_) {
    error_code failed;
    const int descriptor = socket_.release(failed);
    check(failed, "release");
    acceptor_.emplace(context(), protocol_of<tcp>(family_), descriptor);
  }
  return *acceptor_;
}

template <typename Use>
auto tcp_socket::on_either(Use use) const {
  return acceptor_ ? use(*acceptor_) : use(socket_);
}

void tcp_socket::bind(const address& here) {
  error_code failed;
  on_either([&](auto& socket) { socket.bind(here.as<tcp::endpoint>(), failed); });
  check(failed, "bind");
}

void tcp_socket::connect(const address& there, patience how_long) {
  completion done;
  if (how_long) {
    done = within(socket_, *how_long,
                  [&](auto handler) { socket_.async_connect(there.as<tcp::endpoint>(), handler); });
  } else {
    socket_.connect(there.as<tcp::endpoint>(), done.failed);
  }
  check(done.failed, "connect");
}

void tcp_socket::listen(int backlog) {
  error_code failed;
  check(acceptor().listen(backlog, failed), "listen");
}

accepted tcp_socket::accept(patience how_long) {
  tcp::socket client(context());
  tcp::endpoint from;
  completion done;
  if (how_long) {
    done = within(acceptor(), *how_long,
                  [&](auto handler) { acceptor().async_accept(client, from, handler); });
  } else {
    acceptor().accept(client, from, done.failed);
  }
  check(done.failed, "accept");
  return {tcp_socket(family_, std::move(client)), address(from)};
}

std::size_t tcp_socket::send(std::string_view data, patience how_long) {
  completion sent;
  if (how_long) {
    sent = within(socket_, *how_long,
                  [&](auto handler) { socket_.async_send(io::buffer(data), handler); });
  } else {
    sent.count = socket_.send(io::buffer(data), 0, sent.failed);
  }
  check(sent.failed, "send");
  return sent.count;
}

void tcp_socket::send_all(std::string_view data, patience how_long) {
  completion sent;
  if (how_long) {
    sent = within(socket_, *how_long,
                  [&](auto handler) { io::async_write(socket_, io::buffer(data), handler); });
  } else {
    io::write(socket_, io::buffer(data), sent.failed);
  }
  check(sent.failed, "write");
}

std::string tcp_socket::receive(std::size_t limit, patience how_long) {
  std::string data(limit, '\0');
  data.resize(receive_into(data.data(), limit, how_long));
  return data;
}

std::size_t tcp_socket::receive_into(char* to, std::size_t limit, patience how_long) {
  completion got;
  if (how_long) {
    got = within(socket_, *how_long,
                 [&](auto handler) { socket_.async_receive(io::buffer(to, limit), handler); });
  } else {
    got.count = socket_.receive(io::buffer(to, limit), 0, got.failed);
  }
  return received(got.failed, got.count);
}

void tcp_socket::shutdown(direction which) {
  error_code failed;
  check(socket_.shutdown(static_cast<io::socket_base::shutdown_type>(which), failed), "shutdown");
}

void tcp_socket::close() {
  error_code failed;
  on_either([&](auto& socket) { socket.close(failed); });
  check(failed, "close");
}

void tcp_socket::reset() {
  error_code failed;
  on_either([&](auto& socket) { socket.set_option(io::socket_base::linger(true, 0), failed); });
  check(failed, "set_option");
  close();
}

void tcp_socket::set_blocking(bool blocking) {
  error_code failed;
  on_either([&](auto& socket) { socket.non_blocking(!blocking, failed); });
  check(failed, "non_blocking");
}

void tcp_socket::set_option(int level, int name, int value) {
  error_code failed;
  on_either([&](auto& socket) {
    socket.set_option(numbered_option<int>{level, name, value}, failed);
  });
  check(failed, "set_option");
}

int tcp_socket::option(int level, int name) const {
  error_code failed;
  numbered_option<int> wanted{level, name};
  on_either([&](auto& socket) { socket.get_option(wanted, failed); });
  check(failed, "get_option");
  return wanted.value;
}

void tcp_socket::set_congestion_control(const std::string& name) {
  numbered_option<congestion_name> wanted{IPPROTO_TCP, TCP_CONGESTION};
  std::copy_n(name.begin(), std::min(name.size(), wanted.value.size() - 1), wanted.value.begin());
  error_code failed;
  on_either([&](auto& socket) { socket.set_option(wanted, failed); });
  check(failed, "set_option");
}

std::string tcp_socket::congestion_control() const {
  error_code failed;
  numbered_option<congestion_name> wanted{IPPROTO_TCP, TCP_CONGESTION};
  on_either([&](auto& socket) { socket.get_option(wanted, failed); });
  check(failed, "get_option");
  return {wanted.value.data(), ::strnlen(wanted.value.data(), wanted.value.size())};
}

address tcp_socket::local_name() const {
  error_code failed;
  const auto name = on_either([&](auto& socket) { return socket.local_endpoint(failed); });
  check(failed, "local_endpoint");
  return address(name);
}

address tcp_socket::peer_name() const {
  error_code failed;
  const auto name = socket_.remote_endpoint(failed);
  check(failed, "remote_endpoint");
  return address(name);
}

int tcp_socket::descriptor() const {
  return on_either([](auto& socket) { return static_cast<int>(socket.native_handle()); });
}

std::pair<bool, bool> tcp_socket::await(bool read, bool write, patience how_long) {
  std::pair<bool, bool> ready;
  on_either([&](auto& socket) {
    const auto wait = [&](bool wanted, io::socket_base::wait_type what, bool& flag) {
      if (!wanted) return;
      socket.async_wait(what, [&](const error_code& failed) { flag = !failed; });
    };
    wait(read, io::socket_base::wait_read, ready.first);
    wait(write, io::socket_base::wait_write, ready.second);
    context().restart();
    how_long ? context().run_one_for(*how_long) : context().run_one();
    context().poll();
    socket.cancel();
    context().run();
  });
  return ready;
}

}  // namespace assay::testees::asio
