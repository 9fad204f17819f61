// Area udp: datagram sockets over loopback.
//
// A datagram socket needs no connection and keeps the boundaries of messages; it promises neither
// delivery nor order. Over loopback nothing is lost but what the receiver has no room for, so each
// test can wait for what it sent.
#include <set>

#include "conformance/harness/matchers.h"
#include "conformance/harness/other_actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/net_steps.h"

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Lt;
using ::testing::Not;

source udp_man() { return man("udp(7)"); }
source example() { return notes("UDP"); }

// ---- without a connection -----------------------------------------------------------------------

REQUIREMENT(udp_send, needs_no_connection, must,
            "a new socket sends at once, and the call says how many bytes it sent",
            covers("UDP-01", "TCP-37"), udp_man(), example()) {
  const auto receiver = bound_udp("receiver");
  EXPECT_THAT(open_udp("sender").send_to("hello!", receiver.local_name()), returned(6));
  EXPECT_EQ(receiver.receive_data(), "hello!");
}

REQUIREMENT(udp_send, takes_an_address_each_time, must,
            "one socket sends to one receiver and then to another", covers("UDP-06"), udp_man()) {
  const auto sender = open_udp("sender");
  const auto first = bound_udp("first");
  const auto second = bound_udp("second");
  sender.send_to("for the first", first.local_name());
  sender.send_to("for the second", second.local_name());
  EXPECT_EQ(first.receive_data(), "for the first");
  EXPECT_EQ(second.receive_data(), "for the second");
}

REQUIREMENT(udp_send, keeps_its_port, must,
            "an unbound socket gets a port at its first send and keeps it", covers("UDP-04"),
            man("ip(7)"), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  EXPECT_EQ(sender.local_name().port, 0);
  std::set<int> ports;
  for (int i = 0; i < 3; ++i) {
    sender.send_to("x", receiver.local_name());
    ports.insert(receiver.receive(5s).result().at("address").at(1).get<int>());
  }
  EXPECT_THAT(ports, ElementsAre(sender.local_name().port));
  EXPECT_THAT(sender.local_name().port, Ge(1024));
}

REQUIREMENT(udp_send, comes_from_the_bound_port, must,
            "what a bound socket sends comes from the address that it is bound to",
            covers("UDP-05"), man("bind(2)"), example(),
            erratum("The notes saw the port change in spite of bind. A router that translates "
                    "addresses does that; the socket's own datagrams carry the bound port.")) {
  const auto receiver = bound_udp("receiver");
  const auto sender = bound_udp("sender");
  sender.send_to("x", receiver.local_name());
  EXPECT_EQ(to_address(receiver.receive().result().at("address")), sender.local_name());
}

REQUIREMENT(udp_send, refuses_text, must, "a text in place of bytes is a type error",
            covers("UDP-06"), python_docs("socket.socket.sendto")) {
  const auto to = bound_udp("receiver").local_name();
  EXPECT_THAT(
      open_udp("sender").call("send_to", {{"data", "text"}, {"host", to.host}, {"port", to.port}}),
      raised("TypeError"));
}

REQUIREMENT(udp_send, refuses_a_port_that_is_text, must, "a port that is a text is a type error",
            covers("UDP-06"), python_docs("socket.socket.sendto")) {
  EXPECT_THAT(open_udp("sender").call(
                  "send_to", {{"data", to_base64("x")}, {"host", loopback}, {"port", "7000"}}),
              raised("TypeError"));
}

REQUIREMENT(udp_send, refuses_a_port_out_of_range, must,
            "a port below 0 or above 65535 is an overflow error", covers("UDP-07"),
            python_docs("socket.socket.sendto")) {
  const auto sender = open_udp("sender");
  EXPECT_THAT(sender.send_to("x", {loopback, -1}), raised("OverflowError"));
  EXPECT_THAT(sender.send_to("x", {loopback, 65536}), raised("OverflowError"));
}

REQUIREMENT(udp_send, refuses_port_zero, must, "nothing can be sent to port 0: EINVAL",
            covers("UDP-07"), man("ip(7)")) {
  EXPECT_THAT(open_udp("sender").send_to("x", {loopback, 0}), raised("EINVAL"));
}

