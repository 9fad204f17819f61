#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "impl/net/tcp_socket.h"
#include "impl/net/udp_socket.h"

namespace ref {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

template <typename Call>
int error_of(Call call) {
  try {
    call();
    return 0;
  } catch (const std::system_error& failure) {
    return failure.code().value();
  }
}

udp_socket bound_udp(family of = family::inet) {
  udp_socket made(of);
  made.bind(of == family::inet ? "127.0.0.1" : "::1", 0);
  return made;
}

TEST(udp_socket, says_who_sent) {
  udp_socket receiver = bound_udp();
  udp_socket sender = bound_udp();
  sender.send_to("hello", receiver.local_name());
  const datagram got = receiver.receive_from(1500, deadline::in(5s));
  EXPECT_EQ(got.data, "hello");
  EXPECT_EQ(got.from.port(), sender.local_name().port());
  EXPECT_EQ(got.from.host(), "127.0.0.1");
}

TEST(udp_socket, tells_of_truncation) {
  udp_socket receiver = bound_udp();
  udp_socket().send_to("hello", receiver.local_name());
  const datagram got = receiver.receive_from(3, deadline::in(5s));
  EXPECT_EQ(got.data, "hel");
  EXPECT_TRUE(got.truncated);
}

// Everything that arrives until so many have.
std::vector<std::string> receive_all(udp_socket& receiver, std::size_t count) {
  std::vector<std::string> all;
  datagram_batch batch(8, 2048);
  while (all.size() < count) {
    receiver.receive(batch, deadline::in(5s));
    for (std::size_t i = 0; i < batch.size(); ++i) all.emplace_back(batch.data(i));
  }
  return all;
}

TEST(datagram_batch, arrives_as_the_same_datagrams_in_order) {
  for (const family of : {family::inet, family::inet6}) {
    udp_socket receiver = bound_udp(of);
    udp_socket sender(of);
    datagram_batch batch;
    std::vector<std::string> sent;
    // Rows of equal ones, others between, empty ones, and a row that is longer than one piece.
    for (const std::size_t size : {3, 3, 3, 0, 0, 5, 3, 1400, 1400, 2, 2}) {
      sent.push_back(std::string(size, static_cast<char>('a' + sent.size())));
      batch.add(sent.back(), receiver.local_name());
    }
    sender.send(batch);
    EXPECT_EQ(receive_all(receiver, sent.size()), sent);
  }
}

TEST(datagram_batch, of_one_socket_may_go_to_several) {
  udp_socket first = bound_udp();
  udp_socket second = bound_udp();
  datagram_batch batch;
  for (const char* each : {"a", "b", "c", "d"}) {
    batch.add(each, (*each < 'c' ? first : second).local_name());
  }
  udp_socket().send(batch);
  EXPECT_THAT(receive_all(first, 2), ElementsAre("a", "b"));
  EXPECT_THAT(receive_all(second, 2), ElementsAre("c", "d"));
}

TEST(datagram_batch, goes_back_to_its_senders) {
  udp_socket server = bound_udp();
  udp_socket client = bound_udp();
  for (const char* each : {"one", "two", "six"}) client.send_to(each, server.local_name());
  datagram_batch batch;
  for (std::size_t done = 0; done < 3; done += batch.size()) {
    server.receive(batch, deadline::in(5s));
    for (std::size_t i = 0; i < batch.size(); ++i) {
      EXPECT_EQ(batch.address(i).port(), client.local_name().port());
      *batch.bytes(i) = '-';
    }
    server.send(batch);
  }
  EXPECT_THAT(receive_all(client, 3), ElementsAre("-ne", "-wo", "-ix"));
}

TEST(datagram_batch, of_more_than_a_piece_holds_arrives_whole) {
  udp_socket receiver = bound_udp();
  datagram_batch batch(100, 16);
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::to_string(1000 + i));
    batch.add(sent.back(), receiver.local_name());
  }
  udp_socket().send(batch);
  EXPECT_EQ(receive_all(receiver, 100), sent);
}

TEST(datagram_batch, that_no_packet_takes_whole_is_sent_one_by_one) {
  udp_socket receiver = bound_udp();
  datagram_batch batch(2, 65507);
  // As long as a datagram can be: two of them make no piece that IP could carry.
  const std::string longest(65507, 'x');
  batch.add(longest, receiver.local_name());
  batch.add(longest, receiver.local_name());
  udp_socket().send(batch);
  datagram_batch got(1, 65507);
  for (int i = 0; i < 2; ++i) {
    receiver.receive(got, deadline::in(5s));
    EXPECT_EQ(got.data(0), longest);
  }
}

