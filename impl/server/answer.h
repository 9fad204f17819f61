// What a static server answers to a request: no I/O on sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "impl/http/message.h"
#include "impl/server/file_cache.h"

namespace ref::server {

/// An answer: its head, then bytes of `text`, then bytes of a file; or `whole` alone.
struct answer {
  int status = 200;
  std::shared_ptr<const std::string> whole;  ///< others are sent it too; null: none
  std::string head;  ///< status line and fields up to and with the empty line
  std::string text;
  std::shared_ptr<const served_file> file;  ///< null: none
  std::uint64_t offset = 0;                 ///< of the file
  std::uint64_t length = 0;
  bool close = false;  ///< the connection ends behind it
};

/// Source: the notes' server for "/" and for the body of a 404; RFC 9110, section 13.2.2 for the
/// order of preconditions, section 14 for ranges. `date` is the value of the Date field.
/// `round` as for file_cache::open. `must_close`: the connection ends behind it, whatever the
/// request says.
answer answer_request(const http::request_head& request, file_cache& files, std::string_view date,
                      std::chrono::steady_clock::time_point round, bool must_close = false);

/// For a request that could not be parsed, or was too large: closes the connection.
answer answer_error(int status, std::string_view date, bool answers_head = false);

/// Whether the connection stays open behind the answer to this request.
bool keeps_alive(const http::request_head& request);

}  // namespace ref::server
