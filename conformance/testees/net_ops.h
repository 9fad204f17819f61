// What the ops of the areas udp and tcp have in common, over the sockets of some library. The ops
// themselves, udp_ops.h and tcp_ops.h, are templates over a struct that says what is whose:
//
//   struct my_net {
//     using udp_socket = …;                       // udp_ops.h and tcp_ops.h use their members
//     using tcp_socket = …;
//     using family = …;                           // an enum class with inet and inet6
//     using direction = …;                        // one with read, write and both
//     using address = …;                          // with host() and port()
//     using deadline = …;
//     using timed_out = …;                        // what its calls throw at a deadline,
//     using resolution_error = …;                 // for a host that nobody knows
//     static deadline until(patience);
//   };
//
// resolve(family, host, port), for which an empty host is any and -1 is no port, stands in the
// namespace of `family`. A library whose calls take a patience has much of this from patient_net.
//
// Further errors are std::system_error by their errno, and std::out_of_range for a port.
#pragma once

#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>

#include "conformance/sdk/cpp/adapter.h"
#include "conformance/testees/patience.h"

namespace assay::testees {

struct timed_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct resolution_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a net has of its own where the library's calls take a patience and throw these two.
struct patient_net {
  using deadline = patience;
  using timed_out = testees::timed_out;
  using resolution_error = testees::resolution_error;
  static patience until(patience how_long) { return how_long; }
};

template <typename Net>
typename Net::deadline deadline_of(const sdk::json& params) {
  return Net::until(patience_of(params));
}

template <typename Net>
typename Net::family family_of(const sdk::json& params) {
  const std::string name = params.at("family");
  if (name == "inet") return Net::family::inet;
  if (name == "inet6") return Net::family::inet6;
  throw sdk::raised("ValueError", "family must be inet or inet6");
}

template <typename Net>
typename Net::address address_of(typename Net::family family, const sdk::json& params) {
  const sdk::json& port = params.at("port");
  if (!port.is_number_integer()) throw sdk::raised("TypeError", "port must be an integer");
  const auto number = port.get<std::int64_t>();
  // What is no int is no port either.
  const bool fits = number >= 0 && number <= std::numeric_limits<int>::max();
  const std::string host = params.at("host");
  return resolve(family, host, fits ? static_cast<int>(number) : -1);
}

template <typename Address>
sdk::json address_to_json(const Address& address) {
  return {address.host(), address.port()};
}

inline std::string data_of(const sdk::json& params) {
  const sdk::json& data = params.at("data");
  if (!data.is_object()) throw sdk::raised("TypeError", "data must be bytes");
  return sdk::bytes_of(data);
}

/// A handler that gives the library's own exceptions the protocol's names, and those of the kernel
/// theirs.
template <typename Net, typename Use>
sdk::handler raising(Use use) {
  return [use](const sdk::json& params) -> sdk::json {
    try {
      return use(params);
    } catch (const typename Net::timed_out& late) {
      throw sdk::raised("TimedOut", late.what());
    } catch (const typename Net::resolution_error& unknown) {
      throw sdk::raised("ResolutionError", unknown.what());
    } catch (const std::out_of_range& wrong) {
      throw sdk::raised("OverflowError", wrong.what());
    } catch (const std::system_error& failed) {
      throw sdk::raised(sdk::error_data("", failed).at("type"), failed.what());
    }
  };
}

/// For ops that return nothing.
template <typename Net, typename Use>
sdk::handler doing(Use use) {
  return raising<Net>([use](const sdk::json& params) {
    use(params);
    return sdk::json();
  });
}

/// Sockets by their names.
template <typename Socket>
class socket_table {
 public:
  void put(const std::string& name, Socket socket) {
    sockets_.erase(name);
    sockets_.emplace(name, std::move(socket));
  }
  Socket& at(const sdk::json& params) {
    const auto found = sockets_.find(params.at("socket").get_ref<const std::string&>());
    if (found == sockets_.end()) throw sdk::raised("NoSuchObject", "no such socket is open");
    return found->second;
  }

 private:
  std::map<std::string, Socket, std::less<>> sockets_;
};

}  // namespace assay::testees
