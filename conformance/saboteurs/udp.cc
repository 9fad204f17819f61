// Wrong datagram sockets: each breaks one requirement of the area udp.
#include <sys/socket.h>

#include <cstdlib>
#include <map>

#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

bool holds(const json& params, const std::string& name, const json& value) {
  return params.at(name) == value;
}

// What is sent to takes another way, or none.
void drop_if(sdk::adapter& to, std::function<bool(const json& params)> lost) {
  to.replace("udp.send_to", [lost](const handler& send, const json& params) -> json {
    return lost(params) ? json(sdk::bytes_of(params.at("data")).size()) : send(params);
  });
}

void change_data(sdk::adapter& to, std::function<std::string(std::string data)> wrong) {
  change_answer(to, "udp.receive_from", [wrong](json answer) {
    answer["data"] = sdk::to_bytes(wrong(sdk::bytes_of(answer.at("data"))));
    return answer;
  });
}

void change_sender(sdk::adapter& to) {
  change_answer(to, "udp.receive_from", [](json answer) {
    answer["address"][1] = 1;
    return answer;
  });
}

// Sends through another socket, made for each datagram.
void send_from_another(sdk::adapter& to) {
  to.replace("udp.send_to", [&to](const handler& send, json params) {
    to.at("udp.open")({{"socket", "another"}, {"family", "inet"}});
    params["socket"] = "another";
    return send(params);
  });
}

void fail_after(sdk::adapter& to, const std::string& op, int good, const std::string& type) {
  const auto calls = std::make_shared<int>(0);
  to.replace(op, [=](const handler& perform, const json& params) {
    if (++*calls > good) throw raised(type);
    return perform(params);
  });
}

