#include "impl/server/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"
#include "impl/server/connection.h"

namespace ref::server {
namespace {

constexpr int backlog = 1024;
constexpr int accepted_at_once = 64;
constexpr std::chrono::milliseconds sweep_period{500};
// Kept free for files, epoll and what libraries open.
constexpr std::size_t spare_descriptors = 24;

struct address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

address parse_address(const std::string& host, std::uint16_t port) {
  address result;
  auto* four = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    result.size = sizeof *four;
  } else if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    result.size = sizeof *six;
  } else {
    throw_system_error(EINVAL, "listen", host + " is no IPv4 or IPv6 address");
  }
  return result;
}

file_descriptor listen_at(const options& chosen) {
  const std::string where = chosen.host + " port " + std::to_string(chosen.port);
  const address at = parse_address(chosen.host, chosen.port);
  file_descriptor listener(check(
      ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  // Accepted sockets inherit TCP_NODELAY.
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (chosen.shares_port) {
    check(::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
  }
  check(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.size), "bind",
        where);
  check(::listen(listener.get(), backlog), "listen", where);
  return listener;
}

std::uint16_t port_of(const file_descriptor& listener) {
  address at;
  at.size = sizeof at.storage;
  check(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at.storage), &at.size),
        "getsockname");
  return ntohs(at.storage.ss_family == AF_INET
                   ? reinterpret_cast<const sockaddr_in*>(&at.storage)->sin_port
                   : reinterpret_cast<const sockaddr_in6*>(&at.storage)->sin6_port);
}

std::size_t default_connection_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1000;
  const auto all = static_cast<std::size_t>(limit.rlim_cur);
  return all > 2 * spare_descriptors ? all - spare_descriptors : std::max<std::size_t>(all / 2, 1);
}

}  // namespace

