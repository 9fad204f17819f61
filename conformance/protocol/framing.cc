#include "conformance/protocol/framing.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

namespace assay {
namespace {

constexpr std::size_t chunk = 64 * 1024;

}  // namespace

line_reader::line_reader(int descriptor, std::size_t limit)
    : descriptor_(descriptor), limit_(limit) {}

void line_reader::make_room() {
  if (begin_ == end_) begin_ = scanned_ = end_ = 0;
  if (capacity_ - end_ >= chunk) return;
  const std::size_t held = end_ - begin_;
  if (begin_ > 0 && capacity_ - held >= chunk) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    capacity_ = std::max(std::min(2 * capacity_, limit_ + 2 * chunk), held + 2 * chunk);
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (held > 0) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
  }
  scanned_ -= begin_;
  end_ = held;
  begin_ = 0;
}

read_status line_reader::read_some(bool wait) {
  make_room();
  // A line is given up at its limit, whatever room there is.
  const std::size_t line_rest = limit_ - std::min(limit_, end_ - begin_);
  const std::size_t space = std::min(capacity_ - end_, line_rest + chunk);
  for (;;) {
    const ssize_t got = wait ? ::read(descriptor_, buffer_.get() + end_, space)
                             : ::recv(descriptor_, buffer_.get() + end_, space, MSG_DONTWAIT);
    if (got > 0) {
      end_ += static_cast<std::size_t>(got);
      return read_status::line;
    }
    if (got == 0 || errno == ECONNRESET) return read_status::end;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait) return read_status::none;
      pollfd readable{descriptor_, POLLIN, 0};
      ::poll(&readable, 1, -1);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "read of a protocol line");
    }
  }
}

read_status line_reader::fill() { return read_some(false); }

read_status line_reader::next_line(std::string_view& line) {
  const char* start = buffer_.get() + scanned_;
  const void* found = end_ > scanned_ ? std::memchr(start, '\n', end_ - scanned_) : nullptr;
  if (found == nullptr) {
    scanned_ = end_;
    return end_ - begin_ > limit_ ? read_status::too_long : read_status::none;
  }
  const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.get());
  line = {buffer_.get() + begin_, at - begin_};
  if (line.size() > limit_) return read_status::too_long;
  begin_ = scanned_ = at + 1;
  return read_status::line;
}

read_status line_reader::read_line(std::string_view& line) {
  for (;;) {
    if (const auto status = next_line(line); status != read_status::none) return status;
    if (const auto status = read_some(true); status != read_status::line) return status;
  }
}

nlohmann::json parse_line(std::string_view line, std::size_t nesting_limit) {
  return parse_json(line, nesting_limit);
}

std::string to_line(const nlohmann::json& message) {
  std::string text;
  append_json(text, message);
  text += '\n';
  return text;
}

bool write_line(int descriptor, std::string_view bytes) {
  bool is_socket = true;
  while (!bytes.empty()) {
    const ssize_t sent = is_socket ? ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                   : ::write(descriptor, bytes.data(), bytes.size());
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == ENOTSOCK) {
      is_socket = false;
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return false;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd writable{descriptor, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "write of a protocol line");
    }
  }
  return true;
}

}  // namespace assay
