// Area tcp: the life of a connection, from socket to close, over loopback.
//
// The order of calls, what each state allows, and what is where in the backlog. What streams carry
// and how they end is in tcp_stream.cc.
#include "conformance/harness/matchers.h"
#include "conformance/harness/other_actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/net_steps.h"

namespace assay {
namespace {

using ::testing::Ge;
using ::testing::Ne;

source tcp_man() { return man("tcp(7)"); }
source remarks() { return notes("TCP, remarks"); }

// ---- the client ---------------------------------------------------------------------------------

REQUIREMENT(tcp_client, cannot_send_before_it_connects, must,
            "send on an unconnected socket fails with EPIPE", covers("TCP-01", "TCP-37"), tcp_man(),
            remarks()) {
  EXPECT_THAT(open_tcp("client").send("x"), raised("EPIPE"));
}

REQUIREMENT(tcp_client, cannot_receive_before_it_connects, must,
            "receive on an unconnected socket fails with ENOTCONN", covers("TCP-01"), tcp_man(),
            remarks()) {
  EXPECT_THAT(open_tcp("client").receive(), raised("ENOTCONN"));
}

REQUIREMENT(tcp_client, needs_no_bind, must,
            "a client connects without bind, from a port that the kernel picks", covers("TCP-02"),
            man("ip(7)"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  EXPECT_EQ(client.local_name().host, loopback);
  EXPECT_THAT(client.local_name().port, Ge(1024));
  EXPECT_THAT(client.local_name().port, Ne(listener.local_name().port));
}

REQUIREMENT(tcp_client, may_bind, may, "the server sees the address that a client is bound to",
            covers("TCP-03"), man("bind(2)"), remarks()) {
  const auto listener = listening_tcp("listener");
  const auto client = open_tcp("client");
  client.bind(0, "127.0.0.3").result();
  const auto name = client.local_name();
  client.connect(listener.local_name()).result();
  EXPECT_EQ(to_address(listener.try_accept("served").result()), name);
}

REQUIREMENT(tcp_client, connects_once, should, "a connected socket cannot connect again: EISCONN",
            covers("TCP-33"), man("connect(2)")) {
  const auto [listener, client, served] = connected_tcp();
  EXPECT_THAT(client.connect(listener.local_name()), raised("EISCONN"));
}

REQUIREMENT(tcp_client, refused_where_nobody_listens, must,
            "connecting to a port that is bound but not listening is refused", covers("TCP-07"),
            man("connect(2)"), remarks()) {
  const auto bound = open_tcp("bound");
  bound.bind(0).result();
  EXPECT_THAT(open_tcp("client").connect(bound.local_name()), raised("ECONNREFUSED"));
}

REQUIREMENT(tcp_client, refuses_a_port_out_of_range, must,
            "a port above 65535 is an overflow error", python_docs("socket.socket.connect")) {
  EXPECT_THAT(open_tcp("client").connect({loopback, 65536}), raised("OverflowError"));
}

// ---- the server ---------------------------------------------------------------------------------

REQUIREMENT(tcp_server, serves_a_client, must,
            "socket, bind, listen, accept, receive, send and close serve a client",
            covers("TCP-04", "TCP-02"), tcp_man(), notes("TCP")) {
  const auto [listener, client, served] = connected_tcp();
  client.send_all("question");
  EXPECT_EQ(served.receive_exactly(8), "question");
  served.send_all("answer");
  EXPECT_EQ(client.receive_exactly(6), "answer");
  EXPECT_THAT(served.close(), returned());
  EXPECT_EQ(client.receive_data(), "");
  EXPECT_THAT(listener.close(), returned());
}

REQUIREMENT(tcp_server, listens_without_bind, should,
            "listen without bind gets a port from the kernel, and clients can connect to it",
            covers("TCP-05"), man("listen(2)"), remarks(),
            erratum("The notes say that a server must bind or its clients cannot find it. They "
                    "find it once they are told its port, which getsockname tells.")) {
  const auto listener = open_tcp("listener");
  listener.listen().result();
  const int port = listener.local_name().port;
  ASSERT_THAT(port, Ge(1024));
  EXPECT_THAT(open_tcp("client").connect({loopback, port}), returned());
}

REQUIREMENT(tcp_server, accept_needs_listen, must,
            "accept on a socket that does not listen fails with EINVAL", covers("TCP-06"),
            man("accept(2)"), remarks()) {
  const auto bound = open_tcp("bound");
  bound.bind(0).result();
  EXPECT_THAT(bound.try_accept("served"), raised("EINVAL"));
}

REQUIREMENT(tcp_server, listening_socket_is_passive, must,
            "a listening socket says so; it cannot send, receive or connect", covers("TCP-08"),
            man("socket(7)"), remarks()) {
  const auto other = listening_tcp("other");
  const auto socket = open_tcp("socket");
  socket.bind(0).result();
  EXPECT_EQ(socket.option("accepting"), 0);
  socket.listen().result();
  EXPECT_EQ(socket.option("accepting"), 1);
  EXPECT_THAT(socket.send("x"), raised("EPIPE"));
  EXPECT_THAT(socket.receive(std::nullopt), raised("ENOTCONN"));
  EXPECT_THAT(socket.connect(other.local_name()), raised("EISCONN"));
}

REQUIREMENT(tcp_server, port_in_use, must,
            "a port on which another socket listens cannot be bound, with SO_REUSEADDR or without",
            covers("TCP-34"), man("bind(2)")) {
  const int port = listening_tcp("listener").local_name().port;
  const auto second = open_tcp("second");
  EXPECT_THAT(second.bind(port), raised("EADDRINUSE"));
  second.set_option("reuse_address", 1).result();
  EXPECT_THAT(second.bind(port), raised("EADDRINUSE"));
}

// The server closes first and so keeps the connection in TIME_WAIT.
outcome bind_after_time_wait(bool first_reuses, bool second_reuses) {
  const auto first = open_tcp("first");
  first.set_option("reuse_address", first_reuses ? 1 : 0).result();
  first.bind(0).result();
  first.listen().result();
  const int port = first.local_name().port;
  const auto client = open_tcp("client");
  client.connect({loopback, port}).result();
  const auto served = first.accept("served");
  served.close().result();
  EXPECT_EQ(client.receive_data(), "");
  client.close().result();
  first.close().result();
  const auto second = open_tcp("second");
  second.set_option("reuse_address", second_reuses ? 1 : 0).result();
  return second.bind(port);
}

REQUIREMENT(tcp_server, restarts_with_reuse_address, should,
            "a port with a connection in TIME_WAIT can be bound at once where both the old and the "
            "new socket have SO_REUSEADDR",
            covers("TCP-35"), man("socket(7)")) {
  EXPECT_THAT(bind_after_time_wait(true, true), returned());
}

REQUIREMENT(tcp_server, waits_without_reuse_address, should,
            "without SO_REUSEADDR on both, the port of a connection in TIME_WAIT is in use",
            covers("TCP-35"), man("socket(7)")) {
  EXPECT_THAT(bind_after_time_wait(false, false), raised("EADDRINUSE"));
  EXPECT_THAT(bind_after_time_wait(true, false), raised("EADDRINUSE"));
  EXPECT_THAT(bind_after_time_wait(false, true), raised("EADDRINUSE"));
}

// ---- accept -------------------------------------------------------------------------------------

REQUIREMENT(tcp_accept, gives_a_new_socket, must,
            "accept gives a socket of its own, with a descriptor of its own, for that client",
            covers("TCP-09"), man("accept(2)"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  EXPECT_NE(served.must("fileno"), listener.must("fileno"));
  EXPECT_EQ(served.option("accepting"), 0);
  EXPECT_EQ(listener.option("accepting"), 1);
}

REQUIREMENT(tcp_accept, tells_the_client, must,
            "the address that accept gives is the client's own and the new socket's peer",
            covers("TCP-09"), man("accept(2)"), notes("TCP")) {
  const auto listener = listening_tcp("listener");
  const auto client = open_tcp("client");
  client.connect(listener.local_name()).result();
  EXPECT_EQ(to_address(listener.try_accept("served").result()), client.local_name());
  EXPECT_EQ(tcp(main_actor(), "served").peer_name(), client.local_name());
  EXPECT_EQ(client.peer_name(), listener.local_name());
}

REQUIREMENT(tcp_accept, clients_do_not_mix, must,
            "each of two clients has its own socket, and gets its own data", covers("TCP-10"),
            tcp_man(), remarks()) {
  const auto [listener, first, first_served] = connected_tcp();
  const auto second = open_tcp("second");
  second.connect(listener.local_name()).result();
  const auto second_served = listener.accept("second served");
  second.send_all("two");
  first.send_all("one");
  EXPECT_EQ(first_served.receive_exactly(3), "one");
  EXPECT_EQ(second_served.receive_exactly(3), "two");
  first_served.send_all("ONE");
  second_served.send_all("TWO");
  EXPECT_EQ(first.receive_exactly(3), "ONE");
  EXPECT_EQ(second.receive_exactly(3), "TWO");
}

REQUIREMENT(tcp_accept, goes_on_while_others_are_served, must,
            "the listening socket accepts further clients while connections are open",
            covers("TCP-11"), tcp_man(), remarks()) {
  const auto listener = listening_tcp("listener");
  for (int i = 0; i < 10; ++i) {
    const auto client = open_tcp("client " + std::to_string(i));
    client.connect(listener.local_name()).result();
    const auto served = listener.accept("served " + std::to_string(i));
    EXPECT_EQ(served.peer_name(), client.local_name());
  }
}

REQUIREMENT(tcp_accept, blocks_until_a_client_comes, must, "accept waits until a client connects",
            covers("TCP-04"), man("accept(2)"), notes("TCP")) {
  const auto listener = listening_tcp("listener");
  actor& other = start_other("other");
  const auto client = open_tcp("client", "inet", &other);
  const auto to = listener.local_name();
  pending_call accept = listener.begin("accept", {{"as", "served"}});
  EXPECT_TRUE(accept.is_blocked());
  client.connect(to).result();
  EXPECT_EQ(to_address(accept.finish().result()), client.local_name());
}

REQUIREMENT(tcp_accept, timeout_passes, must,
            "accept with a timeout fails once it has passed, never before it",
            python_docs("socket.socket.settimeout")) {
  EXPECT_THAT(listening_tcp("listener").try_accept("served", 30ms),
              raised("TimedOut").after(at_least(30ms)));
}

// ---- the backlog --------------------------------------------------------------------------------

REQUIREMENT(tcp_backlog, connects_before_accept, should,
            "a connection is complete before accept is called, as soon as the kernels have agreed",
            covers("TCP-12", "TCP-32"), man("listen(2)"), notes("TCP")) {
  const auto listener = listening_tcp("listener");
  const auto client = open_tcp("client");
  EXPECT_THAT(client.connect(listener.local_name()), returned());
  EXPECT_EQ(client.peer_name(), listener.local_name());
  client.send_all("early");
  EXPECT_EQ(listener.accept("served").receive_exactly(5), "early");
}

REQUIREMENT(tcp_backlog, no_handshake_without_a_listener, must,
            "connect fails where no kernel completes the handshake", covers("TCP-32"),
            man("connect(2)"), notes("TCP")) {
  EXPECT_THAT(open_tcp("client").connect({loopback, unused_port()}), raised("ECONNREFUSED"));
}

REQUIREMENT(tcp_backlog, is_bounded, should,
            "with a backlog of 2 three clients connect and the fourth is not answered: it times "
            "out and is not refused",
            covers("TCP-13"), man("listen(2)")) {
  const auto listener = listening_tcp("listener", "inet", 2);
  for (const char* name : {"first", "second", "third"}) {
    EXPECT_THAT(open_tcp(name).connect(listener.local_name(), 5s), returned()) << name;
  }
  EXPECT_THAT(open_tcp("fourth").connect(listener.local_name(), 50ms),
              raised("TimedOut").after(at_least(50ms)));
}

// ---- closing the listener -----------------------------------------------------------------------

REQUIREMENT(tcp_listener, closed_refuses_new_clients, must,
            "once the listening socket is closed new clients are refused", covers("TCP-14"),
            tcp_man(), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  const auto name = listener.local_name();
  listener.close().result();
  EXPECT_THAT(open_tcp("late").connect(name), raised("ECONNREFUSED"));
}

REQUIREMENT(tcp_listener, closed_leaves_connections, must,
            "closing the listening socket leaves accepted connections working both ways",
            covers("TCP-15"), tcp_man(), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  listener.close().result();
  client.send_all("still");
  EXPECT_EQ(served.receive_exactly(5), "still");
  served.send_all("back");
  EXPECT_EQ(client.receive_exactly(4), "back");
}

REQUIREMENT(tcp_listener, closed_resets_what_was_not_accepted, should,
            "closing the listening socket resets connections that nobody accepted yet",
            covers("TCP-16"), tcp_man(),
            erratum("The notes say that clients which have connected go on. Those that still wait "
                    "in the backlog were reset: ECONNRESET.")) {
  const auto listener = listening_tcp("listener");
  const auto client = open_tcp("client");
  client.connect(listener.local_name()).result();
  listener.close().result();
  EXPECT_THAT(client.receive(), raised("ECONNRESET"));
}

REQUIREMENT(tcp_address, inet6, should, "over IPv6 a connection works as over IPv4",
            man("ipv6(7)")) {
  const auto [listener, client, served] = connected_tcp("inet6");
  EXPECT_EQ(client.peer_name(), listener.local_name());
  EXPECT_EQ(client.local_name().host, "::1");
  client.send_all("six");
  EXPECT_EQ(served.receive_exactly(3), "six");
}

}  // namespace
}  // namespace assay
