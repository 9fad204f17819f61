// Writes HTTP/1.1 messages.
//
//   std::string bytes = format_response(404, {{"Content-Type", "text/plain"}}, "no such file");
//
// What would break out of its place (CR, LF or NUL in a field, a space in a method) is refused with
// std::invalid_argument, so that no caller's text can add fields or messages.
// Source: RFC 9112, sections 3 to 6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ref::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// Content-Length is added where a body is given and the headers do not say how it is framed.
std::string format_request(std::string_view method, std::string_view target,
                           const header_list& headers,
                           const std::optional<std::string_view>& body = std::nullopt);

/// Content-Length is added unless the status allows no body (1xx, 204, 304), which then must be
/// empty. Without a reason the standard phrase is used.
std::string format_response(int status, const header_list& headers, std::string_view body,
                            const std::optional<std::string_view>& reason = std::nullopt);

}  // namespace ref::http