// sendfile cannot be told, as send can, that a client who left is no reason for a signal.
class no_pipe_signals {
 public:
  no_pipe_signals() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    was_pending_ = is_pending();
  }
  ~no_pipe_signals() {
    const timespec at_once{};
    if (!was_pending_ && is_pending()) ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  no_pipe_signals(const no_pipe_signals&) = delete;
  no_pipe_signals& operator=(const no_pipe_signals&) = delete;

 private:
  static bool is_pending() {
    sigset_t pending;
    ::sigpending(&pending);
    return ::sigismember(&pending, SIGPIPE) == 1;
  }

  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

class server::implementation {
 public:
  explicit implementation(const options& chosen)
      : shared_(chosen),
        listener_(listen_at(chosen)),
        port_(port_of(listener_)),
        epoll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        wake_(check(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
        limit_(chosen.connection_limit > 0 ? chosen.connection_limit : default_connection_limit()) {
    watch(wake_.get(), EPOLLIN, EPOLL_CTL_ADD);
    watch(listener_.get(), EPOLLIN, EPOLL_CTL_ADD);
  }

  std::uint16_t port() const { return port_; }

  void stop() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  }

  void run() {
    const no_pipe_signals blocked;
    std::array<epoll_event, 256> events;
    look_at_clock();
    while (!is_done()) {
      const int count = retry_interrupted([&] {
        return ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                            unfinished_.empty() ? most_to_wait() : 0);
      });
      check(count, "epoll_wait");
      look_at_clock();
      const std::vector<int> unfinished = std::exchange(unfinished_, {});
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
      for (const int each : unfinished) serve_again(each);
      if (shared_.now >= next_sweep_) sweep();
      if (accepting_paused_ && count_ < limit_ && !stopping_) resume_accepting();
    }
    connections_.clear();
    count_ = 0;
  }

 private:
  void watch(int descriptor, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    check(::epoll_ctl(epoll_.get(), operation, descriptor, &event), "epoll_ctl");
  }

  void look_at_clock() {
    shared_.now = std::chrono::steady_clock::now();
    const std::time_t second = std::time(nullptr);
    if (second == second_) return;
    second_ = second;
    shared_.date = http_date(second);
  }

  // Milliseconds.
  int most_to_wait() const {
    using std::chrono::milliseconds;
    if (!stopping_ || stop_by_ >= shared_.now + sweep_period) {
      return static_cast<int>(sweep_period.count());
    }
    const auto left = std::chrono::ceil<milliseconds>(stop_by_ - shared_.now);
    return static_cast<int>(std::max(left, milliseconds{0}).count());
  }

  bool is_done() const { return stopping_ && (count_ == 0 || shared_.now >= stop_by_); }

  void handle(const epoll_event& event) {
    if (event.data.fd == wake_.get()) {
      begin_stopping();
    } else if (event.data.fd == listener_.get()) {
      accept_clients();
    } else {
      serve(event.data.fd, event.events);
    }
  }

  void serve(int descriptor, std::uint32_t happened) {
    const auto& client = connections_[static_cast<std::size_t>(descriptor)];
    if (!client) return;
    client->on_events(happened);
    after_event(*client);
    // A reset shows as an error even while an answer waits and nothing may be read.
    if ((happened & (EPOLLERR | EPOLLHUP)) != 0) drop(descriptor);
  }

  void serve_again(int descriptor) {
    const auto place = static_cast<std::size_t>(descriptor);
    is_unfinished_[place] = false;
    const auto& client = connections_[place];
    if (client && client->wants_another_turn()) serve(descriptor, 0);
  }

  void after_event(const connection& client) {
    const auto place = static_cast<std::size_t>(client.descriptor());
    if (client.is_finished()) {
      drop(client.descriptor());
    } else if (client.wants_another_turn() && !is_unfinished_[place]) {
      is_unfinished_[place] = true;
      unfinished_.push_back(client.descriptor());
    }
  }

  void accept_clients() {
    for (int i = 0; i < accepted_at_once; ++i) {
      if (count_ >= limit_) {
        pause_accepting();
        return;
      }
      file_descriptor socket(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket) {
        // Out of descriptors or memory: clients wait in the backlog until others have left.
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
          pause_accepting();
        }
        return;
      }
      const int descriptor = socket.get();
      // Edges, not levels: clients are served in the order in which their requests came, where
      // those that were served last would be looked at first.
      watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, EPOLL_CTL_ADD);
      const auto place = static_cast<std::size_t>(descriptor);
      if (connections_.size() <= place) {
        connections_.resize(place + 1);
        is_unfinished_.resize(place + 1);
      }
      connections_[place] = std::make_unique<connection>(std::move(socket), shared_);
      ++count_;
    }
  }

  // Ends the connection, if it has not been dropped before.
  void drop(int descriptor) {
    auto& client = connections_[static_cast<std::size_t>(descriptor)];
    if (!client) return;
    client.reset();
    --count_;
  }

  void pause_accepting() {
    if (accepting_paused_) return;
    accepting_paused_ = true;
    watch(listener_.get(), 0, EPOLL_CTL_MOD);
  }

  void resume_accepting() {
    accepting_paused_ = false;
    watch(listener_.get(), EPOLLIN, EPOLL_CTL_MOD);
  }

  void begin_stopping() {
    if (stopping_) return;
    stopping_ = true;
    stop_by_ = shared_.now + shared_.settings.grace;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener_.get(), nullptr);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, wake_.get(), nullptr);
    listener_.reset();
    for (const auto& client : connections_) {
      if (!client) continue;
      client->stop_after_answer();
      if (client->is_finished()) drop(client->descriptor());
    }
  }

  void sweep() {
    next_sweep_ = shared_.now + sweep_period;
    for (const auto& client : connections_) {
      if (!client) continue;
      client->check_time();
      after_event(*client);
    }
    // An accept that failed for lack of descriptors is tried again.
    if (accepting_paused_ && !stopping_ && count_ < limit_) resume_accepting();
  }

  shared_state shared_;
  file_descriptor listener_;
  std::uint16_t port_;  // asked for by other threads, also when nothing listens any more
  file_descriptor epoll_;
  file_descriptor wake_;
  std::size_t limit_;
  std::vector<std::unique_ptr<connection>> connections_;  // by descriptor; null: none
  std::size_t count_ = 0;                                 // of them
  std::vector<int> unfinished_;      // who wants another turn; some may have left since
  std::vector<bool> is_unfinished_;  // by descriptor: stands in there
  std::time_t second_ = 0;
  steady_time next_sweep_{};
  steady_time stop_by_{};
  bool accepting_paused_ = false;
  bool stopping_ = false;
};

server::server(const options& chosen) : implementation_(std::make_unique<implementation>(chosen)) {}
server::~server() = default;
std::uint16_t server::port() const { return implementation_->port(); }
void server::run() { implementation_->run(); }
void server::stop() { implementation_->stop(); }

}  // namespace ref::server
