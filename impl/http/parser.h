// Incremental parsers for the head and the body of HTTP/1.1 messages.
//
//   ref::http::request_parser parser;
//   switch (auto got = parser.parse(bytes_so_far); got.state) {
//     case parse_state::need_more: read_more(); break;           // then parse(all bytes) again
//     case parse_state::refused: answer(got.status, got.why); break;
//     case parse_state::complete: use(parser.head()); consume(got.consumed); break;
//   }
//
// A parser is fed all bytes of the message that have come so far, from its first byte on; it
// remembers what it has read, so that byte by byte costs no more than all at once. Where the RFC
// leaves a choice it is strict, because two readers that differ on where a message ends is how
// requests are smuggled: a bare LF or CR, white space before a colon, a folded line, a repeated
// Content-Length are refused. Not for several threads at once.
// Source: RFC 9112; RFC 9110, sections 5 and 8.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "impl/http/message.h"

namespace ref::http {

enum class parse_state { complete, need_more, refused };

struct parse_result {
  parse_state state = parse_state::need_more;
  std::size_t consumed = 0;  ///< bytes of the head (or body) when complete
  int status = 0;            ///< when refused: what a server answers
  const char* why = "";      ///< when refused: what is wrong
};

struct head_limits {
  std::size_t line = 8192;     ///< bytes of the first line with its CR; beyond: 414
  std::size_t fields = 32768;  ///< bytes of all field lines; beyond, or beyond 100 fields: 431
};

namespace detail {

/// Finds lines and fields; what the first line means is the derived parser's affair.
class head_parser {
 protected:
  explicit head_parser(head_limits limits) : limits_(limits) {}
  ~head_parser() = default;

  struct place {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  struct field_place {
    place name;
    place value;
  };

  /// Reads lines until the empty one. The first line's place is `first_line_`.
  parse_result read_lines(std::string_view bytes);
  void fill(std::string_view bytes, field_list& fields) const;
  static std::string_view at(std::string_view bytes, place where) {
    return {bytes.data() + where.begin, where.end - where.begin};
  }
  virtual parse_result check_first_line(std::string_view line) = 0;
  virtual int status_of_long_line() const { return 400; }
  void restart();

  place first_line_;

 private:
  parse_result read_field(std::string_view bytes, place line);

  head_limits limits_;
  bool has_first_line_ = false;
  std::size_t line_begin_ = 0;  // of the line that is not complete yet
  std::size_t scanned_ = 0;     // no line feed between line_begin_ and here
  std::size_t fields_begin_ = 0;
  int empty_lines_ = 0;
  std::size_t count_ = 0;
  std::array<field_place, field_list::most> places_;
};

}  // namespace detail

/// The head of a request, up to and with the empty line.
class request_parser final : private detail::head_parser {
 public:
  explicit request_parser(head_limits limits = {}) : head_parser(limits) {}
  parse_result parse(std::string_view bytes);
  /// Valid after `complete`, as long as the bytes are.
  const request_head& head() const { return head_; }
  /// For the next message.
  void reset();

 private:
  parse_result check_first_line(std::string_view line) override;
  int status_of_long_line() const override { return 414; }
  parse_result check_fields();

  request_head head_;
  place method_;
  place target_;
};

/// The head of a response. What body it has depends on the request's method.
class response_parser final : private detail::head_parser {
 public:
  explicit response_parser(std::string_view request_method = "GET", head_limits limits = {})
      : head_parser(limits), answers_head_(request_method == "HEAD") {}
  parse_result parse(std::string_view bytes);
  const response_head& head() const { return head_; }

 private:
  parse_result check_first_line(std::string_view line) override;
  parse_result check_fields();

  bool answers_head_;
  response_head head_;
  place reason_;
};

/// The body behind a head, in pieces of any size.
class body_parser {
 public:
  struct limits {
    std::uint64_t body = 1 << 30;  ///< bytes; beyond: 413
    std::size_t line = 4096;       ///< bytes of a chunk's first line; beyond: 400
    std::size_t trailers = 16384;  ///< bytes of all trailer lines; beyond: 431
  };

  explicit body_parser(body_framing framing) : body_parser(framing, limits()) {}
  body_parser(body_framing framing, limits bounds);

  /// Takes bytes behind those it took before; what is the body's goes to `out` unless that is null.
  /// `consumed` is how many of these bytes it took: all, unless complete or refused.
  parse_result parse(std::string_view bytes, std::string* out);
  /// The connection has ended: complete for a body that ends so, else refused as incomplete.
  parse_result finish() const;

 private:
  enum class at {
    length,
    chunk_line,
    chunk_data,
    chunk_end,
    chunk_end_lf,
    trailers,
    until_close,
    done
  };
  parse_result take_line(std::string_view bytes, std::size_t& from, std::size_t most, bool& whole);
  parse_result read_chunk_line();
  parse_result read_trailer();

  limits limits_;
  at state_;
  std::uint64_t left_ = 0;
  std::uint64_t total_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string line_;  // an unfinished line of the chunked coding
};

}  // namespace ref::http
