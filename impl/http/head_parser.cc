#include <cstring>

#include "impl/http/characters.h"
#include "impl/http/parser.h"

namespace ref::http::detail {
namespace {

constexpr int most_empty_lines = 4;

parse_result refuse(int status, const char* why) { return {parse_state::refused, 0, status, why}; }

// What is wrong with a field line that does not begin with a token and a colon.
parse_result refuse_field(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "a folded field line");
  if (line.find(':') == line.npos) return refuse(400, "a field line without a colon");
  return refuse(400, "a field name that is no token");
}

}  // namespace

void head_parser::restart() {
  has_first_line_ = false;
  line_begin_ = 0;
  scanned_ = 0;
  fields_begin_ = 0;
  empty_lines_ = 0;
  count_ = 0;
}

parse_result head_parser::read_lines(std::string_view bytes) {
  for (;;) {
    const char* found = scanned_ < bytes.size()
                            ? static_cast<const char*>(std::memchr(bytes.data() + scanned_, '\n',
                                                                   bytes.size() - scanned_))
                            : nullptr;
    const std::size_t end =
        found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
    if (!has_first_line_ && end - line_begin_ > limits_.line) {
      return refuse(status_of_long_line(), "the first line is too long");
    }
    if (has_first_line_ && end - fields_begin_ > limits_.fields) {
      return refuse(431, "the header section is too large");
    }
    if (found == nullptr) {
      scanned_ = bytes.size();
      return {};
    }
    if (end == line_begin_ || bytes[end - 1] != '\r')
      return refuse(400, "a line ends in a bare LF");
    const place line{static_cast<std::uint32_t>(line_begin_), static_cast<std::uint32_t>(end - 1)};
    line_begin_ = scanned_ = end + 1;
    if (line.begin == line.end && has_first_line_) {
      return {parse_state::complete, end + 1, 0, ""};
    }
    if (line.begin == line.end) {
      // RFC 9112, section 2.2: empty lines in front of a request are ignored.
      if (++empty_lines_ > most_empty_lines) return refuse(400, "too many empty lines");
      continue;
    }
    parse_result got;
    if (has_first_line_) {
      got = read_field(bytes, line);
    } else {
      has_first_line_ = true;
      first_line_ = line;
      fields_begin_ = line_begin_;
      got = check_first_line(at(bytes, line));
    }
    if (got.state == parse_state::refused) return got;
  }
}

parse_result head_parser::read_field(std::string_view bytes, place line) {
  const std::string_view text = at(bytes, line);
  const std::size_t colon = span_of_class(text, token_byte);
  if (colon == 0 || colon == text.size() || text[colon] != ':') return refuse_field(text);
  const std::string_view name = text.substr(0, colon);
  const std::string_view value = trimmed(text.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "a control character in a field value");
  if (count_ == field_list::most) return refuse(431, "too many fields");
  const auto value_begin = static_cast<std::uint32_t>(value.data() - bytes.data());
  places_[count_++] = {{line.begin, line.begin + static_cast<std::uint32_t>(name.size())},
                       {value_begin, value_begin + static_cast<std::uint32_t>(value.size())}};
  return {};
}

void head_parser::fill(std::string_view bytes, field_list& fields) const {
  fields.clear();
  for (std::size_t i = 0; i < count_; ++i) {
    fields.add({at(bytes, places_[i].name), at(bytes, places_[i].value)});
  }
}

}  // namespace ref::http::detail
