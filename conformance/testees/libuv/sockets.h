// libuv's sockets with the members that udp_ops.h and tcp_ops.h use: each call starts what libuv
// does later and runs the loop until it is done, or until a timer says that the time is over.
#pragma once

#include <uv.h>

#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "conformance/testees/net_ops.h"

namespace assay::testees::uv {

enum class family { inet = AF_INET, inet6 = AF_INET6 };
enum class direction { read, write, both };

class address {
 public:
  address() = default;
  explicit address(const sockaddr& from);
  std::string host() const;
  int port() const;
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }

 private:
  sockaddr_storage storage_{};
};

address resolve(family of, const std::string& host, int port);

struct datagram {
  std::string data;
  address from;
};

/// A handle of libuv's. It may not move, and it is the loop that ends it.
template <typename Handle>
class owned {
 public:
  owned() : cell_(new cell) { cell_->handle.data = cell_; }
  ~owned() {
    if (cell_ == nullptr) return;
    close();
    cell_->is_dropped = true;
    if (cell_->is_closed) delete cell_;
  }
  owned(owned&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  owned& operator=(owned&&) = delete;

  /// Throws EBADF once it is closed: libuv itself forbids its use.
  Handle* get() const {
    if (cell_->is_closing) throw std::system_error(EBADF, std::generic_category(), "closed");
    return &cell_->handle;
  }
  uv_handle_t* handle() const { return reinterpret_cast<uv_handle_t*>(get()); }
  uv_stream_t* stream() const { return reinterpret_cast<uv_stream_t*>(get()); }
  void close() {
    if (cell_->is_closing) return;
    uv_close(handle(), &owned::closed);
    cell_->is_closing = true;
  }
  /// With a reset of the connection.
  int close_reset() {
    const int status = uv_tcp_close_reset(get(), &owned::closed);
    if (status == 0) cell_->is_closing = true;
    return status;
  }

  /// What its callbacks are about.
  void use(void* what) const { cell_->used = what; }
  template <typename What, typename AnyHandle>
  static What& used(const AnyHandle* handle) {
    return *static_cast<What*>(static_cast<cell*>(handle->data)->used);
  }

 private:
  struct cell {
    Handle handle{};
    void* used = nullptr;
    bool is_closing = false;
    bool is_closed = false;
    bool is_dropped = false;
  };
  static void closed(uv_handle_t* handle) {
    auto* const of = static_cast<cell*>(handle->data);
    of->is_closed = true;
    if (of->is_dropped) delete of;
  }

  cell* cell_;
};

class udp_socket {
 public:
  explicit udp_socket(family of);
  void bind(const address& here);
  void connect(const address& there);
  std::size_t send_to(std::string_view data, const address& to) { return send(data, to.data()); }
  std::size_t send(std::string_view data) { return send(data, nullptr); }
  datagram receive_from(std::size_t limit, patience how_long);
  address local_name() const;
  family address_family() const { return family_; }
  void close() { socket_.close(); }

 private:
  std::size_t send(std::string_view data, const sockaddr* to);

  family family_;
  owned<uv_udp_t> socket_;
};

struct accepted;

class tcp_socket {
 public:
  explicit tcp_socket(family of);
  void bind(const address& here);
  void connect(const address& there, patience how_long);
  void listen(int backlog);
  accepted accept(patience how_long);
  std::size_t send(std::string_view data, patience how_long);
  void send_all(std::string_view data, patience how_long = {}) { send(data, how_long); }
  std::string receive(std::size_t limit, patience how_long);
  std::size_t receive_into(char* to, std::size_t limit, patience how_long = {});
  void shutdown(direction which);
  void close() { socket_.close(); }
  void reset();
  void set_option(int level, int name, int value);
  int option(int level, int name) const;
  address local_name() const;
  address peer_name() const;
  family address_family() const { return family_; }
  int descriptor() const;

 private:
  struct unopened {};
  tcp_socket(family of, unopened);  // for uv_accept, which gives it its descriptor

  family family_;
  owned<uv_tcp_t> socket_;
  std::unique_ptr<int> waiting_ = std::make_unique<int>(0);  // clients that accept can take
};

struct accepted {
  tcp_socket socket;
  address from;
};

struct net : patient_net {
  using udp_socket = uv::udp_socket;
  using tcp_socket = uv::tcp_socket;
  using family = uv::family;
  using direction = uv::direction;
  using address = uv::address;
};

}  // namespace assay::testees::uv