SABOTEUR("udp.send/needs-no-connection", "wants-one", "sends nothing before a connect") {
  fail_after(to, "udp.send_to", 0, "EDESTADDRREQ");
}
SABOTEUR("udp.send/takes-an-address-each-time", "sticks", "sends all to the first receiver") {
  const auto first = std::make_shared<json>();
  change_param(to, "udp.send_to", "port", [=](const json& port) {
    if (first->is_null()) *first = port;
    return *first;
  });
}
SABOTEUR("udp.send/keeps-its-port", "changes", "sends each datagram from another port") {
  send_from_another(to);
}
SABOTEUR("udp.send/comes-from-the-bound-port", "ignores", "sends from another port") {
  send_from_another(to);
}
SABOTEUR("udp.send/refuses-text", "encodes", "takes a text for its bytes") {
  change_param(to, "udp.send_to", "data", [](const json& data) {
    return data.is_string() ? sdk::to_bytes(data.get<std::string>()) : data;
  });
}
SABOTEUR("udp.send/refuses-a-port-that-is-text", "converts", "takes a text for a number") {
  change_param(to, "udp.send_to", "port", [](const json& port) {
    return port.is_string() ? json(std::stoi(port.get<std::string>())) : port;
  });
}
SABOTEUR("udp.send/refuses-a-port-out-of-range", "wraps", "takes the port modulo 65536") {
  change_param(to, "udp.send_to", "port", [](const json& port) {
    return port.is_number() ? json(port.get<int>() & 0xffff) : port;
  });
}
SABOTEUR("udp.send/refuses-port-zero", "silent", "drops what goes to port 0") {
  drop_if(to, [](const json& params) { return holds(params, "port", 0); });
}
SABOTEUR("udp.send/reports-what-cannot-be-resolved", "silent", "drops what it cannot address") {
  swallow(to, "udp.send_to", "ResolutionError", 1);
}
SABOTEUR("udp.send/to-nobody-succeeds", "notices", "fails the second time") {
  fail_after(to, "udp.send_to", 1, "ECONNREFUSED");
}
SABOTEUR("udp.connect/learns-that-nobody-listens", "deaf", "hides the refusal") {
  swallow(to, "udp.send", "ECONNREFUSED", 1);
}
SABOTEUR("udp.connect/sends-without-an-address", "forgets", "has no peer after connect") {
  always_answer(to, "udp.connect", nullptr);
}
SABOTEUR("udp.connect/hears-only-its-peer", "hears-all", "receives from everybody") {
  always_answer(to, "udp.connect", nullptr);
}
SABOTEUR("udp.connect/send-without-it-lacks-a-destination", "silent", "drops the datagram") {
  swallow(to, "udp.send", "EDESTADDRREQ", 1);
}
SABOTEUR("udp.bind/empty-host-is-any", "loopback", "takes an empty host for 127.0.0.1") {
  change_param(to, "udp.bind", "host",
               [](const json& host) { return host == "" ? json("127.0.0.1") : host; });
}
SABOTEUR("udp.bind/takes-the-port-asked-for", "any", "takes any port") {
  set_param(to, "udp.bind", "port", 0);
}
SABOTEUR("udp.bind/port-in-use", "another", "takes another port without a word") {
  set_param(to, "udp.bind", "port", 0);
}
SABOTEUR("udp.bind/twice", "silent", "does nothing the second time") {
  swallow(to, "udp.bind", "EINVAL");
}
SABOTEUR("udp.bind/different-ports-at-once", "one", "tells the same port for all") {
  change_answer(to, "udp.local_name", [](json answer) {
    answer[1] = 7000;
    return answer;
  });
}
SABOTEUR("udp.bind/inet6", "four", "knows IPv4 alone") {
  set_param(to, "udp.open", "family", "inet");
}
SABOTEUR("udp.receive/tells-the-sender", "wrong-port", "tells another port") { change_sender(to); }
SABOTEUR("udp.receive/an-answer-reaches-the-sender", "wrong-port", "tells another port") {
  change_sender(to);
}
SABOTEUR("udp.receive/cuts-to-the-limit", "whole", "gives the whole datagram") {
  set_param(to, "udp.receive_from", "limit", 65535);
}
SABOTEUR("udp.receive/keeps-boundaries", "joins", "sends two datagrams as one") {
  const auto kept = std::make_shared<std::string>();
  change_param(to, "udp.send_to", "data", [=](const json& data) {
    *kept += sdk::bytes_of(data);
    return sdk::to_bytes(*kept);
  });
}
SABOTEUR("udp.receive/empty-datagram", "drops", "does not send what is empty") {
  drop_if(to, [](const json& params) { return sdk::bytes_of(params.at("data")).empty(); });
}
SABOTEUR("udp.receive/blocks-until-a-datagram-comes", "impatient", "gives up at once") {
  set_param(to, "udp.receive_from", "timeout", 0);
}
SABOTEUR("udp.receive/timeout-passes", "early", "times out at once") {
  set_param(to, "udp.receive_from", "timeout", 0);
}
SABOTEUR("udp.receive/usable-after-a-timeout", "closes", "closes the socket at a timeout") {
  to.replace("udp.receive_from", [&to](const handler& receive, const json& params) {
    try {
      return receive(params);
    } catch (const raised&) {
      to.at("udp.close")({{"socket", params.at("socket")}});
      throw;
    }
  });
}
SABOTEUR("udp.size/largest-arrives-whole", "cuts", "cuts to 65,000 bytes") {
  change_data(to, [](std::string data) { return data.substr(0, 65000); });
}
SABOTEUR("udp.size/one-byte-more-is-refused", "cuts", "sends what fits") {
  change_param(to, "udp.send_to", "data", [](const json& data) {
    return sdk::to_bytes(sdk::bytes_of(data).substr(0, 65507));
  });
}
SABOTEUR("udp.size/beyond-the-buffer-is-dropped", "reports", "fails once the peer is full") {
  fail_after(to, "udp.send_to", 500, "EAGAIN");
}
SABOTEUR("udp.text/utf8-survives", "ascii", "drops what is not ASCII") {
  change_param(to, "udp.send_to", "data", [](const json& data) {
    std::string kept;
    for (const char c : sdk::bytes_of(data)) {
      if (static_cast<unsigned char>(c) < 0x80) kept += c;
    }
    return sdk::to_bytes(kept);
  });
}
SABOTEUR("udp.text/other-bytes-are-an-error", "replaces", "gives a question mark for them") {
  swallow(to, "udp.receive_text", "DecodeError",
          {{"text", "?"}, {"address", json::array({"127.0.0.1", 1})}});
}
SABOTEUR("udp.close/ends-every-operation", "open", "does not close") {
  always_answer(to, "udp.close", nullptr);
}
SABOTEUR("udp.close/frees-the-port", "keeps", "does not close") {
  always_answer(to, "udp.close", nullptr);
}
SABOTEUR("udp.listen/not-there", "silent", "pretends to listen") {
  always_answer(to, "udp.listen", nullptr);
}

