// The ops of the area tcp over a library's stream socket, see net_ops.h. Its members are those of
// ref::tcp_socket. Net::await(socket, read, write, deadline) waits until one of these can be done
// without waiting, and says whether reading and whether writing can. That, set_blocking and
// congestion control only where there are such calls.
#pragma once

#include <libdeflate.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "conformance/testees/net_ops.h"

namespace assay::testees {

constexpr std::size_t stream_period = 65521;

// Twice the period, so that a piece may begin anywhere in it.
inline const std::string& test_stream() {
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

inline std::size_t count_of(const sdk::json& params, const char* name) {
  const auto count = params.at(name).get<std::int64_t>();
  if (count < 0) throw sdk::raised("ValueError", std::string(name) + " must not be negative");
  return static_cast<std::size_t>(count);
}

class checksum {
 public:
  void add(std::string_view bytes) {
    sum_ = ::libdeflate_crc32(sum_, bytes.data(), bytes.size());
    count_ += bytes.size();
  }
  std::size_t count() const { return count_; }
  sdk::json result() const { return {{"bytes", count_}, {"crc32", sum_}}; }

 private:
  std::uint32_t sum_ = 0;
  std::size_t count_ = 0;
};

template <typename Socket>
sdk::json send_stream(Socket& socket, std::size_t bytes, std::size_t piece) {
  checksum sent;
  while (sent.count() < bytes) {
    const std::size_t size = std::min({piece, bytes - sent.count(), stream_period});
    const std::string_view next(&test_stream()[sent.count() % stream_period], size);
    socket.send_all(next);
    sent.add(next);
  }
  return sent.result();
}

template <typename Socket>
sdk::json receive_stream(Socket& socket, std::size_t limit, std::size_t piece) {
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

inline option_name option_of(const sdk::json& params) {
  const std::string name = params.at("name");
  if (name == "reuse_address") return {SOL_SOCKET, SO_REUSEADDR};
  if (name == "accepting") return {SOL_SOCKET, SO_ACCEPTCONN};
  if (name == "send_buffer") return {SOL_SOCKET, SO_SNDBUF};
  if (name == "receive_buffer") return {SOL_SOCKET, SO_RCVBUF};
  if (name == "no_delay") return {IPPROTO_TCP, TCP_NODELAY};
  throw sdk::raised("ValueError", "there is no option " + name);
}

template <typename Socket>
void set_option(Socket& socket, const sdk::json& params) {
  const sdk::json& value = params.at("value");
  if constexpr (requires { socket.congestion_control(); }) {
    if (params.at("name") == "congestion") {
      return socket.set_congestion_control(value.get<std::string>());
    }
  }
  const auto [level, name] = option_of(params);
  socket.set_option(level, name, value.get<int>());
}

template <typename Socket>
sdk::json get_option(const Socket& socket, const sdk::json& params) {
  if constexpr (requires { socket.congestion_control(); }) {
    if (params.at("name") == "congestion") return socket.congestion_control();
  }
  const auto [level, name] = option_of(params);
  return socket.option(level, name);
}

template <typename Net>
typename Net::direction direction_of(const sdk::json& params) {
  const std::string how = params.at("how");
  if (how == "read") return Net::direction::read;
  if (how == "write") return Net::direction::write;
  if (how == "both") return Net::direction::both;
  throw sdk::raised("ValueError", "how must be read, write or both");
}

template <typename Net>
sdk::json await_socket(typename Net::tcp_socket& socket, const sdk::json& params) {
  bool read = false;
  bool write = false;
  for (const std::string event : params.at("events")) {
    if (event != "read" && event != "write") throw sdk::raised("ValueError", "no event " + event);
    (event == "read" ? read : write) = true;
  }
  const auto [can_read, can_write] = Net::await(socket, read, write, deadline_of<Net>(params));
  sdk::json ready = sdk::json::array();
  if (can_read) ready.push_back("read");
  if (can_write) ready.push_back("write");
  return ready;
}

template <typename Net>
using tcp_table = std::shared_ptr<socket_table<typename Net::tcp_socket>>;

template <typename Net>
void add_tcp_connections(sdk::adapter& to, const tcp_table<Net>& sockets) {
  const auto resolve = [sockets](const sdk::json& params) {
    return address_of<Net>(sockets->at(params).address_family(), params);
  };
  to.on("tcp.open", doing<Net>([=](const sdk::json& params) {
          sockets->put(params.at("socket"), typename Net::tcp_socket(family_of<Net>(params)));
        }));
  to.on("tcp.bind",
        doing<Net>([=](const sdk::json& params) { sockets->at(params).bind(resolve(params)); }));
  to.on("tcp.listen", doing<Net>([=](const sdk::json& params) {
          sockets->at(params).listen(params.at("backlog"));
        }));
  to.on("tcp.accept", raising<Net>([=](const sdk::json& params) {
          auto [socket, from] = sockets->at(params).accept(deadline_of<Net>(params));
          sockets->put(params.at("as"), std::move(socket));
          return address_to_json(from);
        }));
  to.on("tcp.connect", doing<Net>([=](const sdk::json& params) {
          sockets->at(params).connect(resolve(params), deadline_of<Net>(params));
        }));
  to.on("tcp.shutdown", doing<Net>([=](const sdk::json& params) {
          sockets->at(params).shutdown(direction_of<Net>(params));
        }));
  to.on("tcp.close", doing<Net>([=](const sdk::json& params) { sockets->at(params).close(); }));
  to.on("tcp.reset", doing<Net>([=](const sdk::json& params) { sockets->at(params).reset(); }));
  to.on("tcp.local_name", raising<Net>([=](const sdk::json& params) {
          return address_to_json(sockets->at(params).local_name());
        }));
  to.on("tcp.peer_name", raising<Net>([=](const sdk::json& params) {
          return address_to_json(sockets->at(params).peer_name());
        }));
}

template <typename Net>
void add_tcp_transfers(sdk::adapter& to, const tcp_table<Net>& sockets) {
  to.on("tcp.send", raising<Net>([=](const sdk::json& params) {
          return sdk::json(sockets->at(params).send(data_of(params), deadline_of<Net>(params)));
        }));
  to.on("tcp.send_all", doing<Net>([=](const sdk::json& params) {
          sockets->at(params).send_all(data_of(params), deadline_of<Net>(params));
        }));
  to.on("tcp.receive", raising<Net>([=](const sdk::json& params) {
          return sdk::to_bytes(
              sockets->at(params).receive(count_of(params, "limit"), deadline_of<Net>(params)));
        }));
  to.on("tcp.send_stream", raising<Net>([=](const sdk::json& params) {
          return send_stream(sockets->at(params), count_of(params, "bytes"),
                             count_of(params, "piece"));
        }));
  to.on("tcp.receive_stream", raising<Net>([=](const sdk::json& params) {
          return receive_stream(sockets->at(params), count_of(params, "limit"),
                                count_of(params, "piece"));
        }));
}

template <typename Net>
void add_tcp_ops_of(sdk::adapter& to) {
  const auto sockets = std::make_shared<socket_table<typename Net::tcp_socket>>();
  add_tcp_connections<Net>(to, sockets);
  add_tcp_transfers<Net>(to, sockets);
  using socket = typename Net::tcp_socket;
  if constexpr (requires(socket any) { any.set_blocking(true); }) {
    to.on("tcp.set_blocking", doing<Net>([=](const sdk::json& params) {
            sockets->at(params).set_blocking(params.at("blocking"));
          }));
  }
  to.on("tcp.set_option",
        doing<Net>([=](const sdk::json& params) { set_option(sockets->at(params), params); }));
  to.on("tcp.get_option", raising<Net>([=](const sdk::json& params) {
          return get_option(sockets->at(params), params);
        }));
  to.on("tcp.fileno", raising<Net>([=](const sdk::json& params) {
          const int number = sockets->at(params).descriptor();
          if (number < 0) throw std::system_error(EBADF, std::generic_category(), "fileno");
          return sdk::json(number);
        }));
  if constexpr (requires(socket any, typename Net::deadline until) {
                  Net::await(any, true, true, until);
                }) {
    to.on("tcp.poll", raising<Net>([=](const sdk::json& params) {
            return await_socket<Net>(sockets->at(params), params);
          }));
  }
}

}  // namespace assay::testees
