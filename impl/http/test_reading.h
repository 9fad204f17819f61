// For the tests of the parsers: a message read in pieces, and what came of it as one text.
#pragma once

#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "impl/http/parser.h"

namespace ref::http::testing {

/// What a message is read as.
enum class reader { request, response, response_to_head };

/// Where the pieces end; the last piece ends with the message.
using cuts = std::vector<std::size_t>;

inline cuts byte_by_byte(std::size_t size) {
  cuts all;
  for (std::size_t i = 1; i <= size; ++i) all.push_back(i);
  return all;
}

inline std::string text_of(const field_list& fields, const body_framing& body) {
  std::string text;
  for (const field& each : fields) text += fmt::format("[{}: {}]", each.name, each.value);
  constexpr const char* kinds[] = {"none", "length", "chunked", "until close"};
  text += fmt::format(" body {} {}", kinds[static_cast<int>(body.kind)], body.length);
  return text;
}

inline std::string text_of(const request_head& head) {
  return fmt::format("{} {} 1.{} {}", head.method, head.target, head.minor_version,
                     text_of(head.fields, head.body));
}

inline std::string text_of(const response_head& head) {
  return fmt::format("{} '{}' 1.{} {}", head.status, head.reason, head.minor_version,
                     text_of(head.fields, head.body));
}

inline std::string refusal(const parse_result& got) {
  return fmt::format("refused {} {}", got.status, got.why);
}

/// The body behind `from`, in the pieces that `where` leaves behind it, then the connection's end.
inline std::string read_body(const body_framing& framing, std::string_view bytes, std::size_t from,
                             const cuts& where) {
  body_parser parser(framing);
  std::string out;
  parse_result got = parser.parse({}, &out);
  for (const std::size_t cut : where) {
    if (cut < from || got.state != parse_state::need_more) continue;
    got = parser.parse(bytes.substr(from, cut - from), &out);
    from += got.consumed;
    if (got.state == parse_state::refused) return refusal(got);
  }
  if (got.state == parse_state::refused) return refusal(got);
  if (got.state == parse_state::need_more) got = parser.finish();
  if (got.state == parse_state::refused) return refusal(got);
  return fmt::format("'{}' then {} bytes", out, bytes.size() - from);
}

template <typename Parser>
std::string read_with(Parser parser, std::string_view bytes, const cuts& where) {
  for (const std::size_t cut : where) {
    const parse_result got = parser.parse(bytes.substr(0, cut));
    if (got.state == parse_state::refused) return refusal(got);
    if (got.state == parse_state::need_more) continue;
    cuts rest;
    std::copy_if(where.begin(), where.end(), std::back_inserter(rest),
                 [&](std::size_t each) { return each >= cut; });
    const std::string body = read_body(parser.head().body, bytes, got.consumed, rest);
    return body.starts_with("refused") ? body : text_of(parser.head()) + " " + body;
  }
  return "more";
}

/// The message in those pieces: its parts and its body, "refused STATUS WHY", or "more".
inline std::string read(reader as, std::string_view bytes, const cuts& where) {
  if (as == reader::request) return read_with(request_parser(), bytes, where);
  return read_with(response_parser(as == reader::response_to_head ? "HEAD" : "GET"), bytes, where);
}

inline std::string read(reader as, std::string_view bytes) {
  return read(as, bytes, {bytes.size()});
}

/// Memory that ends where none may be read: what is put there ends right before it.
class guarded_memory {
 public:
  explicit guarded_memory(std::size_t most) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    usable_ = (most + page - 1) / page * page;
    size_ = usable_ + page;
    void* memory =
        ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    begin_ = static_cast<char*>(memory);
    ::mprotect(begin_ + usable_, page, PROT_NONE);
  }
  ~guarded_memory() { ::munmap(begin_, size_); }
  guarded_memory(const guarded_memory&) = delete;
  guarded_memory& operator=(const guarded_memory&) = delete;

  std::string_view put(std::string_view text) {
    char* const place = begin_ + usable_ - text.size();
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

 private:
  char* begin_ = nullptr;
  std::size_t usable_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ref::http::testing
