// Steps that the requirements of the areas udp and tcp are written in.
//
//   auto receiver = bound_udp("receiver");            // on the main actor, 127.0.0.1, a free port
//   open_udp("sender").send_to("hello", receiver.address());
//   EXPECT_THAT(receiver.receive(), is_datagram("hello"));
#pragma once

#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/actor.h"

namespace assay {

using seconds = std::chrono::duration<double>;

struct address {
  std::string host;
  int port = 0;
  friend bool operator==(const address&, const address&) = default;
};
std::ostream& operator<<(std::ostream& out, const address& value);
address to_address(const json& value);

constexpr const char* loopback = "127.0.0.1";

/// A socket by its name, used by one actor.
class socket_of_actor {
 public:
  socket_of_actor(actor& user, std::string area, std::string name)
      : user_(&user), area_(std::move(area)), name_(std::move(name)) {}

  outcome call(std::string_view op, json more = json::object()) const;
  pending_call begin(std::string_view op, json more = json::object()) const;
  /// Expects it to work.
  json must(std::string_view op, json more = json::object()) const;

  outcome bind(const json& port, const std::string& host = loopback) const;
  outcome connect(const address& to, std::optional<seconds> timeout = std::nullopt) const;
  outcome close() const { return call("close"); }
  /// Its own address; one that is bound to the wildcard is reached through loopback.
  address local_name() const { return to_address(must("local_name")); }

 protected:
  json with_name(json more) const;
  actor* user_;
  std::string area_;
  std::string name_;
};

class udp : public socket_of_actor {
 public:
  udp(actor& user, std::string name) : socket_of_actor(user, "udp", std::move(name)) {}

  outcome send_to(std::string_view data, const address& to) const;
  outcome send(std::string_view data) const;
  outcome receive(std::optional<seconds> timeout = 5s, int limit = 65535) const;
  /// The payload alone.
  std::string receive_data(int limit = 65535) const;
};

class tcp : public socket_of_actor {
 public:
  tcp(actor& user, std::string name) : socket_of_actor(user, "tcp", std::move(name)) {}

  const std::string& name() const { return name_; }
  outcome listen(int backlog = 128) const { return call("listen", {{"backlog", backlog}}); }
  /// Takes a connection under that name and expects one to be there.
  tcp accept(const std::string& as) const;
  outcome try_accept(const std::string& as, seconds timeout = 5s) const;
  outcome send(std::string_view data) const;
  void send_all(std::string_view data) const;
  outcome receive(std::optional<seconds> timeout = 5s, int limit = 65536) const;
  std::string receive_data(int limit = 65536) const;
  /// Receives until so many bytes came or the stream ended.
  std::string receive_exactly(std::size_t count) const;
  address peer_name() const { return to_address(must("peer_name")); }
  json option(const std::string& name) const;
  outcome set_option(const std::string& name, const json& value) const;
  outcome shutdown(const std::string& how) const { return call("shutdown", {{"how", how}}); }
};

/// On the main actor, and expected to work.
udp open_udp(const std::string& name, const std::string& family = "inet");
udp bound_udp(const std::string& name, const std::string& family = "inet");
tcp open_tcp(const std::string& name, const std::string& family = "inet", actor* user = nullptr);
tcp listening_tcp(const std::string& name, const std::string& family = "inet", int backlog = 128);

/// Two ends of one connection, and the socket through which it came.
struct connection {
  tcp listener;
  tcp client;
  tcp served;
};
connection connected_tcp(const std::string& family = "inet");

/// A port that nobody uses on 127.0.0.1 now: it was bound and closed again.
int unused_port();

/// Sum and length of the test stream's first bytes.
json sum_of_stream(std::size_t bytes);

}  // namespace assay
