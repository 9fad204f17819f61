// A server among clients that are many, slow, gone or hostile: none of them costs another anything.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <random>

#include "conformance/harness/actor.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/harness/server_testee.h"
#include "conformance/spec/probe.h"

namespace assay {
namespace {

std::int64_t resident_bytes_of_all() {
  std::int64_t sum = 0;
  for (const pid_t pid : server().pids()) sum += proc::resident_bytes(pid).value_or(0);
  return sum;
}

std::size_t descriptors_of_all() {
  std::size_t sum = 0;
  for (const pid_t pid : server().pids()) sum += proc::descriptors(pid).size();
  return sum;
}

// Some are closed a moment after the client has its answer. And a server may still start processes,
// or more of them for many clients, which is seen once; what it loses is seen each time.
void expect_none_left_open_by(const std::function<void()>& clients) {
  constexpr std::size_t some = 8;
  std::size_t before = 0;
  const auto grows = [&] {
    before = descriptors_of_all();
    clients();
    return !await([&] { return descriptors_of_all() <= before + some; });
  };
  if (grows() && grows()) {
    ADD_FAILURE() << "it holds " << descriptors_of_all() << " descriptors, and held " << before;
  }
}

// The client's own descriptors must not be what runs out.
void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

REQUIREMENT(server_pipeline, answered_in_order, must,
            "requests that come at once are answered one after the other, in their order",
            covers("SRV-15", "SRV-25"), rfc(9112, "9.3.2"),
            erratum("The notes' server answers the first of a segment's requests only.")) {
  auto client = server().connect();
  client.send(get_request("/a.txt") + get_request("/missing") + get_request("/ten.txt") +
              get_request("/empty.txt") + get_request("/style.css", "Connection: close\r\n"));
  for (const char* name : {"a.txt", "", "ten.txt", "empty.txt", "style.css"}) {
    const auto response = client.read_response();
    EXPECT_EQ(response.status, *name == '\0' ? 404 : 200) << name;
    if (*name != '\0') {
      EXPECT_EQ(response.body, site_file(name));
    }
  }
  EXPECT_TRUE(client.is_closed_by_peer());
}

REQUIREMENT(server_pipeline, hundred_requests, should,
            "a hundred requests sent at once get a hundred responses", rfc(9112, "9.3.2")) {
  auto client = server().connect();
  std::string all;
  for (int i = 0; i < 100; ++i) all += get_request(i % 2 == 0 ? "/a.txt" : "/ten.txt");
  client.send(all);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.read_response().body, site_file(i % 2 == 0 ? "a.txt" : "ten.txt")) << i;
  }
}

REQUIREMENT(server_segments, two_pieces, must,
            "a request in two segments, cut anywhere, is one request", covers("SRV-13"),
            rfc(9112, "2.2"),
            erratum("The notes' server takes each segment for a request and dies of most.")) {
  const std::string request = get_request("/a.txt", "X-A: b\r\n");
  for (std::size_t at = 1; at < request.size(); at += 3) {
    auto client = server().connect();
    client.send_pieces(
        {std::string_view(request).substr(0, at), std::string_view(request).substr(at)});
    ASSERT_EQ(client.read_response().body, site_file("a.txt")) << "cut at " << at;
  }
}

REQUIREMENT(server_segments, byte_by_byte, must, "so is one that comes byte by byte",
            covers("SRV-13"), rfc(9112, "2.2")) {
  const std::string request = get_request("/a.txt");
  std::vector<std::string_view> pieces;
  for (std::size_t i = 0; i < request.size(); ++i)
    pieces.push_back(std::string_view(request).substr(i, 1));
  auto client = server().connect();
  client.send_pieces(pieces);
  EXPECT_EQ(client.read_response().body, site_file("a.txt"));
}

REQUIREMENT(server_clients, leaving, must,
            "a client that leaves, before, within or after a request, costs the others nothing",
            covers("SRV-10", "SRV-16"), man("close(2)"),
            erratum("On Python 3.9 and later the notes' server dies at the first client that "
                    "disconnects: it closes the descriptor before it unregisters it.")) {
  const std::string request = get_request("/a.txt");
  for (const std::size_t sent : {std::size_t{0}, std::size_t{7}, request.size()}) {
    auto client = server().connect();
    client.send(std::string_view(request).substr(0, sent));
    if (sent == request.size()) client.read_response();
    client.close();
    expect_served();
  }
}

REQUIREMENT(server_clients, half_close, should,
            "a client that ends its side after a request still gets its response, then the end",
            covers("SRV-11"), rfc(9112, "9.6"),
            erratum("The notes' server dies of it as of any disconnect.")) {
  auto client = server().connect();
  client.send_last(get_request("/a.txt"));
  EXPECT_EQ(client.read_response().body, site_file("a.txt"));
  EXPECT_TRUE(client.is_closed_by_peer());
  expect_served();
}

REQUIREMENT(server_clients, reset_does_not_spin, must,
            "connections that are reset leave nothing that takes processor time", covers("SRV-12"),
            man("epoll_ctl(2)"),
            erratum("EPOLLIN|EPOLLERR|EPOLLHUP fits neither branch of the notes' loop, which then "
                    "spins for ever.")) {
  for (int i = 0; i < 20; ++i) {
    auto client = connect_in_turn();
    if (i % 2 == 0) client.send("GET /a.txt HT");
    client.reset();
  }
  expect_served();
  expect_idle();
}

