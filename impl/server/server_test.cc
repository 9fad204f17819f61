// The server as an object: in a thread, at a port that the kernel picks.
#include "impl/server/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "impl/server/test_client.h"
#include "impl/server/test_folder.h"

namespace ref::server {
namespace {

using namespace std::chrono_literals;
using testing::connect_error;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::open_descriptors;
using ::testing::StartsWith;
using testing::test_client;
using testing::test_folder;

constexpr std::size_t huge = 64 << 20;  // more than sockets hold

class Server : public ::testing::Test {
 protected:
  Server() {
    chosen_.host = "127.0.0.1";
    chosen_.root = place_.root();
    place_.write("index.html", "index");
    place_.write("a.txt", "a text\n");
    place_.write("huge", "");
    check(::truncate(place_.at("huge").c_str(), huge), "truncate");
  }
  ~Server() override { stop(); }

  std::uint16_t start() {
    server_.emplace(chosen_);
    thread_ = std::thread([this] { server_->run(); });
    return server_->port();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  void stop() {
    if (server_) server_->stop();
    join();
    server_.reset();
  }

  int error_of_start() const {
    try {
      server made(chosen_);
      return 0;
    } catch (const std::system_error& failure) {
      return failure.code().value();
    }
  }

  test_folder place_;
  options chosen_;
  std::optional<server> server_;
  std::thread thread_;
};

TEST_F(Server, ServesFiles) {
  test_client client(start());
  client.get("/");
  EXPECT_THAT(client.head(), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(client.until("index"), "index");
  client.get("/a.txt");
  EXPECT_THAT(client.head(), HasSubstr("\r\nContent-Length: 7\r\n"));
  EXPECT_EQ(client.until("\n"), "a text\n");
  client.get("/a.txt", "Range: bytes=2-3\r\nConnection: close\r\n");
  EXPECT_THAT(client.head(), StartsWith("HTTP/1.1 206 Partial Content\r\n"));
  EXPECT_EQ(client.rest(), "te");
}

TEST_F(Server, AnswersErrors) {
  const std::uint16_t port = start();
  struct row {
    const char* target;
    const char* status;
  };
  const row rows[] = {
      {"/none", "404"},         {"/../a.txt", "400"},   {"/%2e%2e/a.txt", "400"},
      {"/a.txt%00", "400"},     {"/a.txt#part", "400"}, {"/%zz", "400"},
      {"/a.txt/", "404"},       {"a.txt", "400"},       {"*", "400"},
      {"http://h/none", "404"}, {"//a.txt", "200"},     {"http://h/a.txt?b", "200"},
  };
  for (const row& each : rows) {
    test_client client(port);
    client.get(each.target, "Connection: close\r\n");
    EXPECT_THAT(client.rest(), StartsWith(std::string("HTTP/1.1 ") + each.status)) << each.target;
  }
  test_client client(port);
  client.get("/" + std::string(5000, 'x'), "Connection: close\r\n");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 404")) << "longer than any path";
}

TEST_F(Server, AnswersInOrder) {
  test_client client(start());
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += i % 2 == 0 ? "GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n"
                      : "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.head(), HasSubstr("Content-Length: 7\r\n"));
    EXPECT_EQ(client.until("\n"), "a text\n");
    EXPECT_THAT(client.head(), HasSubstr("Content-Length: 5\r\n"));
  }
}

// Answers that are kept must not outlive their file, and are sent in pieces where a client is slow.
TEST_F(Server, ServesAChangedFile) {
  test_client client(start());
  for (const char* text : {"one", "two", "three"}) {
    place_.write("a.txt", std::string(text) + "\n");
    for (int again = 0; again < 2; ++again) {
      client.get("/a.txt");
      client.head();
      EXPECT_EQ(client.until("\n"), std::string(text) + "\n");
    }
  }
}

// The same bytes again are answered without a look at what they say; all else is.
TEST_F(Server, AnswersRepeatedRequests) {
  const std::uint16_t port = start();
  const std::string plain = "GET /a.txt HTTP/1.1\r\nHost: h\r\n\r\n";
  test_client one(port);
  one.send(plain + plain + "GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=2-3\r\n\r\n" + plain +
           "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + plain);
  const std::string all = one.rest();
  std::vector<std::string> bodies;
  for (std::size_t at = 0; (at = all.find("\r\n\r\n", at)) != all.npos;) {
    at += 4;
    bodies.push_back(all.substr(at, all.find("HTTP/1.1", at) - at));
  }
  EXPECT_THAT(bodies, ElementsAre("a text\n", "a text\n", "te", "a text\n", "a text\n"))
      << "and none behind the close";

  test_client other(port);
  for (const char* now : {"changed\n", "once more\n"}) {
    place_.write("a.txt", now);
    for (int i = 0; i < 3; ++i) {
      other.send(plain.substr(0, 20));
      other.send(plain.substr(20) + plain);
      for (int j = 0; j < 2; ++j) {
        other.head();
        EXPECT_EQ(other.until("\n"), now);
      }
    }
  }
  std::filesystem::remove(place_.at("a.txt"));
  other.send(plain);
  EXPECT_THAT(other.head(), StartsWith("HTTP/1.1 404"));
}

TEST_F(Server, GoesOnWithAKeptAnswer) {
  constexpr int count = 1000;  // more than the sockets take
  const std::string content = std::string(16'000, 'x') + "\n";
  place_.write("kept", content);
  test_client client(start());
  for (int i = 0; i < count; ++i) client.get("/kept");
  for (int i = 0; i < count; ++i) {
    ASSERT_THAT(client.head(), StartsWith("HTTP/1.1 200 OK\r\n")) << i;
    ASSERT_EQ(client.until("\n"), content) << i;
  }
}

// Events come once. What one read does not take, and the end behind it, is found without another.
TEST_F(Server, ReadsAllThatOneEventTellsOf) {
  const std::uint16_t port = start();
  constexpr int count = 5000;
  std::string all;
  for (int i = 0; i < count; ++i) all += "HEAD /a.txt HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(all.size(), 2u * 64 * 1024) << "more than two reads take";
  test_client client(port);
  std::thread sender([&] {
    client.send(all);
    client.end();
  });
  const std::string answers = client.rest();
  sender.join();
  int heads = 0;
  for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200 OK", at)) != answers.npos; ++at) {
    ++heads;
  }
  EXPECT_EQ(heads, count);

  test_client ended(port);
  ended.end();
  EXPECT_EQ(ended.rest(), "");
  test_client one(port);
  one.get("/a.txt");
  one.end();
  EXPECT_THAT(one.rest(), EndsWith("a text\n"));
}

TEST_F(Server, SendsALargeFileAndGoesOn) {
  test_client client(start());
  client.get("/huge");
  client.get("/a.txt", "Connection: close\r\n");
  client.head();
  const std::string got = client.rest();
  ASSERT_GT(got.size(), huge);
  EXPECT_THAT(got.substr(huge), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(got.substr(huge), EndsWith("\r\n\r\na text\n"));
}

// Who takes as fast as the server sends, which is easy for one that looks at nothing, never fills
// its socket. Another's answer must not wait until that one has all.
TEST_F(Server, ServesOthersBesideAFastReader) {
  const std::uint16_t port = start();
  test_client other(port);
  test_client fast(port);
  constexpr std::size_t files = 16;
  for (std::size_t i = 0; i < files; ++i) fast.get("/huge");
  // At first the sockets are small.
  for (std::size_t taken = 0; taken < files / 4 * huge;) taken += fast.discard();
  for (int round = 0; round < 4; ++round) {
    other.get("/a.txt");
    std::size_t taken = 0;
    while (!other.has_some() && taken < 2 * huge) taken += fast.discard();
    EXPECT_LT(taken, huge) << round;
    EXPECT_THAT(other.until("a text\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

// A length was promised: a shorter answer can only be told by the end of the connection.
TEST_F(Server, EndsWhereAFileShrinks) {
  const std::uint16_t port = start();
  test_client client(port);
  client.get("/huge");
  EXPECT_THAT(client.head(), HasSubstr("Content-Length: " + std::to_string(huge)));
  check(::truncate(place_.at("huge").c_str(), 5), "truncate");
  EXPECT_LT(client.rest().size(), huge);
  test_client next(port);
  next.get("/huge", "Connection: close\r\n");
  EXPECT_THAT(next.head(), HasSubstr("Content-Length: 5\r\n"));
  EXPECT_EQ(next.rest().size(), 5u);
}

TEST_F(Server, StopsWithoutClients) {
  const std::uint16_t port = start();
  server_->stop();
  join();
  const file_descriptor socket(check(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
  EXPECT_EQ(connect_error(socket.get(), port), ECONNREFUSED);
}

TEST_F(Server, StopsBeforeItRuns) {
  server_.emplace(chosen_);
  server_->stop();
  server_->stop();
  server_->run();
}

TEST_F(Server, EndsIdleClientsWhenItStops) {
  const std::uint16_t port = start();
  test_client idle(port);
  idle.get("/a.txt");
  idle.until("a text\n");
  test_client incomplete(port);
  incomplete.get("/a.txt");
  incomplete.until("a text\n");
  incomplete.send("GET / HT");
  server_->stop();
  EXPECT_EQ(idle.rest(), "");
  join();
}

TEST_F(Server, FinishesAnswersWhenItStops) {
  chosen_.grace = 60s;
  const std::uint16_t port = start();
  test_client client(port);
  client.get("/huge");
  const std::string head = client.head();
  server_->stop();
  // The listener is gone, so that it has begun to stop.
  for (int error = 0; error != ECONNREFUSED;) {
    const file_descriptor socket(check(::socket(AF_INET, SOCK_STREAM, 0), "socket"));
    error = connect_error(socket.get(), port);
  }
  EXPECT_EQ(client.rest().size(), huge);
  client.close();
  join();
}

TEST_F(Server, WaitsNoLongerThanItsGrace) {
  chosen_.grace = 20ms;
  const std::uint16_t port = start();
  test_client client(port);
  client.get("/huge");
  client.head();
  server_->stop();
  join();
}

TEST_F(Server, EndsRequestsThatDoNotCome) {
  chosen_.header_timeout = 0s;
  test_client client(start());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(Server, EndsIdleClients) {
  chosen_.idle_timeout = 0s;
  test_client client(start());
  EXPECT_EQ(client.rest(), "");
}

TEST_F(Server, EndsClientsThatDoNotRead) {
  chosen_.write_timeout = 0s;
  const std::uint16_t port = start();
  const std::size_t before = open_descriptors();
  test_client client(port);
  client.get("/huge");
  client.head();
  // What is left is the client's own descriptor, and the file's.
  while (open_descriptors() > before + 2) std::this_thread::yield();
}

TEST_F(Server, RefusesLargeBodies) {
  chosen_.body_limit = 10;
  const std::uint16_t port = start();
  test_client large(port);
  large.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(large.head(), StartsWith("HTTP/1.1 413 "));
  test_client client(port);
  client.get("/a.txt", "Connection: close\r\nContent-Length: 10\r\n");
  client.send("0123456789");
  EXPECT_THAT(client.rest(), EndsWith("a text\n"));
}

TEST_F(Server, TakesAsManyClientsAsItMay) {
  chosen_.connection_limit = 2;
  const std::uint16_t port = start();
  std::optional<test_client> first(port);
  test_client second(port);
  for (test_client* each : {&*first, &second}) {
    each->get("/a.txt");
    each->until("a text\n");
  }
  test_client third(port);  // in the backlog
  third.get("/a.txt");
  second.get("/a.txt");
  second.until("a text\n");
  char byte = 0;
  EXPECT_EQ(::recv(third.descriptor(), &byte, 1, MSG_DONTWAIT), -1) << "not served yet";
  first.reset();
  EXPECT_THAT(third.until("a text\n"), EndsWith("a text\n"));
}

TEST_F(Server, LivesThroughResets) {
  const std::uint16_t port = start();
  for (int i = 0; i < 20; ++i) {
    test_client client(port);
    client.get("/huge");
    if (i % 2 == 0) client.head();
    client.reset();
  }
  test_client client(port);
  client.get("/a.txt", "Connection: close\r\n");
  EXPECT_THAT(client.rest(), EndsWith("a text\n"));
}

TEST_F(Server, KeepsNoDescriptor) {
  const std::size_t before_all = open_descriptors();
  const std::uint16_t port = start();
  {
    test_client first(port);
    first.get("/huge", "Connection: close\r\n");
    first.end();
    first.rest();
  }
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 50; ++i) {
    test_client client(port);
    client.get(i % 2 == 0 ? "/a.txt" : "/none");
    client.end();
    client.rest();
  }
  EXPECT_EQ(open_descriptors(), before) << "clients have left";
  stop();
  EXPECT_EQ(open_descriptors(), before_all) << "so has the server";
}

TEST_F(Server, SaysWhyItDoesNotStart) {
  EXPECT_EQ(error_of_start(), 0);
  chosen_.port = start();
  EXPECT_EQ(error_of_start(), EADDRINUSE);
  chosen_.port = 0;
  for (const char* host : {"", "localhost", "256.0.0.1", "127.0.0.1:80", ":::"}) {
    chosen_.host = host;
    EXPECT_EQ(error_of_start(), EINVAL) << host;
  }
  chosen_.host = "192.0.2.1";  // documentation's, so nobody's here (RFC 5737)
  EXPECT_EQ(error_of_start(), EADDRNOTAVAIL);
  chosen_.host = "127.0.0.1";
  chosen_.root = place_.at("none");
  EXPECT_EQ(error_of_start(), ENOENT);
  chosen_.root = place_.at("a.txt");
  EXPECT_EQ(error_of_start(), ENOTDIR);
}

TEST_F(Server, SharesItsPort) {
  chosen_.shares_port = true;
  chosen_.port = start();
  EXPECT_NE(chosen_.port, 0);
  EXPECT_EQ(error_of_start(), 0);
}

}  // namespace
}  // namespace ref::server