REQUIREMENT(udp_send, reports_what_cannot_be_resolved, should,
            "an address that cannot be resolved is reported and leaves the socket usable",
            covers("UDP-08"), man("getaddrinfo(3)"), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  EXPECT_THAT(sender.send_to("x", {"::1", 7000}), raised("ResolutionError"));
  EXPECT_THAT(sender.send_to("good", receiver.local_name()), returned(4));
  EXPECT_EQ(receiver.receive_data(), "good");
}

REQUIREMENT(udp_send, to_nobody_succeeds, must,
            "sending to a port where nobody listens succeeds, again and again", covers("UDP-14"),
            udp_man(), example()) {
  const address nobody{loopback, unused_port()};
  const auto sender = open_udp("sender");
  for (int i = 0; i < 3; ++i) EXPECT_THAT(sender.send_to("x", nobody), returned(1));
}

// ---- connected ----------------------------------------------------------------------------------

REQUIREMENT(udp_connect, learns_that_nobody_listens, must,
            "the call after a connected socket's datagram was refused fails with ECONNREFUSED",
            covers("UDP-14"), udp_man()) {
  const auto sender = open_udp("sender");
  sender.connect({loopback, unused_port()}).result();
  EXPECT_THAT(sender.send("x"), returned(1));
  EXPECT_THAT(sender.send("x"), raised("ECONNREFUSED"));
}

REQUIREMENT(udp_connect, sends_without_an_address, should,
            "a connected socket sends to its peer without an address", man("connect(2)")) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  sender.connect(receiver.local_name()).result();
  EXPECT_THAT(sender.send("abc"), returned(3));
  EXPECT_EQ(receiver.receive_data(), "abc");
}

REQUIREMENT(udp_connect, hears_only_its_peer, should,
            "a connected socket receives nothing from others", man("connect(2)")) {
  const auto peer = bound_udp("peer");
  const auto other = bound_udp("other");
  const auto socket = bound_udp("socket");
  socket.connect(peer.local_name()).result();
  other.send_to("from another", socket.local_name());
  peer.send_to("from the peer", socket.local_name());
  EXPECT_EQ(socket.receive_data(), "from the peer");
}

REQUIREMENT(udp_connect, send_without_it_lacks_a_destination, should,
            "send without an address fails with EDESTADDRREQ on an unconnected socket",
            man("send(2)")) {
  EXPECT_THAT(open_udp("sender").send("x"), raised("EDESTADDRREQ"));
}

// ---- names --------------------------------------------------------------------------------------

REQUIREMENT(udp_bind, empty_host_is_any, must,
            "bound to an empty host a socket is reached at every address of the machine",
            covers("UDP-02"), man("ip(7)"), example()) {
  const auto receiver = open_udp("receiver");
  receiver.bind(0, "").result();
  const auto name = receiver.local_name();
  EXPECT_EQ(name.host, "0.0.0.0");
  for (const char* host : {"127.0.0.1", "127.0.0.2"}) {
    open_udp("sender").send_to(host, {host, name.port});
    EXPECT_EQ(receiver.receive_data(), host);
  }
}

REQUIREMENT(udp_bind, takes_the_port_asked_for, must,
            "a socket that is bound to a free port has that port", covers("UDP-02", "UDP-05"),
            man("bind(2)"), example()) {
  const auto first = bound_udp("first");
  const auto name = first.local_name();
  EXPECT_THAT(name.port, Ge(1024));
  first.close();
  const auto second = open_udp("second");
  second.bind(name.port).result();
  EXPECT_EQ(second.local_name(), name);
}

REQUIREMENT(udp_bind, port_in_use, must, "a port that another socket has fails with EADDRINUSE",
            covers("UDP-03"), man("bind(2)"), example()) {
  const auto first = bound_udp("first");
  EXPECT_THAT(open_udp("second").bind(first.local_name().port), raised("EADDRINUSE"));
}

REQUIREMENT(udp_bind, twice, must, "binding a bound socket again fails with EINVAL",
            covers("UDP-03"), man("bind(2)")) {
  EXPECT_THAT(bound_udp("socket").bind(0), raised("EINVAL"));
}

REQUIREMENT(udp_bind, different_ports_at_once, should,
            "the kernel gives each socket bound to port 0 another port", man("ip(7)")) {
  std::set<int> ports;
  for (const char* name : {"a", "b", "c", "d"}) ports.insert(bound_udp(name).local_name().port);
  EXPECT_EQ(ports.size(), 4u);
}

