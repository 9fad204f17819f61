#include "impl/http/writer.h"

#include <algorithm>
#include <stdexcept>

#include "impl/http/message.h"

namespace ref::http {
namespace {

void add_fields(std::string& out, const header_list& headers) {
  for (const auto& [name, value] : headers) {
    if (!is_token(name)) throw std::invalid_argument("field name is no token: " + name);
    if (!is_field_value(value)) {
      throw std::invalid_argument("value of " + name + " has a control character");
    }
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
}

bool has_framing(const header_list& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const auto& each) {
    return equal_ignoring_case(each.first, "Content-Length") ||
           equal_ignoring_case(each.first, "Transfer-Encoding");
  });
}

void add_length(std::string& out, const header_list& headers, std::size_t size) {
  if (!has_framing(headers)) out += "Content-Length: " + std::to_string(size) + "\r\n";
}

}  // namespace

std::string format_request(std::string_view method, std::string_view target,
                           const header_list& headers,
                           const std::optional<std::string_view>& body) {
  if (!is_token(method)) throw std::invalid_argument("method is no token");
  const bool is_target = !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
    return c > 0x20 && c < 0x7f;
  });
  if (!is_target) throw std::invalid_argument("request target is empty or has a bad character");
  std::string out;
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  add_fields(out, headers);
  if (body) add_length(out, headers, body->size());
  out += "\r\n";
  if (body) out += *body;
  return out;
}

std::string format_response(int status, const header_list& headers, std::string_view body,
                            const std::optional<std::string_view>& reason) {
  if (status < 100 || status > 999) throw std::invalid_argument("status is not within 100 to 999");
  const std::string_view phrase = reason ? *reason : reason_phrase(status);
  if (!is_field_value(phrase)) throw std::invalid_argument("reason has a control character");
  const bool has_body = status >= 200 && status != 204 && status != 304;
  if (!has_body && !body.empty()) throw std::invalid_argument("this status allows no body");
  std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
  out.append(phrase).append("\r\n");
  add_fields(out, headers);
  if (has_body) add_length(out, headers, body.size());
  out += "\r\n";
  out += body;
  return out;
}

}  // namespace ref::http
