// Ops of the area udp over ref::udp_socket.
#include <memory>

#include "conformance/testees/reference/net_ops.h"
#include "impl/net/udp_socket.h"

namespace assay::testees {
namespace {

using sdk::json;

json received(ref::udp_socket& socket, const json& params) {
  const auto limit = params.at("limit").get<std::int64_t>();
  if (limit < 0) throw sdk::raised("ValueError", "limit must not be negative");
  const auto got = socket.receive_from(static_cast<std::size_t>(limit), deadline_of(params));
  return {{"data", sdk::to_bytes(got.data)}, {"address", to_json(got.from)}};
}

json received_text(ref::udp_socket& socket, const json& params) {
  auto got = socket.receive_from(65535, deadline_of(params));
  json text = std::move(got.data);
  try {
    // The serialiser checks that a string is UTF-8.
    static_cast<void>(text.dump());
  } catch (const json::exception& wrong) {
    throw sdk::raised("DecodeError", wrong.what());
  }
  return {{"text", std::move(text)}, {"address", to_json(got.from)}};
}

}  // namespace

void add_udp_ops(sdk::adapter& to) {
  const auto sockets = std::make_shared<socket_table<ref::udp_socket>>();
  const auto resolve = [sockets](const json& params) {
    return address_of(sockets->at(params).address_family(), params);
  };
  to.on("udp.open", doing([=](const json& params) {
          sockets->put(params.at("socket"), ref::udp_socket(family_of(params)));
        }));
  to.on("udp.bind", doing([=](const json& params) { sockets->at(params).bind(resolve(params)); }));
  to.on("udp.send_to", raising([=](const json& params) {
          ref::udp_socket& socket = sockets->at(params);
          const std::string data = data_of(params);
          return json(socket.send_to(data, resolve(params)));
        }));
  to.on("udp.connect",
        doing([=](const json& params) { sockets->at(params).connect(resolve(params)); }));
  to.on("udp.send", raising([=](const json& params) {
          return json(sockets->at(params).send(data_of(params)));
        }));
  to.on("udp.receive_from",
        raising([=](const json& params) { return received(sockets->at(params), params); }));
  to.on("udp.receive_text",
        raising([=](const json& params) { return received_text(sockets->at(params), params); }));
  to.on("udp.local_name",
        raising([=](const json& params) { return to_json(sockets->at(params).local_name()); }));
  to.on("udp.listen", doing([=](const json& params) { sockets->at(params).listen(); }));
  to.on("udp.close", doing([=](const json& params) { sockets->at(params).close(); }));
}

}  // namespace assay::testees