// ---- over a wire with faults --------------------------------------------------------------------

// Where nothing came it gives the last one again.
void repeat_the_last(sdk::adapter& to) {
  const auto last = std::make_shared<json>();
  to.replace("udp.receive_from", [=](const handler& receive, const json& params) {
    try {
      return *last = receive(params);
    } catch (const raised& condition) {
      if (condition.type() != "TimedOut" || last->is_null()) throw;
      return *last;
    }
  });
}

void blank_copies(sdk::adapter& to) {
  const auto last = std::make_shared<std::string>();
  change_data(to, [=](std::string data) { return *last == data ? "" : *last = data; });
}

// Takes all that is there and gives the lowest first; what is sent over the wire has numbers.
void sort(sdk::adapter& to) {
  const auto waiting = std::make_shared<std::map<int, json>>();
  to.replace("udp.receive_from", [=](const handler& receive, json params) {
    if (!waiting->empty()) params["timeout"] = 0;
    while (true) {
      try {
        json one = receive(params);
        const int number = std::atoi(sdk::bytes_of(one.at("data")).c_str());
        (*waiting)[number] = std::move(one);
        params["timeout"] = 0;
      } catch (const raised&) {
        if (waiting->empty()) throw;
        return waiting->extract(waiting->begin()).mapped();
      }
    }
  });
}

// Its datagrams have no checksum, so that nobody can tell that they are corrupt.
void send_without_checksums(sdk::adapter& to) {
  change_answer(to, "udp.open", [](json answer) {
    const int on = 1;
    for (int each = 3; each < 100; ++each) {
      ::setsockopt(each, SOL_SOCKET, SO_NO_CHECK, &on, sizeof on);
    }
    return answer;
  });
}

SABOTEUR("udp.wire/loses-datagrams", "repeats", "gives the last one again where none came") {
  repeat_the_last(to);
}
SABOTEUR("udp.wire/doubles-datagrams", "blanks", "gives an empty one for a copy") {
  blank_copies(to);
}
SABOTEUR("udp.wire/reorders-datagrams", "sorts", "gives what came late in its place") { sort(to); }
SABOTEUR("udp.wire/drops-corrupt-datagrams", "unchecked", "sends without checksums") {
  send_without_checksums(to);
}
SABOTEUR("udp.wire/gives-only-what-was-sent", "cuts", "cuts long ones short") {
  set_param(to, "udp.receive_from", "limit", 300);
}
SABOTEUR("udp.interface/down-at-the-sender", "remembers", "fails for ever once it has failed") {
  const auto failed = std::make_shared<bool>(false);
  to.replace("udp.send_to", [=](const handler& send, const json& params) {
    if (*failed) throw raised("ENETUNREACH");
    try {
      return send(params);
    } catch (const raised&) {
      *failed = true;
      throw;
    }
  });
}
SABOTEUR("udp.interface/down-at-the-receiver", "notices", "fails the second time") {
  fail_after(to, "udp.send_to", 1, "ENETUNREACH");
}

}  // namespace
}  // namespace assay::saboteurs
