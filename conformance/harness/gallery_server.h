// A gallery for crawlers, on loopback: what it answers is written down in the test, faults
// included, and what it is asked is recorded.
//
//   gallery_server gallery;
//   gallery.add("/", {.body = "<img data-original='/1.jpg'>"});
//   gallery.add("/1.jpg", {.body = "bytes", .sent = 3, .then = gallery_answer::closes});
//   … gallery.url("/") …
//   EXPECT_EQ(gallery.requests_for("/1.jpg").size(), 1u);
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace assay {

struct gallery_answer {
  enum ending {
    stays,   ///< the connection serves the next request
    closes,  ///< ends the connection, in the middle where `sent` is less than the body
    resets,  ///< the same with a reset
    holds,   ///< until release()
  };
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< beside Content-Length
  std::string type = "application/octet-stream";
  bool chunked = false;
  bool holds_head = false;               ///< nothing is sent before release()
  std::chrono::milliseconds delay{0};    ///< before the head
  std::chrono::milliseconds drip{0};     ///< before each byte of the body
  std::size_t sent = std::string::npos;  ///< bytes of the body before `then`
  ending then = stays;
};

/// Text of a page with a type that tells its encoding.
gallery_answer page(std::string body);

struct gallery_request {
  std::string method;
  std::string path;  ///< with the query
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::steady_clock::time_point time;  ///< when it had come

  /// Of the field with this name in any case; empty when there is none.
  std::string header(std::string_view name) const;
};

/// A thread accepts, another one serves each connection; all end with the object. Members may be
/// called from any thread.
class gallery_server {
 public:
  /// Listens on a port of 127.0.0.1 that the kernel picks.
  gallery_server();
  ~gallery_server();
  gallery_server(const gallery_server&) = delete;
  gallery_server& operator=(const gallery_server&) = delete;

  std::uint16_t port() const;
  std::string url(const std::string& path) const;

  /// What a path is answered with, query included; anything else is answered with 404.
  void add(const std::string& path, gallery_answer answer);
  /// One after the other; the last one for ever.
  void add(const std::string& path, std::vector<gallery_answer> answers);
  /// Lets go what is held now and what would be held from now on.
  void release();

  std::vector<gallery_request> requests() const;
  std::vector<gallery_request> requests_for(const std::string& path) const;
  /// Waits until this many have come; false when they do not within call_timeout().
  bool await_requests(std::size_t count) const;
  /// Most requests that waited for the head of an answer at the same time.
  int most_at_once() const;

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace assay
