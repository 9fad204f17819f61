// The ops of the area udp over a library's datagram socket, see net_ops.h. Its members are those
// of ref::udp_socket: bind, send_to, connect, send, receive_from, local_name, address_family and
// close; listen only where there is such a call.
#pragma once

#include <memory>

#include "conformance/testees/net_ops.h"

namespace assay::testees {

template <typename Net>
sdk::json receive_datagram(typename Net::udp_socket& socket, const sdk::json& params) {
  const auto limit = params.at("limit").get<std::int64_t>();
  if (limit < 0) throw sdk::raised("ValueError", "limit must not be negative");
  const auto got = socket.receive_from(static_cast<std::size_t>(limit), deadline_of<Net>(params));
  return {{"data", sdk::to_bytes(got.data)}, {"address", address_to_json(got.from)}};
}

template <typename Net>
sdk::json receive_text(typename Net::udp_socket& socket, const sdk::json& params) {
  auto got = socket.receive_from(65535, deadline_of<Net>(params));
  sdk::json text = std::move(got.data);
  try {
    // The serialiser checks that a string is UTF-8.
    static_cast<void>(text.dump());
  } catch (const sdk::json::exception& wrong) {
    throw sdk::raised("DecodeError", wrong.what());
  }
  return {{"text", std::move(text)}, {"address", address_to_json(got.from)}};
}

template <typename Net>
void add_udp_ops_of(sdk::adapter& to) {
  using sdk::json;
  const auto sockets = std::make_shared<socket_table<typename Net::udp_socket>>();
  const auto resolve = [sockets](const json& params) {
    return address_of<Net>(sockets->at(params).address_family(), params);
  };
  to.on("udp.open", doing<Net>([=](const json& params) {
          sockets->put(params.at("socket"), typename Net::udp_socket(family_of<Net>(params)));
        }));
  to.on("udp.bind",
        doing<Net>([=](const json& params) { sockets->at(params).bind(resolve(params)); }));
  to.on("udp.send_to", raising<Net>([=](const json& params) {
          auto& socket = sockets->at(params);
          const std::string data = data_of(params);
          return json(socket.send_to(data, resolve(params)));
        }));
  to.on("udp.connect",
        doing<Net>([=](const json& params) { sockets->at(params).connect(resolve(params)); }));
  to.on("udp.send", raising<Net>([=](const json& params) {
          return json(sockets->at(params).send(data_of(params)));
        }));
  to.on("udp.receive_from", raising<Net>([=](const json& params) {
          return receive_datagram<Net>(sockets->at(params), params);
        }));
  to.on("udp.receive_text", raising<Net>([=](const json& params) {
          return receive_text<Net>(sockets->at(params), params);
        }));
  to.on("udp.local_name", raising<Net>([=](const json& params) {
          return address_to_json(sockets->at(params).local_name());
        }));
  if constexpr (requires(typename Net::udp_socket socket) { socket.listen(); }) {
    to.on("udp.listen", doing<Net>([=](const json& params) { sockets->at(params).listen(); }));
  }
  to.on("udp.close", doing<Net>([=](const json& params) { sockets->at(params).close(); }));
}

}  // namespace assay::testees
