// The library's sockets for the ops of the areas udp and tcp.
#pragma once

#include <utility>

#include "conformance/testees/patience.h"
#include "impl/net/tcp_socket.h"
#include "impl/net/udp_socket.h"

namespace assay::testees {

struct reference_net {
  using udp_socket = ref::udp_socket;
  using tcp_socket = ref::tcp_socket;
  using family = ref::family;
  using direction = ref::direction;
  using address = ref::socket_address;
  using deadline = ref::deadline;
  using timed_out = ref::timed_out;
  using resolution_error = ref::resolution_error;

  static deadline until(patience how_long) {
    return how_long ? deadline::in(*how_long) : deadline::never();
  }
  static std::pair<bool, bool> await(const tcp_socket& socket, bool read, bool write,
                                     deadline until);
};

}  // namespace assay::testees
