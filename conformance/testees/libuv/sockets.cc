#include "conformance/testees/libuv/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

namespace assay::testees::uv {
namespace {

// A forked child has to make the loop its own.
uv_loop_t* loop() {
  static const int watched =
      ::pthread_atfork(nullptr, nullptr, [] { uv_loop_fork(uv_default_loop()); });
  static_cast<void>(watched);
  return uv_default_loop();
}

int check(int status, const char* call) {
  if (status < 0) throw std::system_error(-status, std::generic_category(), call);
  return status;
}

// The loop's clock counts whole milliseconds, so that a timer may be one too early.
std::uint64_t milliseconds(std::chrono::nanoseconds how_long) {
  return static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(how_long).count() +
                                    1);
}

class timer {
 public:
  explicit timer(patience how_long) {
    uv_timer_init(loop(), handle_.get());
    handle_.use(&is_over_);
    if (!how_long) return;
    uv_update_time(loop());
    uv_timer_start(
        handle_.get(), [](uv_timer_t* of) { owned<uv_timer_t>::used<bool>(of) = true; },
        milliseconds(*how_long), 0);
  }
  bool is_over() const { return is_over_; }

 private:
  bool is_over_ = false;
  owned<uv_timer_t> handle_;
};

// Runs the loop until it has set `done`; false: the time is over.
template <typename Done>
bool run_until(const Done& done, patience how_long) {
  const timer patience_left(how_long);
  while (!done() && !patience_left.is_over()) uv_run(loop(), UV_RUN_ONCE);
  return done();
}

// A request of libuv's, which sets its status when it is done. It may outlive the call.
template <typename Request>
struct pending {
  Request request{};
  std::string data;
  std::optional<int> status;
  bool is_abandoned = false;

  static void done(Request* of, int status) {
    auto* const self = static_cast<pending*>(of->data);
    self->status = status;
    if (self->is_abandoned) delete self;
  }
};

template <typename Request, typename Start>
void perform(const char* call, patience how_long, std::string_view data, Start start) {
  auto owned_request = std::make_unique<pending<Request>>();
  owned_request->request.data = owned_request.get();
  owned_request->data = data;
  check(start(*owned_request), call);
  if (!run_until([&] { return owned_request->status.has_value(); }, how_long)) {
    owned_request.release()->is_abandoned = true;
    throw timed_out("the time is over");
  }
  check(*owned_request->status, call);
}

// What a read gives.
struct reading {
  char* to;
  std::size_t limit;
  std::optional<ssize_t> got;
  address from;
};

template <typename Handle>
void give_buffer(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  const auto& into = owned<Handle>::template used<reading>(handle);
  *buffer = uv_buf_init(into.to, static_cast<unsigned>(into.limit));
}

void take_datagram(uv_udp_t* socket, ssize_t size, const uv_buf_t*, const sockaddr* from,
                   unsigned) {
  if (size == 0 && from == nullptr) return;  // there was nothing to read
  auto& into = owned<uv_udp_t>::used<reading>(socket);
  into.got = size;
  if (from != nullptr) into.from = address(*from);
  uv_udp_recv_stop(socket);
}

void take_bytes(uv_stream_t* socket, ssize_t size, const uv_buf_t*) {
  if (size == 0) return;  // there was nothing to read
  owned<uv_tcp_t>::used<reading>(socket).got = size;
  uv_read_stop(socket);
}

uv_buf_t buffer_of(std::string& data) {
  return uv_buf_init(data.data(), static_cast<unsigned>(data.size()));
}

template <typename Handle>
address name_of(int (*ask)(const Handle*, sockaddr*, int*), const owned<Handle>& socket,
                const char* call) {
  sockaddr_storage name{};
  int size = sizeof(name);
  check(ask(socket.get(), reinterpret_cast<sockaddr*>(&name), &size), call);
  return address(reinterpret_cast<const sockaddr&>(name));
}

}  // namespace

