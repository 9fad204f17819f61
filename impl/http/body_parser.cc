#include <algorithm>
#include <cstring>

#include "impl/http/parser.h"

namespace ref::http {
namespace {

parse_result refuse(int status, const char* why) { return {parse_state::refused, 0, status, why}; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What may follow a chunk's size: RFC 9112, section 7.1.1. Quoted values may hold any text.
bool is_chunk_extension(std::string_view text) {
  while (!text.empty()) {
    text = trimmed(text);
    if (text.empty() || text[0] != ';') return false;
    text = trimmed(text.substr(1));
    const auto name_end = std::min(text.find_first_of("=; \t"), text.size());
    if (!is_token(text.substr(0, name_end))) return false;
    text = trimmed(text.substr(name_end));
    if (text.empty() || text[0] != '=') continue;
    text = trimmed(text.substr(1));
    if (!text.empty() && text[0] == '"') {
      std::size_t i = 1;
      while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      if (i >= text.size()) return false;
      text.remove_prefix(i + 1);
    } else {
      const auto value_end = std::min(text.find_first_of("; \t"), text.size());
      if (!is_token(text.substr(0, value_end))) return false;
      text.remove_prefix(value_end);
    }
  }
  return true;
}

}  // namespace

body_parser::body_parser(body_framing framing, limits bounds) : limits_(bounds) {
  switch (framing.kind) {
    case body_kind::none:
      state_ = at::done;
      break;
    case body_kind::length:
      state_ = framing.length == 0 ? at::done : at::length;
      left_ = framing.length;
      break;
    case body_kind::chunked:
      state_ = at::chunk_line;
      break;
    case body_kind::until_close:
      state_ = at::until_close;
      break;
  }
  total_ = left_;
}

parse_result body_parser::finish() const {
  if (state_ == at::done || state_ == at::until_close) return {parse_state::complete, 0, 0, ""};
  return refuse(400, "the connection ended within the body");
}

// Collects a line into `line_`; `whole` once its CRLF has come.
parse_result body_parser::take_line(std::string_view bytes, std::size_t& from, std::size_t most,
                                    bool& whole) {
  const auto* found =
      static_cast<const char*>(std::memchr(bytes.data() + from, '\n', bytes.size() - from));
  const std::size_t end =
      found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
  if (line_.size() + (end - from) > most) return refuse(400, "a line of the body is too long");
  line_.append(bytes.substr(from, end - from));
  from = end;
  whole = found != nullptr;
  if (!whole) return {};
  ++from;
  if (line_.empty() || line_.back() != '\r') return refuse(400, "a line ends in a bare LF");
  line_.pop_back();
  if (!is_field_value(line_)) return refuse(400, "a control character in the body's framing");
  return {};
}

parse_result body_parser::read_chunk_line() {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  while (digits < line_.size() && hex_value(line_[digits]) >= 0) {
    if (size >> 58 != 0) return refuse(400, "a chunk size that is too large");
    size = size * 16 + static_cast<std::uint64_t>(hex_value(line_[digits]));
    ++digits;
  }
  if (digits == 0) return refuse(400, "a chunk without a size");
  if (!is_chunk_extension(std::string_view(line_).substr(digits))) {
    return refuse(400, "a malformed chunk extension");
  }
  line_.clear();
  left_ = size;
  total_ += size;
  if (total_ > limits_.body) return refuse(413, "the body is too large");
  state_ = size == 0 ? at::trailers : at::chunk_data;
  return {};
}

parse_result body_parser::read_trailer() {
  if (line_.empty()) {
    state_ = at::done;
    return {};
  }
  trailer_bytes_ += line_.size();
  if (trailer_bytes_ > limits_.trailers) return refuse(431, "the trailers are too large");
  const auto colon = line_.find(':');
  if (colon == line_.npos || !is_token(std::string_view(line_).substr(0, colon))) {
    return refuse(400, "a malformed trailer");
  }
  line_.clear();
  return {};
}

parse_result body_parser::parse(std::string_view bytes, std::string* out) {
  if (state_ == at::length && total_ > limits_.body) return refuse(413, "the body is too large");
  std::size_t from = 0;
  while (state_ != at::done && from < bytes.size()) {
    if (state_ == at::until_close) {
      if (total_ + bytes.size() > limits_.body) return refuse(413, "the body is too large");
      total_ += bytes.size();
      if (out != nullptr) out->append(bytes);
      return {parse_state::need_more, bytes.size(), 0, ""};
    }
    if (state_ == at::length || state_ == at::chunk_data) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - from));
      if (out != nullptr) out->append(bytes.substr(from, size));
      from += size;
      left_ -= size;
      if (left_ == 0) state_ = state_ == at::length ? at::done : at::chunk_end;
      continue;
    }
    if (state_ == at::chunk_end || state_ == at::chunk_end_lf) {
      // Refused at the first byte that is wrong, not when a line is whole.
      const bool is_first = state_ == at::chunk_end;
      if (bytes[from] != (is_first ? '\r' : '\n')) {
        return refuse(400, "a chunk is not followed by CRLF");
      }
      state_ = is_first ? at::chunk_end_lf : at::chunk_line;
      ++from;
      continue;
    }
    bool whole = false;
    const std::size_t most = state_ == at::trailers ? limits_.trailers : limits_.line;
    parse_result got = take_line(bytes, from, most, whole);
    if (got.state == parse_state::refused) return got;
    if (!whole) break;
    got = state_ == at::chunk_line ? read_chunk_line() : read_trailer();
    if (got.state == parse_state::refused) return got;
  }
  return {state_ == at::done ? parse_state::complete : parse_state::need_more, from, 0, ""};
}

}  // namespace ref::http
