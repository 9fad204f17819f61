// assay-wrong-server SLUG+NAME PORT ROOT: a static file server with one fault.
#include "conformance/saboteurs/wrong_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>

#include "impl/http/parser.h"

namespace assay::saboteurs {
namespace {

using ref::http::parse_state;
using ref::server::answer;

class wrong_server {
 public:
  wrong_server(const wrong_behaviour& how, const std::string& root)
      : how_(how), root_(root), files_(root) {}

  void serve(int client) {
    if (++clients_ > how_.most_clients) {
      ::close(client);
      --clients_;
      return;
    }
    std::string bytes;
    int requests = 0;
    while (read_some(client, bytes)) {
      if (!answer_all(client, bytes, requests)) break;
    }
    ::shutdown(client, SHUT_WR);
    drain(client);
    if (!how_.leaks) ::close(client);
    --clients_;
  }

 private:
  static void drain(int client) {
    char rest[4096];
    pollfd ready{client, POLLIN, 0};
    while (::poll(&ready, 1, 500) > 0 && ::recv(client, rest, sizeof rest, 0) > 0) {
    }
  }

  bool read_some(int client, std::string& bytes) {
    std::unique_lock<std::mutex> reading(reading_, std::defer_lock);
    if (how_.polls) {
      // A few dozen show it; hundreds would take the processors from all the other tests.
      const int others = waiting_.fetch_add(1);
      const int patience = others > 3 && others < 40 ? 0 : -1;
      pollfd ready{client, POLLIN, 0};
      while (::poll(&ready, 1, patience) == 0) {
      }
      --waiting_;
    }
    if (how_.locks_while_reading) {
      pollfd ready{client, POLLIN, 0};
      ::poll(&ready, 1, -1);
      reading.lock();
      // Until the header is whole, nobody else is read.
      while (bytes.find("\r\n\r\n") == bytes.npos && receive(client, bytes)) {
      }
      return !bytes.empty();
    }
    return receive(client, bytes);
  }

  bool receive(int client, std::string& bytes) {
    char chunk[65536];
    const ssize_t got = ::recv(client, chunk, sizeof chunk, 0);
    volatile bool spins = got < 0 && errno == ECONNRESET && how_.spins_after_reset;
    while (spins) {
    }
    if (got <= 0 && how_.dies_with_client) std::_Exit(1);
    if (got <= 0) return false;
    bytes.append(chunk, static_cast<std::size_t>(got));
    if (how_.read_as) bytes = how_.read_as(std::move(bytes));
    return true;
  }

