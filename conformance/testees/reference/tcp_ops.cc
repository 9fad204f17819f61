// Ops of the area tcp over ref::tcp_socket.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "conformance/testees/reference/net_ops.h"
#include "impl/base/system_call.h"
#include "impl/net/tcp_socket.h"

namespace assay::testees {
namespace {

using sdk::json;
using sdk::raised;

constexpr std::size_t stream_period = 65521;

// Twice the period, so that a piece may begin anywhere in it.
const std::string& test_stream() {
  static const std::string stream = [] {
    std::string made;
    for (std::size_t i = 0; i < 2 * stream_period; ++i) {
      const std::size_t p = i % stream_period;
      made += static_cast<char>((31 * p + p / 256) & 0xff);
    }
    return made;
  }();
  return stream;
}

std::size_t count_of(const json& params, const char* name) {
  const auto count = params.at(name).get<std::int64_t>();
  if (count < 0) throw raised("ValueError", std::string(name) + " must not be negative");
  return static_cast<std::size_t>(count);
}

class checksum {
 public:
  void add(std::string_view bytes) {
    sum_ = ::crc32_z(sum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    count_ += bytes.size();
  }
  std::size_t count() const { return count_; }
  json result() const { return {{"bytes", count_}, {"crc32", sum_}}; }

 private:
  uLong sum_ = ::crc32_z(0, nullptr, 0);
  std::size_t count_ = 0;
};

json send_stream(ref::tcp_socket& socket, std::size_t bytes, std::size_t piece) {
  checksum sent;
  while (sent.count() < bytes) {
    const std::size_t size = std::min({piece, bytes - sent.count(), stream_period});
    const std::string_view next(&test_stream()[sent.count() % stream_period], size);
    socket.send_all(next);
    sent.add(next);
  }
  return sent.result();
}

json receive_stream(ref::tcp_socket& socket, std::size_t limit, std::size_t piece) {
  checksum received;
  std::string buffer(piece, '\0');
  while (received.count() < limit) {
    const std::size_t got =
        socket.receive_into(buffer.data(), std::min(piece, limit - received.count()));
    if (got == 0) break;
    received.add({buffer.data(), got});
  }
  return received.result();
}

struct option_name {
  int level;
  int name;
};

option_name option_of(const json& params) {
  const std::string name = params.at("name");
  if (name == "reuse_address") return {SOL_SOCKET, SO_REUSEADDR};
  if (name == "accepting") return {SOL_SOCKET, SO_ACCEPTCONN};
  if (name == "send_buffer") return {SOL_SOCKET, SO_SNDBUF};
  if (name == "receive_buffer") return {SOL_SOCKET, SO_RCVBUF};
  if (name == "no_delay") return {IPPROTO_TCP, TCP_NODELAY};
  throw raised("ValueError", "there is no option " + name);
}

void set_option(ref::tcp_socket& socket, const json& params) {
  const json& value = params.at("value");
  if (params.at("name") == "congestion") {
    return socket.set_congestion_control(value.get<std::string>());
  }
  const auto [level, name] = option_of(params);
  socket.set_option(level, name, value.get<int>());
}

json get_option(const ref::tcp_socket& socket, const json& params) {
  if (params.at("name") == "congestion") return socket.congestion_control();
  const auto [level, name] = option_of(params);
  return socket.option(level, name);
}

ref::direction direction_of(const json& params) {
  const std::string how = params.at("how");
  if (how == "read") return ref::direction::read;
  if (how == "write") return ref::direction::write;
  if (how == "both") return ref::direction::both;
  throw raised("ValueError", "how must be read, write or both");
}

json poll_socket(const ref::tcp_socket& socket, const json& params) {
  pollfd watched{socket.descriptor(), 0, 0};
  if (watched.fd < 0) ref::throw_system_error(EBADF, "poll");
  for (const std::string event : params.at("events")) {
    if (event != "read" && event != "write") throw raised("ValueError", "no event " + event);
    watched.events = static_cast<short>(watched.events | (event == "read" ? POLLIN : POLLOUT));
  }
  const int timeout = deadline_of(params).poll_timeout_ms();
  ref::check(ref::retry_interrupted([&] { return ::poll(&watched, 1, timeout); }), "poll");
  json ready = json::array();
  if (watched.revents & POLLIN) ready.push_back("read");
  if (watched.revents & POLLOUT) ready.push_back("write");
  return ready;
}

using table = std::shared_ptr<socket_table<ref::tcp_socket>>;

void add_connections(sdk::adapter& to, const table& sockets) {
  const auto resolve = [sockets](const json& params) {
    return address_of(sockets->at(params).address_family(), params);
  };
  to.on("tcp.open", doing([=](const json& params) {
          sockets->put(params.at("socket"), ref::tcp_socket(family_of(params)));
        }));
  to.on("tcp.bind", doing([=](const json& params) { sockets->at(params).bind(resolve(params)); }));
  to.on("tcp.listen",
        doing([=](const json& params) { sockets->at(params).listen(params.at("backlog")); }));
  to.on("tcp.accept", raising([=](const json& params) {
          auto [socket, from] = sockets->at(params).accept(deadline_of(params));
          sockets->put(params.at("as"), std::move(socket));
          return to_json(from);
        }));
  to.on("tcp.connect", doing([=](const json& params) {
          sockets->at(params).connect(resolve(params), deadline_of(params));
        }));
  to.on("tcp.shutdown",
        doing([=](const json& params) { sockets->at(params).shutdown(direction_of(params)); }));
  to.on("tcp.close", doing([=](const json& params) { sockets->at(params).close(); }));
  to.on("tcp.reset", doing([=](const json& params) { sockets->at(params).reset(); }));
  to.on("tcp.local_name",
        raising([=](const json& params) { return to_json(sockets->at(params).local_name()); }));
  to.on("tcp.peer_name",
        raising([=](const json& params) { return to_json(sockets->at(params).peer_name()); }));
}

void add_transfers(sdk::adapter& to, const table& sockets) {
  to.on("tcp.send", raising([=](const json& params) {
          return json(sockets->at(params).send(data_of(params), deadline_of(params)));
        }));
  to.on("tcp.send_all", doing([=](const json& params) {
          sockets->at(params).send_all(data_of(params), deadline_of(params));
        }));
  to.on("tcp.receive", raising([=](const json& params) {
          return sdk::to_bytes(
              sockets->at(params).receive(count_of(params, "limit"), deadline_of(params)));
        }));
  to.on("tcp.send_stream", raising([=](const json& params) {
          return send_stream(sockets->at(params), count_of(params, "bytes"),
                             count_of(params, "piece"));
        }));
  to.on("tcp.receive_stream", raising([=](const json& params) {
          return receive_stream(sockets->at(params), count_of(params, "limit"),
                                count_of(params, "piece"));
        }));
}

}  // namespace

void add_tcp_ops(sdk::adapter& to) {
  const auto sockets = std::make_shared<socket_table<ref::tcp_socket>>();
  add_connections(to, sockets);
  add_transfers(to, sockets);
  to.on("tcp.set_blocking", doing([=](const json& params) {
          sockets->at(params).set_blocking(params.at("blocking"));
        }));
  to.on("tcp.set_option",
        doing([=](const json& params) { set_option(sockets->at(params), params); }));
  to.on("tcp.get_option",
        raising([=](const json& params) { return get_option(sockets->at(params), params); }));
  to.on("tcp.fileno", raising([=](const json& params) {
          const int number = sockets->at(params).descriptor();
          if (number < 0) ref::throw_system_error(EBADF, "fileno");
          return json(number);
        }));
  to.on("tcp.poll",
        raising([=](const json& params) { return poll_socket(sockets->at(params), params); }));
}

}  // namespace assay::testees
