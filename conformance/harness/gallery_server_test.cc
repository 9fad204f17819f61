#include "conformance/harness/gallery_server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "conformance/harness/http_client.h"

namespace assay {
namespace {

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nX-A: b\r\n\r\n"; }

TEST(gallery_server, answers_and_records) {
  gallery_server gallery;
  gallery.add("/a?b", std::vector<gallery_answer>{{.body = ""}, {.body = "two", .chunked = true}});
  auto client = http_connection::open(gallery.port());
  client.send(get("/a?b") + get("/a?b") + get("/none"));
  EXPECT_EQ(client.read_response().body, "");
  EXPECT_EQ(client.read_response().body, "two");
  EXPECT_EQ(client.read_response().status, 404);
  ASSERT_EQ(gallery.requests().size(), 3u);
  EXPECT_EQ(gallery.requests_for("/a?b").size(), 2u);
  EXPECT_EQ(gallery.requests()[0].header("x-a"), "b");
}

TEST(gallery_server, cuts_and_holds) {
  gallery_server gallery;
  gallery.add("/cut", {.body = "whole", .sent = 2, .then = gallery_answer::closes});
  gallery.add("/held", {.body = "whole", .sent = 2, .then = gallery_answer::holds});
  auto cut = http_connection::open(gallery.port());
  cut.send(get("/cut"));
  EXPECT_ANY_THROW(cut.read_response());
  auto held = http_connection::open(gallery.port());
  held.send(get("/held"));
  EXPECT_TRUE(gallery.await_requests(2));
  gallery.release();
  EXPECT_EQ(held.read_response().body, "whole");
}

TEST(gallery_server, keeps_no_threads_of_clients_that_are_gone) {
  gallery_server gallery;
  const auto connect_often = [&] {
    for (int i = 0; i < 200; ++i) {
      auto client = http_connection::open(gallery.port());
      client.send(get("/none"));
      EXPECT_EQ(client.read_response().status, 404);
    }
    std::ifstream file("/proc/self/statm");
    std::int64_t pages = 0;
    file >> pages;
    return pages * ::sysconf(_SC_PAGESIZE);
  };
  const auto before = connect_often();
  // A stack takes eight megabytes of addresses.
  EXPECT_LT(connect_often(), before + (std::int64_t{200} << 20));
}

TEST(gallery_server, refuses_a_head_without_an_end) {
  gallery_server gallery;
  auto client = http_connection::open(gallery.port());
  const std::string line = "X-A: " + std::string(1 << 16, 'b') + "\r\n";
  client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 64 && client.send(line); ++i) continue;
  EXPECT_TRUE(client.is_closed_by_peer());
}

TEST(gallery_server, ends_with_requests_held) {
  gallery_server gallery;
  gallery.add("/", {.body = "never", .holds_head = true});
  auto client = http_connection::open(gallery.port());
  client.send(get("/"));
  EXPECT_TRUE(gallery.await_requests(1));
  EXPECT_EQ(gallery.most_at_once(), 1);
}

}  // namespace
}  // namespace assay
