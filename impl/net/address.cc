#include "impl/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

namespace ref {

std::string socket_address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage_.ss_family == AF_INET6) {
    const auto& of = reinterpret_cast<const sockaddr_in6&>(storage_);
    ::inet_ntop(AF_INET6, &of.sin6_addr, text, sizeof(text));
  } else {
    const auto& of = reinterpret_cast<const sockaddr_in&>(storage_);
    ::inet_ntop(AF_INET, &of.sin_addr, text, sizeof(text));
  }
  return text;
}

int socket_address::port() const {
  // The port is at the same place in both.
  return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
}

socket_address resolve(family of, const std::string& host, int port) {
  if (port < 0 || port > 65535) throw std::out_of_range("port must be 0-65535");
  addrinfo hints{};
  hints.ai_family = static_cast<int>(of);
  hints.ai_socktype = SOCK_DGRAM;  // one answer each, and the same for both kinds
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), "0", &hints, &found);
  if (failure != 0) throw resolution_error(host + ": " + ::gai_strerror(failure));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  socket_address answer;
  std::memcpy(answer.data(), found->ai_addr, found->ai_addrlen);
  answer.size() = found->ai_addrlen;
  reinterpret_cast<sockaddr_in*>(answer.data())->sin_port = htons(static_cast<uint16_t>(port));
  return answer;
}

}  // namespace ref
