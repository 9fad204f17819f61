// Addresses of sockets: a host and a port, resolved once, printed as numbers.
//
//   ref::socket_address there = ref::resolve(ref::family::inet, "localhost", 7000);
//   std::cout << there.host() << ' ' << there.port();
//
// A value: copy it freely between threads. `resolve` may ask a name server, which no timeout
// bounds; an address in numbers is answered at once. Source: getaddrinfo(3), ip(7), ipv6(7).
#pragma once

#include <sys/socket.h>

#include <stdexcept>
#include <string>

namespace ref {

enum class family { inet = AF_INET, inet6 = AF_INET6 };

/// A host name or address cannot be resolved; what() says which and why.
struct resolution_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The time allowed passed first.
struct timed_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class socket_address {
 public:
  socket_address() = default;

  /// In numbers: "127.0.0.1", "::1".
  std::string host() const;
  int port() const;

  /// For the system calls: `size` is what they read and set, `capacity` what there is room for.
  sockaddr* data() { return reinterpret_cast<sockaddr*>(&storage_); }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t& size() { return size_; }
  socklen_t size() const { return size_; }
  static constexpr socklen_t capacity = sizeof(sockaddr_storage);

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = capacity;
};

/// The first address of that family; an empty host is the wildcard address. Throws
/// resolution_error, and std::out_of_range for a port that is not in 0..65535.
socket_address resolve(family of, const std::string& host, int port);

}  // namespace ref
