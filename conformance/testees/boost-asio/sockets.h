// Boost.Asio's sockets with the members that udp_ops.h and tcp_ops.h use. Without a timeout it is
// the blocking call; with one the asynchronous call, and io_context::run_for, as in its examples.
#pragma once

#include <boost/asio.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/testees/net_ops.h"

namespace assay::testees::asio {

namespace io = boost::asio;
using boost::system::error_code;

enum class family { inet, inet6 };
enum class direction {
  read = io::socket_base::shutdown_receive,
  write = io::socket_base::shutdown_send,
  both = io::socket_base::shutdown_both,
};

/// For both kinds of sockets: the endpoints of TCP and UDP are types of their own.
class address {
 public:
  address() = default;
  template <typename Endpoint>
  explicit address(const Endpoint& from) : address_(from.address()), port_(from.port()) {}
  std::string host() const { return address_.to_string(); }
  int port() const { return port_; }
  template <typename Endpoint>
  Endpoint as() const {
    return {address_, port_};
  }

 private:
  io::ip::address address_;
  io::ip::port_type port_ = 0;
};

address resolve(family of, const std::string& host, int port);

struct datagram {
  std::string data;
  address from;
};

class udp_socket {
 public:
  explicit udp_socket(family of);
  void bind(const address& here);
  void connect(const address& there);
  std::size_t send_to(std::string_view data, const address& to);
  std::size_t send(std::string_view data);
  datagram receive_from(std::size_t limit, patience how_long);
  address local_name() const;
  family address_family() const { return family_; }
  void close();

 private:
  family family_;
  io::ip::udp::socket socket_;
};

struct accepted;

/// A socket until its first listen or accept, an acceptor from then on.
class tcp_socket {
 public:
  explicit tcp_socket(family of);
  void bind(const address& here);
  void connect(const address& there, patience how_long);
  void listen(int backlog);
  accepted accept(patience how_long);
  std::size_t send(std::string_view data, patience how_long);
  void send_all(std::string_view data, patience how_long = {});
  std::string receive(std::size_t limit, patience how_long);
  std::size_t receive_into(char* to, std::size_t limit, patience how_long = {});
  void shutdown(direction which);
  void close();
  void reset();
  void set_blocking(bool blocking);
  void set_option(int level, int name, int value);
  int option(int level, int name) const;
  void set_congestion_control(const std::string& name);
  std::string congestion_control() const;
  address local_name() const;
  address peer_name() const;
  family address_family() const { return family_; }
  int descriptor() const;
  std::pair<bool, bool> await(bool read, bool write, patience how_long);

 private:
  tcp_socket(family of, io::ip::tcp::socket socket) : family_(of), socket_(std::move(socket)) {}
  io::ip::tcp::acceptor& acceptor();
  template <typename Use>
  auto on_either(Use use) const;

  family family_;
  mutable io::ip::tcp::socket socket_;
  mutable std::optional<io::ip::tcp::acceptor> acceptor_;
};

struct accepted {
  tcp_socket socket;
  address from;
};

struct net : patient_net {
  using udp_socket = asio::udp_socket;
  using tcp_socket = asio::tcp_socket;
  using family = asio::family;
  using direction = asio::direction;
  using address = asio::address;
  static std::pair<bool, bool> await(tcp_socket& socket, bool read, bool write, patience how_long) {
    return socket.await(read, write, how_long);
  }
};

}  // namespace assay::testees::asio
