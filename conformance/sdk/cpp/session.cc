#include "conformance/sdk/cpp/session.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <system_error>

namespace assay::sdk {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail("ASSAY_SOCKET " + std::string(path));
  }
  std::strcpy(address.sun_path, path);
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) fail("socket");
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(connection);
    errno = error;
    fail("connect to ASSAY_SOCKET " + std::string(path));
  }
  return connection;
}

}  // namespace

pid_t process_id() { return ::getpid(); }
pid_t thread_id() { return ::gettid(); }

std::int64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

adapter::session::session(std::string actor, const char* path, std::size_t line_limit)
    : actor_(std::move(actor)), connection_(connect_to(path)), reader_(connection_, line_limit) {}

adapter::session::~session() { abandon(); }

void adapter::session::abandon() {
  if (connection_ >= 0) ::close(connection_);
  connection_ = -1;
  for (const auto& each : children_) ::close(each.pidfd);
  children_.clear();
}

bool adapter::session::read_line(std::string_view& line) {
  for (;;) {
    read_status status = read_status::none;
    if (children_.empty()) {
      status = reader_.read_line(line);
    } else {
      status = reader_.next_line(line);
      if (status == read_status::none) {
        wait_and_reap();
        status = reader_.fill();
        if (status == read_status::line || status == read_status::none) continue;
      }
    }
    if (status == read_status::too_long) throw std::runtime_error("a request is past the limit");
    return status == read_status::line;
  }
}

bool adapter::session::write(std::string_view line) { return write_line(connection_, line); }

void adapter::session::wait_and_reap() {
  while (!children_.empty()) {
    std::vector<pollfd> watched{{connection_, POLLIN, 0}};
    for (const auto& each : children_) watched.push_back({each.pidfd, POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR) continue;
      fail("poll");
    }
    reap_ended();
    if (watched.front().revents != 0) return;
  }
}

void adapter::session::reap_ended() {
  std::erase_if(children_, [](const child& each) {
    if (::waitpid(each.pid, nullptr, WNOHANG) == 0) return false;
    ::close(each.pidfd);
    return true;
  });
}

void adapter::session::add_child(pid_t pid) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) fail("pidfd_open");
  children_.push_back({pid, pidfd});
}

}  // namespace assay::sdk