REQUIREMENT(udp_bind, inet6, should, "over IPv6 datagrams go to and fro as over IPv4",
            man("ipv6(7)")) {
  const auto receiver = bound_udp("receiver", "inet6");
  const auto sender = bound_udp("sender", "inet6");
  sender.send_to("six", receiver.local_name());
  const json got = receiver.receive().result();
  EXPECT_EQ(from_base64(got.at("data")), "six");
  EXPECT_EQ(to_address(got.at("address")), sender.local_name());
  EXPECT_EQ(sender.local_name().host, "::1");
}

// ---- receiving ----------------------------------------------------------------------------------

REQUIREMENT(udp_receive, tells_the_sender, must,
            "receive gives the payload and the host and port that it came from", covers("UDP-09"),
            man("recvfrom(2)"), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = bound_udp("sender");
  sender.send_to("payload", receiver.local_name());
  EXPECT_THAT(receiver.receive(), returned({{"data", to_base64("payload")},
                                            {"address", {loopback, sender.local_name().port}}}));
}

REQUIREMENT(udp_receive, an_answer_reaches_the_sender, must,
            "what is sent to the reported address reaches the sender", covers("UDP-09"),
            man("recvfrom(2)"), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  sender.send_to("question", receiver.local_name());
  receiver.send_to("answer", to_address(receiver.receive().result().at("address")));
  EXPECT_EQ(sender.receive_data(), "answer");
}

REQUIREMENT(udp_receive, cuts_to_the_limit, must,
            "of a datagram longer than the limit the rest is lost, and the next receive gives the "
            "next datagram",
            covers("UDP-10"), udp_man(), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  sender.send_to(std::string(1024, 'a') + std::string(476, 'b'), receiver.local_name());
  sender.send_to("second", receiver.local_name());
  EXPECT_EQ(receiver.receive_data(1024), std::string(1024, 'a'));
  EXPECT_EQ(receiver.receive_data(1024), "second");
}

REQUIREMENT(udp_receive, keeps_boundaries, must,
            "each datagram is one receive, however small and however many wait", covers("UDP-11"),
            udp_man(), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  for (const char* each : {"m0", "m1", "m2"}) sender.send_to(each, receiver.local_name());
  std::vector<std::string> got;
  for (int i = 0; i < 3; ++i) got.push_back(receiver.receive_data());
  EXPECT_THAT(got, ElementsAre("m0", "m1", "m2"));
  EXPECT_THAT(receiver.receive(1ms), raised("TimedOut"));
}

REQUIREMENT(udp_receive, empty_datagram, must,
            "an empty datagram arrives with its sender, and others follow it", covers("UDP-12"),
            udp_man(), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = bound_udp("sender");
  EXPECT_THAT(sender.send_to("", receiver.local_name()), returned(0));
  sender.send_to("next", receiver.local_name());
  EXPECT_THAT(receiver.receive(), returned({{"data", to_base64("")},
                                            {"address", {loopback, sender.local_name().port}}}));
  EXPECT_EQ(receiver.receive_data(), "next");
}

REQUIREMENT(udp_receive, blocks_until_a_datagram_comes, must,
            "receive without a timeout waits until a datagram comes", covers("UDP-13"), udp_man(),
            example()) {
  actor& waiter = start_other("waiter");
  const udp receiver(waiter, "receiver");
  receiver.must("open");
  receiver.bind(0).result();
  const auto name = receiver.local_name();
  pending_call receive = receiver.begin("receive_from");
  EXPECT_TRUE(receive.is_blocked());
  open_udp("sender").send_to("at last", name);
  EXPECT_EQ(from_base64(receive.finish().result().at("data")), "at last");
}

REQUIREMENT(udp_receive, timeout_passes, must,
            "receive with a timeout fails once it has passed, never before it", covers("UDP-13"),
            python_docs("socket.socket.settimeout")) {
  EXPECT_THAT(bound_udp("receiver").receive(30ms), raised("TimedOut").after(at_least(30ms)));
}

REQUIREMENT(udp_receive, usable_after_a_timeout, should,
            "after a timeout the socket receives what comes then",
            python_docs("socket.socket.settimeout")) {
  const auto receiver = bound_udp("receiver");
  EXPECT_THAT(receiver.receive(1ms), raised("TimedOut"));
  open_udp("sender").send_to("late", receiver.local_name());
  EXPECT_EQ(receiver.receive_data(), "late");
}