REQUIREMENT(server_clients, reset_within_a_response, must,
            "a client that resets within a large response costs the others nothing",
            rfc(9112, "9.6")) {
  for (int i = 0; i < 5; ++i) {
    auto client = http_connection::open(server().port(), 4096);
    client.send(get_request("/large.bin"));
    client.read_some(1000);
    client.reset();
  }
  expect_served();
}

REQUIREMENT(server_clients, broken_off_downloads_leave_nothing_open, must,
            "after a hundred clients that left within a large response it holds no more "
            "descriptors than before",
            man("close(2)")) {
  expect_served();
  expect_none_left_open_by([] {
    for (int i = 0; i < 100; ++i) {
      auto client = http_connection::open(server().port(), 4096);
      client.send(get_request("/large.bin"));
      client.read_some(100);
    }
    expect_served();
  });
}

REQUIREMENT(server_conditional, leaves_nothing_open, must,
            "after a hundred conditional requests it holds no more descriptors than before",
            man("close(2)"), rfc(9110, "15.4.5")) {
  const auto whole = get(server(), "/ten.txt", "");
  const auto tag = whole.header("ETag");
  const std::string condition =
      tag ? "If-None-Match: " + *tag
          : "If-Modified-Since: " + whole.header("Last-Modified").value_or("never");
  expect_none_left_open_by([&condition] {
    for (int i = 0; i < 100; ++i) get(server(), "/ten.txt", condition + "\r\n");
  });
}

REQUIREMENT(server_clients, slow_reader_delays_nobody, must,
            "clients that do not read their 100 MiB delay nobody else", covers("SRV-22", "SRV-31"),
            rfc(9112, "9.4"), erratum("The notes' server blocks in send, and everybody waits.")) {
  std::vector<http_connection> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(http_connection::open(server().port(), 4096));
    slow.back().send(get_request("/large.bin"));
    slow.back().read_some(100);
  }
  for (int i = 0; i < 5; ++i) expect_served();
}

REQUIREMENT(server_clients, slow_reader_costs_bounded_memory, must,
            "ten clients that do not read 100 MiB cost the server less than 64 MiB",
            man("sendfile(2)")) {
  expect_served();
  const auto before = resident_bytes_of_all();
  std::vector<http_connection> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(http_connection::open(server().port(), 4096));
    slow.back().send(get_request("/large.bin"));
    slow.back().read_some(100);
  }
  expect_served();
  EXPECT_LT(resident_bytes_of_all() - before, std::int64_t{64} << 20);
}

REQUIREMENT(server_clients, slow_writers_delay_nobody, must,
            "200 clients that have sent half a request delay nobody else", covers("SRV-23"),
            rfc(9112, "9.5")) {
  auto slow = connect_many(server(), 200, "GET /a.txt HTTP/1.1\r\nHost: local");
  for (int i = 0; i < 5; ++i) expect_served();
  slow.front().send("host\r\n\r\n");
  EXPECT_EQ(slow.front().read_response().body, site_file("a.txt"));
}

REQUIREMENT(server_clients, thousand_at_once, must, "a thousand clients at once are all served",
            covers("SRV-23"), man("listen(2)")) {
  allow_many_descriptors();
  auto clients = connect_many(server(), 1000);
  for (auto& client : clients) client.send(get_request("/a.txt"));
  int served = 0;
  for (auto& client : clients) {
    ASSERT_EQ(client.read_response().body, site_file("a.txt")) << "after " << served << " clients";
    ++served;
  }
  EXPECT_EQ(served, 1000);
}

REQUIREMENT(server_clients, descriptor_exhaustion_survived, must,
            "a server out of descriptors serves again once clients have left", man("accept(2)")) {
  auto own = start_server({.descriptor_limit = 40});
  {
    const auto clients = connect_many(own, 80, "GET /a.txt HTTP/1.1\r\nHost: local");
    // Until the kernel shows that it has taken all that it can, or that it takes fewer by itself.
    const auto is_full = [&own] {
      std::size_t most = 0;
      for (pid_t each : own.pids()) most = std::max(most, proc::descriptors(each).size());
      return most == 0 || most >= 40;
    };
    await(is_full, 500ms);
  }
  ASSERT_TRUE(own.is_running());
  // It may take a moment until it has noticed that they left.
  int status = 0;
  for (patience left(scaled(2s)); status != 200 && !left.is_over();) {
    try {
      auto client = own.connect();
      client.send(get_request("/a.txt"));
      status = client.read_response(false, 10s).status;
    } catch (const http_failure&) {
      status = 0;
    }
  }
  EXPECT_EQ(status, 200);
}

REQUIREMENT(server_clients, noise_survived, must,
            "two hundred connections of random bytes leave it serving", covers("SRV-16"),
            rfc(9112, "2.2"),
            erratum("Of a blank line, a missing slash or bad UTF-8 the notes' server dies.")) {
  std::mt19937 random(20240229);
  patience left(scaled(5s));
  for (int i = 0; i < 200; ++i) {
    ASSERT_FALSE(left.is_over()) << "after " << i << " connections";
    std::string noise;
    for (auto size = random() % 200; noise.size() < size;) {
      noise += static_cast<char>(random() % 256);
    }
    auto client = connect_in_turn();
    client.send(noise + "\r\n\r\n");
  }
  expect_served();
}

}  // namespace
}  // namespace assay
