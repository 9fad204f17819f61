#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>
#include <stdexcept>

#include "bench/peers/echo.h"
#include "bench/peers/processes.h"
#include "conformance/harness/server_testee.h"
#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"

namespace assay::bench {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

double since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

ref::file_descriptor connected(int type, std::uint16_t port) {
  const sockaddr_in there = loopback(port);
  ref::file_descriptor socket(ref::check(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket"));
  ref::check(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there),
             "connect");
  // Whatever goes wrong ends the row, and not the run.
  const timeval at_most{5, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &at_most, sizeof at_most);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &at_most, sizeof at_most);
  return socket;
}

// A server that was just started needs a moment.
template <typename Try>
void await_server(Try answers) {
  const auto start = clock::now();
  while (!answers()) {
    if (since(start) > 20) throw std::runtime_error("the server does not answer");
    ::poll(nullptr, 0, 2);
  }
}

// ---- datagrams ----------------------------------------------------------------------------------

class udp_client {
 public:
  static constexpr std::size_t most = 64;

  udp_client(std::uint16_t port, std::size_t bytes)
      : socket_(connected(SOCK_DGRAM, port)), bytes_(bytes), out_(most * bytes), in_(most * bytes) {
    for (std::size_t i = 0; i < most; ++i) {
      out_parts_[i] = {out_.data() + i * bytes_, bytes_};
      in_parts_[i] = {in_.data() + i * bytes_, bytes_};
      out_headers_[i].msg_hdr.msg_iov = &out_parts_[i];
      out_headers_[i].msg_hdr.msg_iovlen = 1;
      in_headers_[i].msg_hdr.msg_iov = &in_parts_[i];
      in_headers_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void send(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++next_) {
      std::memcpy(out_.data() + i * bytes_, &next_, sizeof next_);
    }
    for (std::size_t sent = 0; sent < count;) {
      sent +=
          static_cast<std::size_t>(ref::check(::sendmmsg(socket_.get(), out_headers_.data() + sent,
                                                         static_cast<unsigned>(count - sent), 0),
                                              "sendmmsg"));
    }
  }
  // Waits for one and takes those that are there.
  std::size_t receive() {
    const int got = ::recvmmsg(socket_.get(), in_headers_.data(), most, MSG_WAITFORONE, nullptr);
    if (got < 0 && errno == EAGAIN) throw std::runtime_error("datagrams were lost");
    return static_cast<std::size_t>(ref::check(got, "recvmmsg"));
  }
  // The number that a datagram received carries, if it is as long and else as it was sent.
  std::uint64_t number(std::size_t which) const {
    const char* data = in_.data() + which * bytes_;
    if (in_headers_[which].msg_len != bytes_) throw std::runtime_error("an answer of other length");
    if (std::memcmp(data + sizeof next_, out_.data() + sizeof next_, bytes_ - sizeof next_) != 0) {
      throw std::runtime_error("an answer of other bytes");
    }
    std::uint64_t value = 0;
    std::memcpy(&value, data, sizeof value);
    return value;
  }

 private:
  ref::file_descriptor socket_;
  std::size_t bytes_;
  std::uint64_t next_ = 0;
  std::vector<char> out_;
  std::vector<char> in_;
  std::array<iovec, most> out_parts_{};
  std::array<iovec, most> in_parts_{};
  std::array<mmsghdr, most> out_headers_{};
  std::array<mmsghdr, most> in_headers_{};
};

void verify(udp_client& client, std::size_t window) {
  constexpr std::size_t all = 1024;
  std::vector<bool> seen(all);
  std::size_t under_way = window;
  std::size_t sent = window;
  client.send(window);
  while (under_way > 0) {
    const std::size_t got = client.receive();
    for (std::size_t i = 0; i < got; ++i) {
      const std::uint64_t which = client.number(i);
      if (which >= all || seen[which]) throw std::runtime_error("an answer to nothing");
      seen[which] = true;
    }
    const std::size_t more = std::min(got, all - sent);
    if (more > 0) client.send(more);
    sent += more;
    under_way += more - got;
  }
}

bool udp_answers(std::uint16_t port) {
  const ref::file_descriptor probe = connected(SOCK_DGRAM, port);
  if (::send(probe.get(), "?", 1, 0) != 1) return false;
  pollfd watched{probe.get(), POLLIN, 0};
  char answer = 0;
  return ::poll(&watched, 1, 20) == 1 && ::recv(probe.get(), &answer, 1, 0) == 1;
}

// ---- streams ------------------------------------------------------------------------------------

bool tcp_answers(std::uint16_t port) {
  const sockaddr_in there = loopback(port);
  const ref::file_descriptor probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
}

class tcp_clients {
 public:
  tcp_clients(std::uint16_t port, std::size_t bytes, std::size_t count)
      : bytes_(bytes), message_(bytes, 'm'), answer_(bytes + 1), missing_(count, bytes) {
    epoll_.reset(ref::check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
    for (std::size_t i = 0; i < count; ++i) {
      sockets_.push_back(connected(SOCK_STREAM, port));
      const int on = 1;
      ::setsockopt(sockets_[i].get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ref::check(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, sockets_[i].get(), &event), "epoll_ctl");
    }
  }
  void begin() {
    for (std::size_t i = 0; i < sockets_.size(); ++i) send(i);
  }
  // Answers what came with the next message, if it is to go on; how many messages were complete.
  std::size_t turn(bool verifies, bool goes_on) {
    std::array<epoll_event, 64> ready;
    const int count =
        ref::check(::epoll_wait(epoll_.get(), ready.data(), ready.size(), 5000), "epoll_wait");
    if (count == 0) throw std::runtime_error("no answer within five seconds");
    std::size_t complete = 0;
    for (int i = 0; i < count; ++i) {
      const std::size_t which = ready[static_cast<std::size_t>(i)].data.u64;
      std::size_t& missing = missing_[which];
      const ssize_t got = ::recv(sockets_[which].get(), answer_.data(), missing, 0);
      if (got <= 0) throw std::runtime_error("the server has closed a connection");
      if (verifies) check(which, static_cast<std::size_t>(got));
      missing -= static_cast<std::size_t>(got);
      if (missing > 0) continue;
      ++complete;
      missing = bytes_;
      if (goes_on) send(which);
    }
    return complete;
  }

 private:
  // Each connection has bytes of its own.
  void send(std::size_t which) {
    std::fill(message_.begin(), message_.end(), static_cast<char>(which));
    const ssize_t sent = ::send(sockets_[which].get(), message_.data(), bytes_, MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes_)) throw std::runtime_error("cannot send");
  }
  void check(std::size_t which, std::size_t got) const {
    const auto end = answer_.begin() + static_cast<std::ptrdiff_t>(got);
    if (std::count(answer_.begin(), end, static_cast<char>(which)) != std::ptrdiff_t(got)) {
      throw std::runtime_error("an answer of other bytes");
    }
  }

