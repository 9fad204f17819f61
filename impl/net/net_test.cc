#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <system_error>

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
