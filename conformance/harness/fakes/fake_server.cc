// A server for the harness's own test: assay-fake-server ENDING PORT [ARGUMENT…].
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

int listen_on(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bind");
    std::exit(1);
  }
  ::listen(listener, 16);
  return listener;
}

void send_for_ever(int connection, const std::string& start, const std::string& next) {
  ::send(connection, start.data(), start.size(), MSG_NOSIGNAL);
  while (::send(connection, next.data(), next.size(), MSG_NOSIGNAL) > 0) continue;
}

// Answers each connection's requests, one connection after the other.
void serve(int connection, std::string_view ending) {
  std::string request;
  char chunk[4096];
  int reads = 0;
  for (ssize_t got = 0; (got = ::recv(connection, chunk, sizeof chunk, 0)) > 0;) {
    ++reads;
    request.append(chunk, static_cast<std::size_t>(got));
    if (request.find("\r\n\r\n") == std::string::npos) continue;
    if (ending == "dies") ::raise(SIGSEGV);
    if (ending == "says nothing") ::pause();
    if (ending == "never comes to the point") {
      send_for_ever(connection, "", "HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (ending == "has a body without an end") {
      send_for_ever(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    "10000\r\n" + std::string(0x10000, 'x') + "\r\n");
    }
    // Tells in how many pieces the request was read.
    const std::string body = std::to_string(reads);
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    request.clear();
    reads = 0;
  }
  ::close(connection);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fputs("usage: assay-fake-server ENDING PORT\n", stderr);
    return 2;
  }
  const std::string_view ending = arguments[1];
  if (ending == "exits") return 4;
  if (ending == "finds its port taken") {
    std::fputs("bind: Address already in use\n", stderr);
    return 1;
  }
  if (ending == "never listens") ::pause();
  const int listener = listen_on(std::atoi(arguments[2]));
  for (;;) {
    const int connection = ::accept(listener, nullptr, nullptr);
    if (connection >= 0) serve(connection, ending);
  }
}
