// Reads HTTP/1.1 responses out of bytes, strictly: what RFC 9112 does not allow is a failure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/harness/http_client.h"

namespace assay {

bool equal_ignoring_case(std::string_view a, std::string_view b);

/// One response, as its bytes arrive. Interim (1xx) responses are passed over, except 101.
class http_reader {
 public:
  explicit http_reader(bool head) : head_(head) {}

  /// Takes bytes from the front of `buffer`; the response once it is complete, nullopt while bytes
  /// are missing. Throws http_failure for what is malformed.
  std::optional<http_response> read(std::string& buffer);
  /// The connection has ended: that ends a body without a length. Throws http_failure when it was
  /// cut short.
  http_response end(std::string& buffer);
  bool has_begun() const { return has_head_; }
  /// Of the body, what was taken so far.
  std::size_t body_bytes() const { return response_.body.size(); }

 private:
  enum class body { none, length, chunked, until_end };
  bool read_head(std::string& buffer);
  void read_status_line(std::string_view line);
  void read_field(std::string_view line);
  void choose_body();
  bool read_chunks(std::string& buffer);

  bool head_;
  bool has_head_ = false;
  body body_ = body::none;
  std::size_t length_ = 0;
  std::size_t scanned_ = 0;  // up to here `buffer` holds no end of the head
  http_response response_;
};

}  // namespace assay
