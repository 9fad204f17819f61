#include "conformance/harness/gallery_server.h"

#include <gtest/gtest.h>

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