address::address(const sockaddr& from) {
  std::memcpy(&storage_, &from,
              from.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

std::string address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  check(uv_ip_name(data(), text, sizeof(text)), "uv_ip_name");
  return text;
}

int address::port() const {
  // The port is at the same place in both.
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
}

address resolve(family of, const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_family = static_cast<int>(of);
  hints.ai_socktype = SOCK_DGRAM;  // one answer each, and the same for both kinds
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  uv_getaddrinfo_t request;
  // Without a callback it waits.
  const int status =
      uv_getaddrinfo(loop(), &request, nullptr, host.empty() ? nullptr : host.c_str(),
                     std::to_string(port).c_str(), &hints);
  if (status != 0) throw resolution_error(host + ": " + uv_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)> found(request.addrinfo,
                                                                    &uv_freeaddrinfo);
  return address(*found->ai_addr);
}

udp_socket::udp_socket(family of) : family_(of) {
  check(uv_udp_init_ex(loop(), socket_.get(), static_cast<unsigned>(of)), "uv_udp_init_ex");
}

void udp_socket::bind(const address& here) {
  check(uv_udp_bind(socket_.get(), here.data(), 0), "uv_udp_bind");
}

void udp_socket::connect(const address& there) {
  check(uv_udp_connect(socket_.get(), there.data()), "uv_udp_connect");
}

std::size_t udp_socket::send(std::string_view data, const sockaddr* to) {
  perform<uv_udp_send_t>("uv_udp_send", std::nullopt, data, [&](auto& sending) {
    const uv_buf_t buffer = buffer_of(sending.data);
    return uv_udp_send(&sending.request, socket_.get(), &buffer, 1, to, &sending.done);
  });
  return data.size();
}

datagram udp_socket::receive_from(std::size_t limit, patience how_long) {
  std::string data(limit, '\0');
  reading into{data.data(), limit, {}, {}};
  socket_.use(&into);
  check(uv_udp_recv_start(socket_.get(), give_buffer<uv_udp_t>, take_datagram),
        "uv_udp_recv_start");
  if (!run_until([&] { return into.got.has_value(); }, how_long)) {
    uv_udp_recv_stop(socket_.get());
    throw timed_out("the time is over");
  }
  data.resize(static_cast<std::size_t>(check(static_cast<int>(*into.got), "uv_udp_recv_start")));
  return {std::move(data), into.from};
}

address udp_socket::local_name() const {
  return name_of(&uv_udp_getsockname, socket_, "uv_udp_getsockname");
}

tcp_socket::tcp_socket(family of) : family_(of) {
  check(uv_tcp_init_ex(loop(), socket_.get(), static_cast<unsigned>(of)), "uv_tcp_init_ex");
}

void tcp_socket::bind(const address& here) {
  check(uv_tcp_bind(socket_.get(), here.data(), 0), "uv_tcp_bind");
}

void tcp_socket::connect(const address& there, patience how_long) {
  perform<uv_connect_t>("uv_tcp_connect", how_long, {}, [&](auto& connecting) {
    return uv_tcp_connect(&connecting.request, socket_.get(), there.data(), &connecting.done);
  });
}

void tcp_socket::listen(int backlog) {
  socket_.use(waiting_.get());
  const auto count = [](uv_stream_t* of, int status) {
    if (status == 0) ++owned<uv_tcp_t>::used<int>(of);
  };
  check(uv_listen(socket_.stream(), backlog, count), "uv_listen");
}

accepted tcp_socket::accept(patience how_long) {
  if (!run_until([&] { return *waiting_ > 0; }, how_long)) throw timed_out("the time is over");
  --*waiting_;
  tcp_socket client(family_, unopened());
  check(uv_accept(socket_.stream(), client.socket_.stream()), "uv_accept");
  address from = client.peer_name();
  return {std::move(client), from};
}

tcp_socket::tcp_socket(family of, unopened) : family_(of) {
  check(uv_tcp_init(loop(), socket_.get()), "uv_tcp_init");
}

std::size_t tcp_socket::send(std::string_view data, patience how_long) {
  perform<uv_write_t>("uv_write", how_long, data, [&](auto& writing) {
    const uv_buf_t buffer = buffer_of(writing.data);
    return uv_write(&writing.request, socket_.stream(), &buffer, 1, &writing.done);
  });
  return data.size();
}

std::string tcp_socket::receive(std::size_t limit, patience how_long) {
  std::string data(limit, '\0');
  data.resize(receive_into(data.data(), limit, how_long));
  return data;
}

std::size_t tcp_socket::receive_into(char* to, std::size_t limit, patience how_long) {
  reading into{to, limit, {}, {}};
  socket_.use(&into);
  check(uv_read_start(socket_.stream(), give_buffer<uv_tcp_t>, take_bytes), "uv_read_start");
  if (!run_until([&] { return into.got.has_value(); }, how_long)) {
    uv_read_stop(socket_.stream());
    throw timed_out("the time is over");
  }
  if (*into.got == UV_EOF) return 0;
  return static_cast<std::size_t>(check(static_cast<int>(*into.got), "uv_read_start"));
}

// There is a shutdown for writing only.
void tcp_socket::shutdown(direction which) {
  if (which != direction::write) check(UV_ENOTSUP, "uv_shutdown");
  perform<uv_shutdown_t>("uv_shutdown", std::nullopt, {}, [&](auto& ending) {
    return uv_shutdown(&ending.request, socket_.stream(), &ending.done);
  });
}

void tcp_socket::reset() { check(socket_.close_reset(), "uv_tcp_close_reset"); }

// Options that libuv has a call for.
void tcp_socket::set_option(int level, int name, int value) {
  if (level == IPPROTO_TCP && name == TCP_NODELAY) {
    check(uv_tcp_nodelay(socket_.get(), value), "uv_tcp_nodelay");
  } else if (level == SOL_SOCKET && name == SO_SNDBUF) {
    check(uv_send_buffer_size(socket_.handle(), &value), "uv_send_buffer_size");
  } else if (level == SOL_SOCKET && name == SO_RCVBUF) {
    check(uv_recv_buffer_size(socket_.handle(), &value), "uv_recv_buffer_size");
  } else {
    check(UV_ENOTSUP, "set_option");
  }
}

int tcp_socket::option(int level, int name) const {
  int value = 0;  // for "what is it"
  if (level == SOL_SOCKET && name == SO_SNDBUF) {
    check(uv_send_buffer_size(socket_.handle(), &value), "uv_send_buffer_size");
  } else if (level == SOL_SOCKET && name == SO_RCVBUF) {
    check(uv_recv_buffer_size(socket_.handle(), &value), "uv_recv_buffer_size");
  } else {
    check(UV_ENOTSUP, "get_option");
  }
  return value;
}

address tcp_socket::local_name() const {
  return name_of(&uv_tcp_getsockname, socket_, "uv_tcp_getsockname");
}

address tcp_socket::peer_name() const {
  return name_of(&uv_tcp_getpeername, socket_, "uv_tcp_getpeername");
}

int tcp_socket::descriptor() const {
  uv_os_fd_t number = -1;
  check(uv_fileno(socket_.handle(), &number), "uv_fileno");
  return number;
}

}  // namespace assay::testees::uv
