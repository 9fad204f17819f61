// HTTP/1.1 messages as RFC 9110 and RFC 9112 define them: their parts, and what may be in them.
//
// No I/O and no allocation for fields: a head refers to the bytes that it was parsed from, which
// must outlive it and stay where they are. Values: threads and forks may do as with any struct.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ref::http {

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text);
/// Printable ASCII, spaces and tabs, and bytes beyond ASCII: RFC 9110, section 5.5.
bool is_field_value(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
/// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text);
/// "OK" for 200; empty for a status without a standard phrase.
std::string_view reason_phrase(int status);

struct field {
  std::string_view name;
  std::string_view value;  ///< without the white space around it
};

/// The fields of a message, in order.
class field_list {
 public:
  static constexpr std::size_t most = 100;

  const field* begin() const { return fields_.data(); }
  const field* end() const { return fields_.data() + size_; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  /// False when it is full.
  bool add(field one);
  /// The first value of a field, by name in any case; nullopt without one.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  /// Whether a comma-separated list field has the element, in any case (`Connection: close`).
  bool lists(std::string_view name, std::string_view element) const;

 private:
  std::array<field, most> fields_;
  std::size_t size_ = 0;
};

/// How the body of a message ends.
enum class body_kind { none, length, chunked, until_close };

struct body_framing {
  body_kind kind = body_kind::none;
  std::uint64_t length = 0;  ///< bytes, for body_kind::length
};

struct request_head {
  std::string_view method;
  std::string_view target;
  int minor_version = 1;
  field_list fields;
  body_framing body;
};

struct response_head {
  int minor_version = 1;
  int status = 0;
  std::string_view reason;
  field_list fields;
  body_framing body;
};

}  // namespace ref::http
