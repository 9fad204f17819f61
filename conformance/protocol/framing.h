// Framing of the protocol: one JSON text a line, UTF-8, at most `line_bytes` long.
//
//   assay::line_reader reader(descriptor, protocol.line_limit());
//   std::string_view line;
//   while (reader.read_line(line) == assay::read_status::line) {
//     nlohmann::json message = assay::parse_line(line, protocol.nesting_limit());
//     assay::write_line(descriptor, assay::to_line(answer(message)));
//   }
#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "conformance/protocol/json_text.h"

namespace assay {

enum class read_status {
  line,      ///< a whole line is there
  none,      ///< not yet; only from the calls that do not wait
  end,       ///< end of file or a reset; an unfinished last line is dropped
  too_long,  ///< the line passed the limit; the rest of the stream is of no use
};

/// Reads lines from a stream socket or pipe. Does not own the descriptor. One thread at a time; a
/// line's view stays good until the next call on the reader.
class line_reader {
 public:
  /// `limit`: the most bytes that a line may have, its newline not counted. Memory grows with what
  /// arrives and stops 128 KiB past it; a longer line is refused 64 KiB past it at the latest.
  line_reader(int descriptor, std::size_t limit);

  /// Waits for a whole line. Throws std::system_error when reading fails.
  read_status read_line(std::string_view& line);
  /// A whole line out of what `fill` read before; `none` when there is not yet one.
  read_status next_line(std::string_view& line);
  /// Reads once what has arrived, without waiting (MSG_DONTWAIT; the descriptor must be a socket):
  /// `line` says only that bytes came, for `next_line`.
  read_status fill();
  /// Bytes that were read and not yet taken as a line.
  std::size_t buffered() const { return end_ - begin_; }
  /// The start of those bytes, for messages.
  std::string_view peek() const { return {buffer_.get() + begin_, end_ - begin_}; }

 private:
  read_status read_some(bool wait);
  void make_room();

  int descriptor_;
  std::size_t limit_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;    // of the line that comes next
  std::size_t scanned_ = 0;  // up to here there is no newline
  std::size_t end_ = 0;
};

/// Parses one line. Throws `malformed_line`, saying what is wrong and at which byte.
nlohmann::json parse_line(std::string_view line, std::size_t nesting_limit);

/// The JSON text with its newline. Throws nlohmann::json::type_error for a string that is not
/// UTF-8.
std::string to_line(const nlohmann::json& message);

/// Writes all bytes, waiting as long as it takes; false when the other side is gone (EPIPE,
/// ECONNRESET). Raises no SIGPIPE on a socket. Throws std::system_error on other errors.
bool write_line(int descriptor, std::string_view bytes);

}  // namespace assay