// ---- sizes --------------------------------------------------------------------------------------

REQUIREMENT(udp_size, largest_arrives_whole, should,
            "65,507 bytes, the largest payload over IPv4, arrive whole", covers("UDP-15"),
            rfc(768, "Fields"), man("ip(7)")) {
  const auto receiver = bound_udp("receiver");
  std::string payload(65507, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 7 + i / 256);
  EXPECT_THAT(open_udp("sender").send_to(payload, receiver.local_name()), returned(65507));
  EXPECT_TRUE(receiver.receive_data() == payload);
}

REQUIREMENT(udp_size, one_byte_more_is_refused, should,
            "65,508 bytes fail with EMSGSIZE, and nothing is sent", covers("UDP-15"), udp_man()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  EXPECT_THAT(sender.send_to(std::string(65508, 'x'), receiver.local_name()), raised("EMSGSIZE"));
  EXPECT_THAT(receiver.receive(1ms), raised("TimedOut"));
}

REQUIREMENT(udp_size, beyond_the_buffer_is_dropped, must,
            "what a receiver has no room for is dropped, and its sender sees no error",
            covers("UDP-16"), udp_man(), notes("TCP and UDP")) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  const auto to = receiver.local_name();
  const json send = {{"op", "udp.send_to"},
                     {"params",
                      {{"socket", "sender"},
                       {"data", to_base64(std::string(1024, 'x'))},
                       {"host", to.host},
                       {"port", to.port}}}};
  constexpr int sent = 2000;
  const json script =
      main_actor().call("script.run", {{"steps", {send}}, {"repeat", sent}}).result();
  for (const json& each : script.at("events")) ASSERT_EQ(each.at("result"), 1024) << each;
  int received = 0;
  while (receiver.receive(1ms).ok()) ++received;
  EXPECT_THAT(received, Ge(1));
  EXPECT_THAT(received, Lt(sent));
}

// ---- text ---------------------------------------------------------------------------------------

REQUIREMENT(udp_text, utf8_survives, must,
            "text that was encoded as UTF-8 is the same text at its receiver", covers("UDP-18"),
            rfc(3629, "3"), example()) {
  const auto receiver = bound_udp("receiver");
  const std::string text = "请输入发送的数据 – é 🙂";
  open_udp("sender").send_to(text, receiver.local_name());
  EXPECT_EQ(receiver.must("receive_text").at("text"), text);
}

REQUIREMENT(udp_text, other_bytes_are_an_error, must,
            "bytes that are no UTF-8 are a decode error, after which the socket goes on",
            covers("UDP-18"), rfc(3629, "3"), example()) {
  const auto receiver = bound_udp("receiver");
  const auto sender = open_udp("sender");
  sender.send_to("\xff\xfe", receiver.local_name());
  sender.send_to("good", receiver.local_name());
  EXPECT_THAT(receiver.call("receive_text"), raised("DecodeError"));
  EXPECT_EQ(receiver.must("receive_text").at("text"), "good");
}

// ---- the end ------------------------------------------------------------------------------------

REQUIREMENT(udp_close, ends_every_operation, must, "after close every operation fails with EBADF",
            covers("UDP-19"), man("close(2)"), example()) {
  const auto socket = bound_udp("socket");
  const auto name = socket.local_name();
  socket.close().result();
  EXPECT_THAT(socket.send_to("x", name), raised("EBADF"));
  EXPECT_THAT(socket.receive(0s), raised("EBADF"));
  EXPECT_THAT(socket.bind(0), raised("EBADF"));
  EXPECT_THAT(socket.call("local_name"), raised("EBADF"));
}

REQUIREMENT(udp_close, frees_the_port, should, "close gives the port to whoever asks next",
            man("close(2)")) {
  const auto first = bound_udp("first");
  const int port = first.local_name().port;
  first.close().result();
  EXPECT_THAT(open_udp("second").bind(port), returned());
}

REQUIREMENT(udp_listen, not_there, should,
            "a datagram socket accepts no connections: listen fails with EOPNOTSUPP",
            covers("UDP-20"), man("listen(2)")) {
  EXPECT_THAT(bound_udp("socket").call("listen"), raised("EOPNOTSUPP"));
}

}  // namespace
}  // namespace assay
