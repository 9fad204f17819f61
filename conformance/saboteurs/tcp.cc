// Wrong connections: each breaks one requirement of the area tcp. Set-up, accept, the backlog and
// the listening socket; streams are in tcp_stream.cc.
#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

json named(const char* socket) { return {{"socket", socket}}; }

void wrong_port(sdk::adapter& to, const std::string& op) {
  change_answer(to, op, [](json answer) {
    answer[1] = 1;
    return answer;
  });
}

// Whatever is accepted is closed together with the socket that it came through.
void close_all_with_the_listener(sdk::adapter& to) {
  to.replace("tcp.close", [](const handler& close, const json& params) {
    if (params.at("socket") == "listener") close(named("served"));
    return close(params);
  });
}

SABOTEUR("tcp.client/cannot-send-before-it-connects", "silent", "drops what it is to send") {
  swallow(to, "tcp.send", "EPIPE", 1);
}
SABOTEUR("tcp.client/cannot-receive-before-it-connects", "empty", "receives nothing") {
  swallow(to, "tcp.receive", "ENOTCONN", sdk::to_bytes(""));
}
SABOTEUR("tcp.client/needs-no-bind", "no-name", "tells no port of its own") {
  wrong_port(to, "tcp.local_name");
}
SABOTEUR("tcp.client/may-bind", "ignores", "does not bind to that host") {
  set_param(to, "tcp.bind", "host", "127.0.0.1");
  wrong_port(to, "tcp.accept");
}
SABOTEUR("tcp.client/connects-once", "silent", "does nothing the second time") {
  swallow(to, "tcp.connect", "EISCONN");
}
SABOTEUR("tcp.client/refused-where-nobody-listens", "silent", "hides the refusal") {
  swallow(to, "tcp.connect", "ECONNREFUSED");
}
SABOTEUR("tcp.client/refuses-a-port-out-of-range", "refused", "calls it a refusal") {
  raise_instead(to, "tcp.connect", "OverflowError", "ECONNREFUSED");
}
SABOTEUR("tcp.server/serves-a-client", "mute", "sends nothing back") {
  to.replace("tcp.send_all", [](const handler& send, const json& params) -> json {
    return params.at("socket") == "served" ? json() : send(params);
  });
}
SABOTEUR("tcp.server/listens-without-bind", "needs-it", "fails without a port") {
  to.replace("tcp.listen", [&to](const handler& listen, const json& params) {
    if (to.at("tcp.local_name")({{"socket", params.at("socket")}})[1] == 0) throw raised("EINVAL");
    return listen(params);
  });
}
SABOTEUR("tcp.server/accept-needs-listen", "late", "gives up as though nobody came") {
  raise_instead(to, "tcp.accept", "EINVAL", "TimedOut");
}
SABOTEUR("tcp.server/listening-socket-is-passive", "denies", "says that it does not accept") {
  always_answer(to, "tcp.get_option", 0);
}
SABOTEUR("tcp.server/port-in-use", "another", "takes another port without a word") {
  set_param(to, "tcp.bind", "port", 0);
}
SABOTEUR("tcp.server/restarts-with-reuse-address", "ignores", "does not set the option") {
  always_answer(to, "tcp.set_option", nullptr);
}
SABOTEUR("tcp.server/waits-without-reuse-address", "always", "always sets the option") {
  set_param(to, "tcp.set_option", "value", 1);
}
SABOTEUR("tcp.accept/gives-a-new-socket", "same", "tells one descriptor for all") {
  always_answer(to, "tcp.fileno", 3);
}
SABOTEUR("tcp.accept/tells-the-client", "wrong-port", "tells another port") {
  wrong_port(to, "tcp.accept");
}
SABOTEUR("tcp.accept/clients-do-not-mix", "mixes", "sends all to one client") {
  change_param(to, "tcp.send_all", "socket",
               [](const json& socket) { return socket == "second" ? json("client") : socket; });
}
SABOTEUR("tcp.accept/goes-on-while-others-are-served", "five", "accepts five and no more") {
  const auto count = std::make_shared<int>(0);
  to.replace("tcp.accept", [=](const handler& accept, const json& params) {
    if (++*count > 5) throw raised("TimedOut");
    return accept(params);
  });
}
SABOTEUR("tcp.accept/blocks-until-a-client-comes", "impatient", "gives up at once") {
  set_param(to, "tcp.accept", "timeout", 0);
}
SABOTEUR("tcp.accept/timeout-passes", "early", "times out at once") {
  set_param(to, "tcp.accept", "timeout", 0);
}
SABOTEUR("tcp.backlog/connects-before-accept", "none", "does not listen before accept") {
  always_answer(to, "tcp.listen", nullptr);
}
SABOTEUR("tcp.backlog/no-handshake-without-a-listener", "silent", "hides the refusal") {
  swallow(to, "tcp.connect", "ECONNREFUSED");
}
SABOTEUR("tcp.backlog/is-bounded", "large", "takes a backlog of 128 at least") {
  set_param(to, "tcp.listen", "backlog", 128);
}
SABOTEUR("tcp.listener/closed-refuses-new-clients", "open", "does not close") {
  always_answer(to, "tcp.close", nullptr);
}
SABOTEUR("tcp.listener/closed-leaves-connections", "all", "closes what was accepted, too") {
  close_all_with_the_listener(to);
}
SABOTEUR("tcp.listener/closed-resets-what-was-not-accepted", "ends",
         "lets it end as though all had been sent") {
  swallow(to, "tcp.receive", "ECONNRESET", sdk::to_bytes(""));
}
SABOTEUR("tcp.address/inet6", "four", "knows IPv4 alone") {
  set_param(to, "tcp.open", "family", "inet");
}

}  // namespace
}  // namespace assay::saboteurs
