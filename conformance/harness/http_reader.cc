#include "conformance/harness/http_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "conformance/harness/transcript.h"

namespace assay {
namespace {

constexpr std::size_t largest_head = 1 << 20;

[[noreturn]] void malformed(const std::string& what, std::string_view bytes) {
  throw http_failure(fmt::format("malformed response: {}: {}", what, escape_bytes(bytes, 300)));
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// RFC 9110, section 5.6.2.
bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

// Field values and reason phrases: white space, visible characters, bytes above 0x7f.
bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto value = static_cast<unsigned char>(c);
    return c == '\t' || (value >= 0x20 && value != 0x7f);
  });
}

std::string_view trim(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

std::optional<std::size_t> number(std::string_view digits, int base) {
  std::size_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
  return value;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

void http_reader::read_status_line(std::string_view line) {
  const bool has_version = line.size() >= 13 && line.starts_with("HTTP/") && line[8] == ' ' &&
                           line[5] >= '0' && line[5] <= '9' && line[6] == '.' && line[7] >= '0' &&
                           line[7] <= '9';
  const auto status = has_version ? number(line.substr(9, 3), 10) : std::nullopt;
  if (!status || *status < 100 || line[12] != ' ' || !is_text(line.substr(13))) {
    malformed("status line", line);
  }
  response_.version = line.substr(0, 8);
  response_.status = static_cast<int>(*status);
  response_.reason = line.substr(13);
}

void http_reader::read_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    malformed("field name", line);
  }
  const auto value = trim(line.substr(colon + 1));
  if (!is_text(value)) malformed("field value", line);
  response_.headers.emplace_back(line.substr(0, colon), value);
}

bool http_reader::read_head(std::string& buffer) {
  const auto end = buffer.find("\r\n\r\n", scanned_);
  if (end == std::string::npos) {
    if (buffer.size() > largest_head) malformed("the head has no end", buffer);
    // What cannot become a status line is told at once, not at the deadline.
    constexpr std::string_view start = "HTTP/";
    if (buffer.compare(0, start.size(), start.substr(0, std::min(buffer.size(), start.size())))) {
      malformed("it does not start with HTTP/", buffer);
    }
    scanned_ = buffer.size() < 3 ? 0 : buffer.size() - 3;
    return false;
  }
  std::string_view head(buffer.data(), end);
  auto line_end = std::min(head.find("\r\n"), head.size());
  read_status_line(head.substr(0, line_end));
  while (line_end < head.size()) {
    head.remove_prefix(line_end + 2);
    line_end = std::min(head.find("\r\n"), head.size());
    read_field(head.substr(0, line_end));
  }
  buffer.erase(0, end + 4);
  scanned_ = 0;
  return true;
}

// RFC 9112, section 6.3.
void http_reader::choose_body() {
  const int status = response_.status;
  const auto coding = response_.header("Transfer-Encoding");
  const auto length = response_.header("Content-Length");
  for (const auto& [name, value] : response_.headers) {
    if (equal_ignoring_case(name, "Content-Length") && value != *length) {
      malformed("two different lengths", value);
    }
  }
  if (length) {
    const bool digits = length->find_first_not_of("0123456789") == std::string::npos;
    const auto value = digits ? number(*length, 10) : std::nullopt;
    if (!value) malformed("Content-Length", *length);
    length_ = *value;
  }
  if (coding && length) malformed("both Transfer-Encoding and Content-Length", *length);
  if (head_ || status < 200 || status == 204 || status == 304) {
    body_ = body::none;
  } else if (coding) {
    if (!equal_ignoring_case(*coding, "chunked")) malformed("Transfer-Encoding", *coding);
    body_ = body::chunked;
  } else {
    body_ = length ? body::length : body::until_end;
  }
}

// True once the last chunk and the trailers were read. Only whole chunks are taken.
bool http_reader::read_chunks(std::string& buffer) {
  std::size_t at = 0;
  bool done = false;
  for (;;) {
    const auto line_end = buffer.find("\r\n", at);
    if (line_end == std::string::npos) break;
    const std::string_view line(buffer.data() + at, line_end - at);
    const auto size = number(line.substr(0, line.find_first_of("; \t")), 16);
    if (!size) malformed("chunk size", line);
    if (*size == 0) {
      const auto end = buffer.find("\r\n\r\n", line_end);
      if (end == std::string::npos) break;
      at = end + 4;
      done = true;
      break;
    }
    const std::size_t data = line_end + 2;
    if (buffer.size() < data || buffer.size() - data < *size + 2) break;
    if (buffer.compare(data + *size, 2, "\r\n") != 0) {
      malformed("a chunk does not end in CRLF", std::string_view(buffer).substr(data + *size, 20));
    }
    response_.body.append(buffer, data, *size);
    at = data + *size + 2;
  }
  buffer.erase(0, at);
  return done;
}

std::optional<http_response> http_reader::read(std::string& buffer) {
  while (!has_head_) {
    if (!read_head(buffer)) return std::nullopt;
    if (response_.status >= 200 || response_.status == 101) {
      has_head_ = true;
      choose_body();
    } else {
      response_ = {};
    }
  }
  switch (body_) {
    case body::none:
      return std::move(response_);
    case body::length:
      if (buffer.size() < length_) {
        // What is announced need not come: it is asked for, up to a limit, and not touched.
        buffer.reserve(std::min(length_, std::size_t{128} << 20));
        return std::nullopt;
      }
      if (buffer.size() == length_) {
        response_.body = std::exchange(buffer, {});
      } else {
        response_.body = buffer.substr(0, length_);
        buffer.erase(0, length_);
      }
      return std::move(response_);
    case body::chunked:
      if (!read_chunks(buffer)) return std::nullopt;
      return std::move(response_);
    case body::until_end:
      return std::nullopt;
  }
  return std::nullopt;
}

http_response http_reader::end(std::string& buffer) {
  if (has_head_ && body_ == body::until_end) {
    response_.body = std::exchange(buffer, {});
    return std::move(response_);
  }
  if (!has_head_) malformed("the connection ends within the head", buffer);
  const std::size_t have = response_.body.size() + buffer.size();
  throw http_failure(
      body_ == body::length
          ? fmt::format("the connection ends after {} of {} bytes of the body", have, length_)
          : fmt::format("the connection ends within a chunked body, after {} bytes", have));
}

}  // namespace assay
