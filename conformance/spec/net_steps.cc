#include "conformance/spec/net_steps.h"

#include <libdeflate.h>

#include <algorithm>

#include "conformance/harness/matchers.h"

namespace assay {
namespace {

json seconds_of(std::optional<seconds> timeout) {
  return timeout ? json(timeout->count()) : json();
}

json place(const address& at) { return {{"host", at.host}, {"port", at.port}}; }

}  // namespace

std::ostream& operator<<(std::ostream& out, const address& value) {
  return out << value.host << " port " << value.port;
}

address to_address(const json& value) { return {value.at(0), value.at(1)}; }

json socket_of_actor::with_name(json more) const {
  more["socket"] = name_;
  return more;
}

outcome socket_of_actor::call(std::string_view op, json more) const {
  return user_->call(area_ + "." + std::string(op), with_name(std::move(more)));
}

pending_call socket_of_actor::begin(std::string_view op, json more) const {
  return user_->begin(area_ + "." + std::string(op), with_name(std::move(more)));
}

json socket_of_actor::must(std::string_view op, json more) const {
  return call(op, std::move(more)).result();
}

outcome socket_of_actor::bind(const json& port, const std::string& host) const {
  return call("bind", {{"host", host}, {"port", port}});
}

outcome socket_of_actor::connect(const address& to, std::optional<seconds> timeout) const {
  json params = place(to);
  if (timeout) params["timeout"] = timeout->count();
  return call("connect", std::move(params));
}

outcome udp::send_to(std::string_view data, const address& to) const {
  json params = place(to);
  params["data"] = to_base64(data);
  return call("send_to", std::move(params));
}

outcome udp::send(std::string_view data) const { return call("send", {{"data", to_base64(data)}}); }

outcome udp::receive(std::optional<seconds> timeout, int limit) const {
  return call("receive_from", {{"limit", limit}, {"timeout", seconds_of(timeout)}});
}

std::string udp::receive_data(int limit) const {
  return from_base64(receive(5s, limit).result().at("data"));
}

outcome tcp::try_accept(const std::string& as, seconds timeout) const {
  return call("accept", {{"as", as}, {"timeout", timeout.count()}});
}

tcp tcp::accept(const std::string& as) const {
  try_accept(as).result();
  return {*user_, as};
}

outcome tcp::send(std::string_view data) const { return call("send", {{"data", to_base64(data)}}); }

void tcp::send_all(std::string_view data) const { must("send_all", {{"data", to_base64(data)}}); }

outcome tcp::receive(std::optional<seconds> timeout, int limit) const {
  return call("receive", {{"limit", limit}, {"timeout", seconds_of(timeout)}});
}

std::string tcp::receive_data(int limit) const { return from_base64(receive(5s, limit).result()); }

std::string tcp::receive_exactly(std::size_t count) const {
  std::string all;
  while (all.size() < count) {
    const std::string next = receive_data(static_cast<int>(count - all.size()));
    if (next.empty()) break;
    all += next;
  }
  return all;
}

json tcp::option(const std::string& name) const { return must("get_option", {{"name", name}}); }

outcome tcp::set_option(const std::string& name, const json& value) const {
  return call("set_option", {{"name", name}, {"value", value}});
}

udp open_udp(const std::string& name, const std::string& family) {
  const udp made(main_actor(), name);
  made.must("open", {{"family", family}});
  return made;
}

udp bound_udp(const std::string& name, const std::string& family) {
  udp made = open_udp(name, family);
  made.bind(0, family == "inet" ? loopback : "::1").result();
  return made;
}

tcp open_tcp(const std::string& name, const std::string& family, actor* user) {
  const tcp made(user ? *user : main_actor(), name);
  made.must("open", {{"family", family}});
  return made;
}

tcp listening_tcp(const std::string& name, const std::string& family, int backlog) {
  tcp made = open_tcp(name, family);
  made.bind(0, family == "inet" ? loopback : "::1").result();
  made.listen(backlog).result();
  return made;
}

connection connected_tcp(const std::string& family) {
  const tcp listener = listening_tcp("listener", family);
  const tcp client = open_tcp("client", family);
  client.connect(listener.local_name()).result();
  return {listener, client, listener.accept("served")};
}

int unused_port() {
  const tcp made = open_tcp("for a free port");
  made.bind(0).result();
  const int port = made.local_name().port;
  made.close();
  return port;
}

json sum_of_stream(std::size_t bytes) {
  std::string period(65521, '\0');
  for (std::size_t p = 0; p < period.size(); ++p) {
    period[p] = static_cast<char>(static_cast<std::uint8_t>(31 * p + p / 256));
  }
  std::uint32_t sum = 0;
  for (std::size_t left = bytes; left > 0;) {
    const std::size_t size = std::min(left, period.size());
    sum = libdeflate_crc32(sum, period.data(), size);
    left -= size;
  }
  return {{"bytes", bytes}, {"crc32", sum}};
}

}  // namespace assay
