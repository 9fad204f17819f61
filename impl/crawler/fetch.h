// HTTP requests of a crawler, one after the other over connections that are kept.
//
//   ref::crawler::fetcher web({.timeout = 5s, .user_agent = "me", .referer = "http://host/"});
//   auto answer = web.get("http://host/1.jpg", [&](std::string_view piece) { return save(piece);
//   }); if (!answer.error.empty()) complain(answer.error);
//
// Redirects are followed, at most ten, and to http and https only. A body that is shorter than
// announced is an error. Bodies come in pieces and are not held here. One object for one thread;
// make it after fork. Source: libcurl's documentation.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace ref::crawler {

struct fetch_options {
  std::chrono::nanoseconds timeout;  ///< for a whole request, from the look-up to the last byte
  std::string user_agent;
  std::string referer;
};

struct fetch_result {
  int status = 0;       ///< 0: no answer came
  std::string address;  ///< where redirects led to
  std::string error;    ///< empty: the answer came whole; a status of 404 is no error here
};

class fetcher {
 public:
  /// False, or an exception, ends the request with an error.
  using sink = std::function<bool(std::string_view piece)>;

  /// Throws std::runtime_error when libcurl cannot start.
  explicit fetcher(const fetch_options& options);
  ~fetcher();
  fetcher(fetcher&&) noexcept;

  /// Gives the body of the last answer to the sink, whatever its status.
  fetch_result get(const std::string& address, const sink& to);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace ref::crawler