  std::size_t bytes_;
  std::vector<char> message_;
  std::vector<char> answer_;
  std::vector<std::size_t> missing_;
  std::vector<ref::file_descriptor> sockets_;
  ref::file_descriptor epoll_;
};

}  // namespace

load_result udp_load(const echo_process& server, std::size_t bytes, std::size_t window,
                     double seconds) {
  await_server([&] { return udp_answers(server.port()); });
  {
    udp_client first(server.port(), bytes);
    verify(first, window);
  }
  udp_client client(server.port(), bytes);
  load_result result;
  const auto time_before = server.processor_time();
  const auto start = clock::now();
  client.send(window);
  do {
    const std::size_t got = client.receive();
    client.send(got);
    result.items += got;
    result.seconds = since(start);
  } while (result.seconds < seconds);
  result.server_time = server.processor_time() - time_before;
  return result;
}

load_result tcp_load(const echo_process& server, std::size_t bytes, std::size_t connections,
                     double seconds) {
  await_server([&] { return tcp_answers(server.port()); });
  tcp_clients clients(server.port(), bytes, connections);
  clients.begin();
  std::size_t verified = 0;
  while (verified < 20 * connections) verified += clients.turn(true, true);
  load_result result;
  const auto time_before = server.processor_time();
  const auto start = clock::now();
  do {
    result.items += clients.turn(false, true);
    result.seconds = since(start);
  } while (result.seconds < seconds);
  result.server_time = server.processor_time() - time_before;
  // No answer is left behind, or its connection would end in a reset.
  for (std::size_t left = connections; left > 0;) left -= clients.turn(false, false);
  return result;
}

load_result tcp_stream(const echo_process& server, std::uint64_t bytes) {
  ref::file_descriptor socket;
  await_server([&] {
    try {
      socket = connected(SOCK_STREAM, server.port());
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  });
  const std::vector<char> piece(256 << 10, 'b');
  load_result result;
  const auto time_before = server.processor_time();
  const auto start = clock::now();
  while (result.items < bytes) {
    const auto size = std::min<std::uint64_t>(piece.size(), bytes - result.items);
    result.items += static_cast<std::uint64_t>(
        ref::check(::send(socket.get(), piece.data(), size, MSG_NOSIGNAL), "send"));
  }
  ::shutdown(socket.get(), SHUT_WR);
  std::uint64_t taken = 0;
  if (::recv(socket.get(), &taken, sizeof taken, MSG_WAITALL) != sizeof taken || taken != bytes) {
    throw std::runtime_error("it took another number of bytes");
  }
  result.seconds = since(start);
  result.server_time = server.processor_time() - time_before;
  return result;
}

load_result under_load(const echo_server& server,
                       const std::function<load_result(const echo_process&)>& load) {
  const echo_process running(server);
  void* memory = ::mmap(nullptr, sizeof(load_result), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ref::check(memory == MAP_FAILED ? -1 : 0, "mmap");
  auto* shared = new (memory) load_result();
  std::snprintf(shared->problem, sizeof shared->problem, "the load generator died");
  const pid_t child = ref::check(::fork(), "fork");
  if (child == 0) {
    pin_to(cross_core().consumers, 0);
    try {
      *shared = load(running);
    } catch (const std::exception& wrong) {
      std::snprintf(shared->problem, sizeof shared->problem, "%s", wrong.what());
    }
    ::_exit(0);
  }
  ref::check(ref::retry_interrupted([&] { return ::waitpid(child, nullptr, 0); }), "waitpid");
  const load_result result = *shared;
  ::munmap(memory, sizeof(load_result));
  require(result.problem[0] == '\0', result.problem);
  return result;
}

echo_process::echo_process(const echo_server& server) : port_(free_tcp_port()) {
  child_ = ref::check(::fork(), "fork");
  if (child_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    pin_to(cross_core().producers, 0);
    server.serve(port_);
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "%s: %s\n", server.name.c_str(), wrong.what());
  }
  ::_exit(1);
}

echo_process::~echo_process() {
  ::kill(child_, SIGKILL);
  ref::retry_interrupted([&] { return ::waitpid(child_, nullptr, 0); });
}

std::chrono::nanoseconds echo_process::processor_time() const {
  std::ifstream file("/proc/" + std::to_string(child_) + "/schedstat");
  std::int64_t on_processor = 0;
  file >> on_processor;
  return std::chrono::nanoseconds(on_processor);
}

}  // namespace assay::bench
