// Area tcp: what a connection carries and how it ends, over loopback.
#include "conformance/harness/matchers.h"
#include "conformance/harness/other_actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/net_steps.h"

namespace assay {
namespace {

using ::testing::AnyOf;
using ::testing::IsEmpty;
using ::testing::Not;

source tcp_man() { return man("tcp(7)"); }
source remarks() { return notes("TCP, remarks"); }

// ---- the stream ---------------------------------------------------------------------------------

REQUIREMENT(tcp_stream, has_no_boundaries, must,
            "what two sends put into the stream one receive takes", covers("TCP-31"), tcp_man(),
            rfc(9293, "3.8")) {
  const auto [listener, client, served] = connected_tcp();
  client.send_all("hello ");
  client.send_all("world");
  client.shutdown("write").result();
  served.must("poll", {{"events", {"read"}}});
  EXPECT_EQ(served.receive_exactly(100), "hello world");
}

REQUIREMENT(tcp_stream, keeps_what_was_not_asked_for, must,
            "receive takes at most its limit and leaves the rest for the next", covers("TCP-31"),
            man("recv(2)")) {
  const auto [listener, client, served] = connected_tcp();
  client.send_all(std::string(1024, 'a') + std::string(976, 'b'));
  client.shutdown("write").result();
  EXPECT_EQ(served.receive_exactly(1024), std::string(1024, 'a'));
  EXPECT_EQ(served.receive_exactly(1024), std::string(976, 'b'));
}

REQUIREMENT(tcp_stream, receive_blocks, must, "receive waits until something comes",
            covers("TCP-36"), man("recv(2)"), notes("TCP")) {
  const auto [listener, client, served] = connected_tcp();
  actor& other = start_other("other");  // it has the sockets, too
  pending_call receive = served.begin("receive");
  EXPECT_TRUE(receive.is_blocked());
  tcp(other, "client").send_all("at last");
  EXPECT_THAT(receive.finish(), returned(to_base64("at last")));
}

REQUIREMENT(tcp_stream, receive_timeout_passes, must,
            "receive with a timeout fails once it has passed, never before it, and the connection "
            "goes on",
            covers("TCP-36"), python_docs("socket.socket.settimeout")) {
  const auto [listener, client, served] = connected_tcp();
  EXPECT_THAT(served.receive(30ms), raised("TimedOut").after(at_least(30ms)));
  client.send_all("later");
  EXPECT_EQ(served.receive_exactly(5), "later");
}

REQUIREMENT(tcp_stream, non_blocking_receive_does_not_wait, must,
            "a socket that may not block raises EAGAIN where nothing is there", man("recv(2)"),
            python_docs("socket.socket.setblocking")) {
  const auto [listener, client, served] = connected_tcp();
  served.must("set_blocking", {{"blocking", false}});
  EXPECT_THAT(served.receive(std::nullopt), raised("EAGAIN").after(at_once()));
}

REQUIREMENT(tcp_stream, zero_limit_is_no_end, should,
            "a receive of no bytes gives no bytes on a live connection, and is no end of it",
            covers("TCP-24"), man("recv(2)"),
            erratum("The notes tell a client that left by a receive of no bytes. A receive with a "
                    "limit of 0 gives none, either, on a live connection.")) {
  const auto [listener, client, served] = connected_tcp();
  client.send_all("x");
  EXPECT_THAT(served.receive(5s, 0), returned(to_base64("")));
  EXPECT_EQ(served.receive_data(), "x");
}

void send_a_stream(bool from_client, int bytes, int piece, int limit) {
  const auto [listener, client, served] = connected_tcp();
  actor& other = start_other("other");
  const tcp sender(other, from_client ? "client" : "served");
  const tcp& receiver = from_client ? served : client;
  pending_call send = sender.begin("send_stream", {{"bytes", bytes}, {"piece", piece}});
  const json expected = sum_of_stream(static_cast<std::size_t>(bytes));
  EXPECT_EQ(receiver.must("receive_stream", {{"limit", bytes}, {"piece", limit}}), expected);
  EXPECT_THAT(send.finish(), returned(expected));
}

REQUIREMENT(tcp_stream, sixty_four_mebibytes_arrive, must,
            "64 MiB sent in pieces of an odd size arrive in order, complete and once",
            covers("TCP-25"), rfc(9293, "2.2"), notes("TCP and UDP")) {
  send_a_stream(true, 64 << 20, 30'011, 65'537);
}

REQUIREMENT(tcp_stream, arrives_the_other_way, must,
            "what the server sends arrives as the client's does: in order, complete and once",
            covers("TCP-25"), rfc(9293, "2.2"), notes("TCP and UDP")) {
  send_a_stream(false, 16 << 20, 65'521, 4'099);
}

REQUIREMENT(tcp_stream, tiny_pieces_arrive, should,
            "bytes sent one at a time arrive in order, complete and once", covers("TCP-25"),
            rfc(9293, "2.2")) {
  send_a_stream(true, 10'000, 1, 7);
}

// ---- flow control -------------------------------------------------------------------------------

REQUIREMENT(tcp_flow, stops_a_sender_that_may_not_block, must,
            "a sender whose peer does not read gets EAGAIN after a bounded number of bytes",
            covers("TCP-29"), rfc(9293, "3.8.6"), notes("TCP and UDP")) {
  const auto [listener, client, served] = connected_tcp();
  client.must("set_blocking", {{"blocking", false}});
  const std::string piece(1 << 20, 'x');
  outcome last = client.send(piece);
  for (int i = 0; i < 64 && last.ok(); ++i) last = client.send(piece);
  EXPECT_THAT(last, raised("EAGAIN"));
}

REQUIREMENT(tcp_flow, lets_the_sender_go_on, must,
            "a sender that waits because its peer does not read goes on once the peer reads",
            covers("TCP-29"), rfc(9293, "3.8.6"), notes("TCP and UDP")) {
  const auto [listener, client, served] = connected_tcp();
  actor& other = start_other("other");
  constexpr int bytes = 16 << 20;
  pending_call send =
      tcp(other, "client").begin("send_stream", {{"bytes", bytes}, {"piece", 65'521}});
  EXPECT_TRUE(send.is_blocked());
  EXPECT_EQ(served.must("receive_stream", {{"limit", bytes}, {"piece", 1 << 20}}),
            sum_of_stream(bytes));
  EXPECT_THAT(send.finish(), returned());
}

REQUIREMENT(tcp_flow, has_congestion_control, may,
            "a connection names the algorithm of its congestion control", covers("TCP-30"),
            tcp_man(), rfc(5681, "3"),
            erratum("The notes speak of blocking management. It is congestion control, and which "
                    "one is the kernel's choice.")) {
  const auto [listener, client, served] = connected_tcp();
  EXPECT_THAT(client.option("congestion").get<std::string>(), Not(IsEmpty()));
  EXPECT_THAT(client.set_option("congestion", "reno"), returned());
  EXPECT_EQ(client.option("congestion"), "reno");
}

// ---- the end ------------------------------------------------------------------------------------

REQUIREMENT(tcp_end, empty_receive, must,
            "once the peer has closed, receive returns no bytes, again and again", covers("TCP-19"),
            man("recv(2)"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  client.close().result();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(served.receive_data(), "");
}

REQUIREMENT(tcp_end, wakes_a_receive, must,
            "a receive that waits returns no bytes when the peer closes", covers("TCP-19"),
            man("recv(2)"), remarks()) {
  const auto listener = listening_tcp("listener");
  actor& other = start_other("other");
  const auto client = open_tcp("client", "inet", &other);
  client.connect(listener.local_name()).result();
  const auto served = listener.accept("served");
  pending_call receive = served.begin("receive");
  EXPECT_TRUE(receive.is_blocked());
  client.close().result();
  EXPECT_THAT(receive.finish(), returned(to_base64("")));
}

REQUIREMENT(tcp_end, after_all_that_was_sent, must,
            "what was sent before close is received before the end", covers("TCP-23"),
            rfc(9293, "3.6"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  client.send_all("ab");
  client.close().result();
  EXPECT_EQ(served.receive_exactly(2), "ab");
  EXPECT_EQ(served.receive_data(), "");
}

REQUIREMENT(tcp_end, half_close_leaves_the_other_half, must,
            "after a shutdown for writing the peer receives the end and can still send",
            covers("TCP-20"), man("shutdown(2)"), remarks(),
            erratum("The notes take a receive of no bytes for a client that went offline. A client "
                    "that has only finished sending still received the reply.")) {
  const auto [listener, client, served] = connected_tcp();
  client.shutdown("write").result();
  EXPECT_EQ(served.receive_data(), "");
  served.send_all("reply");
  EXPECT_EQ(client.receive_exactly(5), "reply");
  EXPECT_THAT(client.send("x"), raised("EPIPE"));
}

REQUIREMENT(tcp_end, reset_is_an_error, must,
            "a peer that closes by a reset makes receive fail with ECONNRESET", covers("TCP-21"),
            man("socket(7)"), remarks(),
            erratum("The notes say that receive returns no bytes when the client closes. After a "
                    "reset it raised ECONNRESET.")) {
  const auto [listener, client, served] = connected_tcp();
  client.must("reset");
  EXPECT_THAT(served.receive(), raised("ECONNRESET"));
}

REQUIREMENT(tcp_end, unread_data_makes_it_a_reset, must,
            "a peer that closes without having read all makes receive fail with ECONNRESET",
            covers("TCP-21"), rfc(2525, "2.17"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  served.send_all("unread");
  client.must("poll", {{"events", {"read"}}});
  client.close().result();
  EXPECT_THAT(served.receive(), raised("ECONNRESET"));
}

REQUIREMENT(tcp_end, waits_for_the_last_copy, should,
            "the peer sees the end only when the last process that has the socket closes it",
            covers("TCP-22"), man("close(2)"), man("fork(2)")) {
  const auto [listener, client, served] = connected_tcp();
  actor& child = main_actor().start_process("child");
  client.close().result();
  EXPECT_THAT(served.receive(30ms), raised("TimedOut"));
  tcp(child, "client").close().result();
  EXPECT_EQ(served.receive_data(), "");
}

REQUIREMENT(tcp_end, of_one_client_alone, must,
            "closing an accepted socket ends that client's service; others and the listening "
            "socket go on",
            covers("TCP-17"), tcp_man(), remarks()) {
  const auto [listener, first, first_served] = connected_tcp();
  const auto second = open_tcp("second");
  second.connect(listener.local_name()).result();
  const auto second_served = listener.accept("second served");
  first_served.close().result();
  EXPECT_EQ(first.receive_data(), "");
  second.send_all("here");
  EXPECT_EQ(second_served.receive_exactly(4), "here");
  const auto third = open_tcp("third");
  EXPECT_THAT(third.connect(listener.local_name()), returned());
  EXPECT_EQ(listener.accept("third served").peer_name(), third.local_name());
}

REQUIREMENT(tcp_end, sending_on_fails_without_a_signal, must,
            "sending to a peer that closed fails with EPIPE or ECONNRESET, the first time or a "
            "later one, and does not end the process",
            covers("TCP-18"), man("send(2)"), remarks()) {
  const auto [listener, client, served] = connected_tcp();
  client.close().result();
  EXPECT_EQ(served.receive_data(), "");
  outcome last = served.send("x");
  for (int i = 0; i < 3 && last.ok(); ++i) {
    served.must("poll", {{"events", {"read"}}});
    last = served.send("x");
  }
  EXPECT_THAT(last.error_type(), AnyOf("EPIPE", "ECONNRESET"));
  EXPECT_THAT(main_actor().call("process.self"), returned());
}

REQUIREMENT(tcp_end, closed_socket_does_nothing, must,
            "after close every operation fails with EBADF", man("close(2)")) {
  const auto [listener, client, served] = connected_tcp();
  client.close().result();
  EXPECT_THAT(client.send("x"), raised("EBADF"));
  EXPECT_THAT(client.receive(0s), raised("EBADF"));
  EXPECT_THAT(client.call("local_name"), raised("EBADF"));
}

}  // namespace
}  // namespace assay
