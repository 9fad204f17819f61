// server-floor PORT BYTES [FILE]: what the kernel allows. An epoll loop that answers whatever ends
// in an empty line with one fixed response: it parses nothing and checks nothing. The response
// comes from memory, or its body by sendfile(2) from the file, opened once.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct connection {
  std::size_t unsent = 0;  // bytes of responses that are still to be written
};

std::size_t requests_in(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = bytes.find("\r\n\r\n", at)) != std::string_view::npos; at += 4) {
    ++count;
  }
  return count;
}

class server {
 public:
  server(std::uint16_t port, std::size_t body_bytes, const char* file)
      : response_("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n"),
        bytes_(response_.size() + body_bytes) {
    if (file == nullptr) {
      response_.append(body_bytes, 'x');
    } else {
      file_ = ::open(file, O_RDONLY);
    }
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 1024) != 0) {
      std::perror("server-floor");
      std::exit(1);
    }
    epoll_ = ::epoll_create1(0);
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> ready;
    for (;;) {
      const int count = ::epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count; ++i) {
        const auto& event = ready[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_) {
          accept_all();
        } else {
          serve(event.data.fd);
        }
      }
    }
  }

 private:
  void watch(int descriptor, std::uint32_t events) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }
  void accept_all() {
    for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(fd + 1);
      connections_[static_cast<std::size_t>(fd)] = {};
      watch(fd, EPOLLIN | EPOLLOUT | EPOLLET);
    }
  }
  void serve(int fd) {
    auto& unsent = connections_[static_cast<std::size_t>(fd)].unsent;
    std::array<char, 16384> buffer;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      ::close(fd);
      return;
    }
    if (got > 0) {
      unsent += requests_in({buffer.data(), static_cast<std::size_t>(got)}) * bytes_;
    }
    while (unsent > 0) {
      const ssize_t sent = send_from(fd, bytes_ - ((unsent - 1) % bytes_ + 1));
      if (sent <= 0) return;
      unsent -= static_cast<std::size_t>(sent);
    }
  }

  // What follows at this place of the response, as much as the socket takes.
  ssize_t send_from(int fd, std::size_t place) const {
    const std::size_t in_memory = response_.size();
    if (place < in_memory) {
      const int flags = MSG_NOSIGNAL | (file_ >= 0 ? MSG_MORE : 0);
      return ::send(fd, response_.data() + place, in_memory - place, flags);
    }
    auto offset = static_cast<off_t>(place - in_memory);
    return ::sendfile(fd, file_, &offset, bytes_ - place);
  }

  std::string response_;  // or its head
  std::size_t bytes_;     // of a whole response
  int file_ = -1;
  int listener_ = -1;
  int epoll_ = -1;
  std::vector<connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(stderr, "usage: server-floor PORT BYTES [FILE]\n");
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  server(static_cast<std::uint16_t>(std::atoi(argv[1])),
         static_cast<std::size_t>(std::atoll(argv[2])), argc == 4 ? argv[3] : nullptr)
      .run();
}
