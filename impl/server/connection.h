// One client: bytes in, answers out, never waiting.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "impl/base/file_descriptor.h"
#include "impl/http/parser.h"
#include "impl/server/answer.h"
#include "impl/server/server.h"

namespace ref::server {

using steady_time = std::chrono::steady_clock::time_point;

/// A request that was sent a shared answer. Whoever sends the same bytes again is sent the same, as
/// long as that is what the file would be answered with.
struct answered_request {
  std::string bytes;  ///< empty: there was none
  std::string path;   ///< of the file, as file_cache has it
  std::shared_ptr<const std::string> answer;
  steady_time round;  ///< in which it was last found to hold
};

/// What all connections of a server share.
struct shared_state {
  explicit shared_state(const options& chosen) : settings(chosen), files(chosen.root) {}

  options settings;
  file_cache files;
  std::string date;                                            ///< value of the Date field
  steady_time now;                                             ///< of this round of the loop
  std::string input = std::string(64 * 1024, '\0');            ///< every read goes here first
  std::vector<std::unique_ptr<http::request_parser>> parsers;  ///< not in use
  answered_request last;
};

/// Owns the socket. What an idle one holds is this object alone: buffers and parser are given back.
class connection {
 public:
  connection(file_descriptor socket, shared_state& shared);
  ~connection();

  int descriptor() const { return socket_.get(); }
  /// One turn: reads once, answers and writes as far as that goes without waiting and without
  /// keeping others waiting for long. `happened` is what epoll says, which says it once.
  void on_events(std::uint32_t happened);
  /// There is more to read or to write, of which epoll will not speak again: it is to be called
  /// with no events, after the others.
  bool wants_another_turn() const { return has_more_to_read() || has_more_to_write_; }
  bool is_finished() const { return phase_ == phase::finished; }
  bool is_idle() const { return phase_ == phase::reading && input_.empty() && !has_output(); }
  /// Ends what has waited too long.
  void check_time();
  /// The server stops: no further request is answered.
  void stop_after_answer();

 private:
  enum class phase : std::uint8_t { reading, body, lingering, finished };

  bool has_more_to_read() const { return may_read_ && wants_to_read(); }
  // While an answer waits, nothing more is read: memory stays bounded.
  bool wants_to_read() const { return !has_output() && phase_ != phase::finished; }
  bool has_output() const { return !unwritten().empty() || file_left_ > 0; }
  std::string_view unwritten() const {
    return std::string_view(common_ ? *common_ : output_).substr(written_);
  }
  std::string& own_output();
  void read_once();
  void take(std::string_view bytes);
  std::size_t take_head(std::string_view bytes);
  std::size_t take_body(std::string_view bytes);
  bool repeats_last(std::string_view bytes);
  void begin_body(const http::request_head& head);
  void send(answer what);
  void send_whole(std::shared_ptr<const std::string> bytes);
  void refuse(int status);
  void write_out();
  std::size_t write_memory();
  std::size_t write_file();
  void after_output();
  void finish();
  void give_back_parser();

  file_descriptor socket_;
  shared_state& shared_;
  steady_time since_;  // of the phase: first byte of a request, last progress of an answer
  std::string input_;  // of a request that is not complete
  std::unique_ptr<http::request_parser> parser_;
  std::unique_ptr<http::body_parser> body_;
  std::unique_ptr<answer> pending_;  // for when the request's body has come
  // What is to be written: an answer that others are sent too, or bytes of its own; then a file.
  std::shared_ptr<const std::string> common_;
  std::string output_;
  std::size_t written_ = 0;  // of the one or the other
  std::shared_ptr<const served_file> file_;
  std::uint64_t file_offset_ = 0;
  std::uint64_t file_left_ = 0;
  phase phase_ = phase::reading;
  bool close_after_output_ = false;
  bool has_more_to_write_ = false;  // its turn ended before the socket was full
  bool may_read_ = false;           // no read has found the end of what there is
  bool ends_soon_ = false;          // behind that is the end
  bool peer_is_done_ = false;       // it will send no more
  bool in_request_ = false;
};

}  // namespace ref::server
