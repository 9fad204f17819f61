// What the ops of the areas udp and tcp have in common.
#pragma once

#include <chrono>
#include <limits>
#include <map>
#include <string>
#include <system_error>

#include "conformance/testees/reference/reference.h"
#include "impl/base/deadline.h"
#include "impl/net/address.h"

namespace assay::testees {

inline ref::deadline deadline_of(const sdk::json& params) {
  const sdk::json& seconds = params.at("timeout");
  // A time past what nanoseconds hold is some three hundred years: for ever.
  if (seconds.is_null() || seconds.get<double>() > 9e9) return ref::deadline::never();
  return ref::deadline::in(std::chrono::ceil<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds.get<double>())));
}

inline ref::family family_of(const sdk::json& params) {
  const std::string name = params.at("family");
  if (name == "inet") return ref::family::inet;
  if (name == "inet6") return ref::family::inet6;
  throw sdk::raised("ValueError", "family must be inet or inet6");
}

inline ref::socket_address address_of(ref::family family, const sdk::json& params) {
  const sdk::json& port = params.at("port");
  if (!port.is_number_integer()) throw sdk::raised("TypeError", "port must be an integer");
  const auto number = port.get<std::int64_t>();
  // What is no int is no port either.
  const bool fits = number >= 0 && number <= std::numeric_limits<int>::max();
  return ref::resolve(family, params.at("host"), fits ? static_cast<int>(number) : -1);
}

inline sdk::json to_json(const ref::socket_address& address) {
  return {address.host(), address.port()};
}

inline std::string data_of(const sdk::json& params) {
  const sdk::json& data = params.at("data");
  if (!data.is_object()) throw sdk::raised("TypeError", "data must be bytes");
  return sdk::bytes_of(data);
}

/// The library's own exceptions by the protocol's names, and those of the kernel by theirs.
template <typename Use>
sdk::handler raising(Use use) {
  return [use](const sdk::json& params) -> sdk::json {
    try {
      return use(params);
    } catch (const ref::timed_out& late) {
      throw sdk::raised("TimedOut", late.what());
    } catch (const ref::resolution_error& unknown) {
      throw sdk::raised("ResolutionError", unknown.what());
    } catch (const std::out_of_range& wrong) {
      throw sdk::raised("OverflowError", wrong.what());
    } catch (const std::system_error& failed) {
      throw sdk::raised(sdk::error_data("", failed).at("type"), failed.what());
    }
  };
}

/// For ops that return nothing.
template <typename Use>
sdk::handler doing(Use use) {
  return raising([use](const sdk::json& params) {
    use(params);
    return sdk::json();
  });
}

/// Sockets by their names.
template <typename Socket>
class socket_table {
 public:
  void put(const std::string& name, Socket socket) {
    sockets_.insert_or_assign(name, std::move(socket));
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