TEST(datagram_batch, tells_of_truncation_and_is_used_again) {
  udp_socket receiver = bound_udp();
  datagram_batch batch(4, 3);
  udp_socket().send_to("hello", receiver.local_name());
  EXPECT_EQ(receiver.receive(batch, deadline::in(5s)), 1u);
  EXPECT_EQ(batch.data(0), "hel");
  EXPECT_TRUE(batch.truncated(0));
  udp_socket().send_to("hi", receiver.local_name());
  EXPECT_EQ(receiver.receive(batch, deadline::in(5s)), 1u);
  EXPECT_EQ(batch.data(0), "hi");
  EXPECT_FALSE(batch.truncated(0));
}

TEST(datagram_batch, takes_no_more_than_it_has_room_for) {
  datagram_batch batch(1, 3);
  const socket_address anywhere = bound_udp().local_name();
  EXPECT_THROW(batch.add("four", anywhere), std::length_error);
  batch.add("abc", anywhere);
  EXPECT_TRUE(batch.is_full());
  EXPECT_THROW(batch.add("a", anywhere), std::length_error);
  EXPECT_EQ(batch.size(), 1u);
}

TEST(datagram_batch, that_is_not_wanted_says_so) {
  udp_socket gone = bound_udp();
  const socket_address there = gone.local_name();
  gone.close();
  udp_socket sender;
  sender.connect(there);
  datagram_batch batch;
  batch.add("a", there);
  batch.add("b", there);
  EXPECT_EQ(error_of([&] {
              sender.send(batch);
              sender.send(batch);
            }),
            ECONNREFUSED);
}

TEST(datagram_batch, waits_no_longer_than_allowed) {
  datagram_batch batch;
  EXPECT_THROW(bound_udp().receive(batch, deadline::in(1ms)), timed_out);
}

TEST(udp_socket, sends_and_receives_many) {
  udp_socket receiver = bound_udp();
  udp_socket().send_many({"a", "", "ccc"}, receiver.local_name());
  std::vector<std::string> all;
  while (all.size() < 3) {
    for (datagram& each : receiver.receive_many(10, 2, deadline::in(5s))) {
      EXPECT_EQ(each.truncated, each.data == "cc");
      all.push_back(std::move(each.data));
    }
  }
  EXPECT_THAT(all, ElementsAre("a", "", "cc"));
}

TEST(udp_socket, sends_more_than_one_batch) {
  udp_socket receiver = bound_udp();
  udp_socket().send_many(std::vector<std::string_view>(150, "x"), receiver.local_name());
  std::size_t count = 0;
  while (count < 150) count += receiver.receive_many(100, 16, deadline::in(5s)).size();
  EXPECT_EQ(count, 150u);
}

TEST(udp_socket, gives_up_at_its_deadline) {
  udp_socket receiver = bound_udp();
  EXPECT_THROW(receiver.receive_from(10, deadline::in(10ms)), timed_out);
}

TEST(udp_socket, refuses_ports_and_names) {
  EXPECT_THROW(resolve(family::inet, "127.0.0.1", 65536), std::out_of_range);
  EXPECT_THROW(resolve(family::inet, "::1", 1), resolution_error);
}

TEST(tcp_socket, carries_a_stream_to_its_end) {
  tcp_listener listener("127.0.0.1", 0);
  tcp_socket client;
  client.connect(listener.local_name());
  accepted served = listener.accept(deadline::in(5s));
  EXPECT_EQ(served.from.port(), client.local_name().port());
  client.send_all("hello");
  client.shutdown(direction::write);
  EXPECT_EQ(served.socket.receive(), "hello");
  EXPECT_EQ(served.socket.receive(), "");
  served.socket.send_all("answer");
  EXPECT_EQ(client.receive(), "answer");
}

TEST(tcp_socket, is_refused) {
  tcp_socket bound;
  bound.bind(resolve(family::inet, "127.0.0.1", 0));
  EXPECT_EQ(error_of([&] { tcp_socket().connect(bound.local_name()); }), ECONNREFUSED);
}

TEST(tcp_socket, connects_once) {
  tcp_listener listener("127.0.0.1", 0);
  tcp_socket client;
  client.connect(listener.local_name());
  EXPECT_EQ(error_of([&] { client.connect(listener.local_name()); }), EISCONN);
}

TEST(tcp_socket, reports_a_reset) {
  tcp_listener listener("::1", 0, family::inet6);
  tcp_socket client(family::inet6);
  client.connect(listener.local_name());
  listener.accept().socket.reset();
  EXPECT_EQ(error_of([&] { client.receive(); }), ECONNRESET);
}

TEST(tcp_socket, does_not_wait_when_it_may_not_block) {
  tcp_listener listener("127.0.0.1", 0);
  tcp_socket client;
  client.connect(listener.local_name());
  client.set_blocking(false);
  EXPECT_EQ(error_of([&] { client.receive(); }), EAGAIN);
}

TEST(tcp_socket, fails_once_closed) {
  tcp_socket socket;
  socket.close();
  EXPECT_EQ(error_of([&] { socket.receive(); }), EBADF);
}

}  // namespace
}  // namespace ref