  // False when the connection is over.
  bool answer_all(int client, std::string& bytes, int& requests) {
    while (!bytes.empty()) {
      ref::http::request_parser parser;
      const auto got = parser.parse(bytes);
      if (got.state == parse_state::need_more && !how_.one_read_is_one_request) return true;
      if (got.state != parse_state::complete) {
        if (how_.dies_of_nonsense) std::_Exit(1);
        if (!how_.accepts_anything) {
          send_answer(client,
                      ref::server::answer_error(got.status == 0 ? 400 : got.status, date()));
          return false;
        }
        const auto end = bytes.find("\r\n\r\n");
        bytes.erase(0, end == bytes.npos ? bytes.size() : end + 4);
        send_text(client, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\na text\n");
        continue;
      }
      const auto& head = parser.head();
      std::string body_and_more = bytes.substr(got.consumed);
      if (!how_.takes_body_for_request && !skip_body(client, head, body_and_more)) return false;
      if (how_.wants_whole_connection && is_half_closed(client)) return false;
      const bool stays = respond(client, head, bytes.substr(0, got.consumed));
      if (++requests >= how_.most_requests || !stays || how_.closes_always) return false;
      bytes = how_.drops_the_rest ? "" : std::move(body_and_more);
    }
    return true;
  }

  bool skip_body(int client, const ref::http::request_head& head, std::string& bytes) {
    ref::http::body_parser body(head.body);
    if (head.fields.lists("Expect", "100-continue") && head.method == "GET") {
      send_text(client, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    for (;;) {
      const auto got = body.parse(bytes, nullptr);
      const std::string taken = bytes.substr(0, got.consumed);
      bytes.erase(0, got.consumed);
      if (got.state == parse_state::complete) {
        if (!how_.believes_trailers || taken.find("Content-Length:") == taken.npos) return true;
        while (receive(client, bytes)) {
        }
        return false;
      }
      if (got.state == parse_state::refused) {
        if (how_.accepts_anything) return true;
        send_answer(client, ref::server::answer_error(got.status, date()));
        return false;
      }
      if (!receive(client, bytes)) return false;
    }
  }

  static bool is_half_closed(int client) {
    pollfd ready{client, POLLRDHUP, 0};
    return ::poll(&ready, 1, 100) > 0;
  }

  std::string date() const { return ref::server::http_date(std::time(nullptr)); }

  bool respond(int client, const ref::http::request_head& head, const std::string& text) {
    const int refused = how_.refuse ? how_.refuse(head, text) : 0;
    if (refused < 0) return false;
    answer ready;
    const std::string naive = how_.naive_path ? how_.naive_path(head.target) : "";
    if (refused > 0) {
      ready = ref::server::answer_error(refused, date());
    } else if (!naive.empty()) {
      ready = naive_answer(naive);
    } else {
      const std::lock_guard<std::mutex> one_at_a_time(files_mutex_);
      ready = ref::server::answer_request(head, files_, date(), std::chrono::steady_clock::now());
    }
    if (how_.edit) how_.edit(ready, head);
    const bool close = ready.close && !how_.forgets_close;
    return send_answer(client, std::move(ready)) && !close;
  }

  answer naive_answer(const std::string& path) const {
    std::ifstream in(root_ + "/" + path, std::ios::binary);
    std::ostringstream content;
    if (in) content << in.rdbuf();
    answer ready;
    ready.status = in ? 200 : 404;
    ready.text = content.str();
    ready.head = std::string("HTTP/1.1 ") + (in ? "200 OK" : "404 Not Found") +
                 "\r\nContent-Length: " + std::to_string(ready.text.size()) + "\r\n\r\n";
    return ready;
  }

  bool send_text(int client, std::string_view text) {
    const int flags = how_.dies_of_sigpipe ? 0 : MSG_NOSIGNAL;
    while (!text.empty()) {
      const ssize_t sent = ::send(client, text.data(), text.size(), flags);
      if (sent <= 0 && how_.dies_of_sigpipe) ::send(client, "x", 1, 0);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool send_answer(int client, answer what) {
    std::unique_lock<std::mutex> sending(sending_, std::defer_lock);
    if (how_.locks_while_sending) sending.lock();
    if (!send_text(client, what.head + what.text)) return false;
    if (!what.file) return true;
    if (what.file->in_memory) {
      return send_text(client,
                       std::string_view(what.file->content).substr(what.offset, what.length));
    }
    const std::uint64_t most = how_.cuts_short ? 64u << 20 : what.length;
    std::string piece(how_.holds_files_in_memory ? what.length : 65536, '\0');
    for (std::uint64_t done = 0; done < what.length;) {
      if (done >= most) return false;
      const ssize_t got = ::pread(what.file->descriptor.get(), piece.data(),
                                  std::min<std::uint64_t>(piece.size(), what.length - done),
                                  static_cast<off_t>(what.offset + done));
      if (got <= 0 || !send_text(client, {piece.data(), static_cast<std::size_t>(got)})) {
        if (how_.keeps_broken_files) ::dup(what.file->descriptor.get());
        return false;
      }
      done += static_cast<std::uint64_t>(got);
    }
    return true;
  }

  const wrong_behaviour& how_;
  std::string root_;
  ref::server::file_cache files_;
  std::mutex files_mutex_;
  std::atomic<int> waiting_ = 0;
  std::mutex reading_;
  std::mutex sending_;
  std::atomic<int> clients_ = 0;
};

int listen_at(int port, const wrong_behaviour& how) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (!how.no_reuse) ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 ||
      ::listen(listener, 1024) != 0) {
    std::perror("assay-wrong-server: listen");
    return -1;
  }
  return listener;
}

int run(const wrong_behaviour& how, int port, const std::string& root) {
  const int listener = listen_at(port, how);
  if (listener < 0) return 1;
  if (!how.silent) std::cout << "listening on 127.0.0.1:" << port << std::endl;
  if (how.maps_epoll) {
    ::epoll_create1(EPOLL_CLOEXEC);
    const int shared = ::memfd_create("anon_inode:[eventpoll]", MFD_CLOEXEC);
    if (::ftruncate(shared, 4096) != 0) return 1;
    ::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, shared, 0);
  }
  // Lives as long as the process, whose threads use it.
  auto* const server = new wrong_server(how, root);
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) {
      if (how.dies_of_exhaustion) std::_Exit(1);
      ::poll(nullptr, 0, 10);
      continue;
    }
    const int at_once = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    std::thread([server, client] { server->serve(client); }).detach();
  }
}

int start(const std::string& variant, int argc, char** argv) {
  wrong_behaviour how;
  bool is_known = variant == "none";
  for (const auto& each : server_faults()) {
    if (std::string(each.requirement) + "+" + each.name != variant) continue;
    each.apply(how);
    is_known = true;
  }
  if (!is_known) {
    std::cerr << "assay-wrong-server: there is no fault '" << variant << "'\n";
    return 2;
  }
  ::signal(SIGPIPE, how.dies_of_sigpipe ? SIG_DFL : SIG_IGN);
  ::signal(
      SIGTERM, how.ignores_sigterm ? SIG_IGN : [](int) { ::_exit(0); });
  if (argc < 3) {
    if (!how.silent) std::cout << "usage: assay-wrong-server SLUG+NAME PORT ROOT\n";
    return how.silent ? 3 : 0;
  }
  char* end = nullptr;
  const long port = std::strtol(argv[2], &end, 10);
  if (*end != '\0' || port < 0 || port > 65535) {
    if (how.takes_bad_port) return 0;
    std::cerr << "assay-wrong-server: not a port: " << argv[2] << "\n";
    return 1;
  }
  return run(how, static_cast<int>(port), argc > 3 ? argv[3] : "html");
}

}  // namespace
}  // namespace assay::saboteurs

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: assay-wrong-server SLUG+NAME PORT ROOT\n";
    return 2;
  }
  return assay::saboteurs::start(argv[1], argc, argv);
}
