// Wrong writers of messages.
#include <algorithm>

#include "conformance/saboteurs/http_wrong.h"

namespace assay::saboteurs {
namespace {

constexpr const char* write_request = "http.format_request";
constexpr const char* write_response = "http.format_response";

// Changes the message that was written.
void writes(adapter& to, const char* op,
            const std::function<std::string(const std::string&, const json& params)>& change) {
  to.replace(op, [=](const handler& right, const json& params) {
    return sdk::to_bytes(change(sdk::bytes_of(right(params)), params));
  });
}

// Content-Length in characters.
std::string counted_in_characters(const std::string& message, const json&) {
  const std::string body = behind_head(message);
  const auto characters = std::count_if(body.begin(), body.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  return rewritten(message, "Content-Length: \\d+",
                   ("Content-Length: " + std::to_string(characters)).c_str());
}

// Lets through what would break out of its place.
json unchecked(const handler& right, const json& params) {
  try {
    return right(params);
  } catch (const raised& error) {
    if (error.type() != "ValueError") throw;
    return sdk::to_bytes("HTTP/1.1 200 OK\r\n\r\n");
  }
}

SABOTEUR("http.format-request/line-and-fields", "last-wins", "writes the last of repeated fields") {
  to.replace(write_request, [](const handler& right, json params) {
    json kept = json::array();
    for (const json& each : params.at("headers")) {
      std::erase_if(kept.get_ref<json::array_t&>(),
                    [&](const json& other) { return other[0] == each[0]; });
      kept.push_back(each);
    }
    params["headers"] = kept;
    return right(params);
  });
}

SABOTEUR("http.format-request/post-body", "characters", "counts characters instead of bytes") {
  writes(to, write_request, counted_in_characters);
}

SABOTEUR("http.format-request/refuses-injection", "unchecked", "checks nothing") {
  to.replace(write_request, unchecked);
}

SABOTEUR("http.format-request/parses-back", "twice", "adds a length that is there already") {
  writes(to, write_request, [](const std::string& message, const json& params) {
    const bool has_own = params.at("headers").dump().find("Content-Length") != std::string::npos;
    return has_own ? rewritten(message, "\\r\\n\\r\\n", "\r\nContent-Length: 3\r\n\r\n") : message;
  });
}

SABOTEUR("http.format-response/status-line", "as-the-notes", "leaves the version out") {
  writes(to, write_response, [](const std::string& message, const json&) {
    return rewritten(message, "^HTTP/1\\.1 ", "");
  });
}

SABOTEUR("http.format-response/content-length", "characters",
         "counts characters instead of bytes") {
  writes(to, write_response, counted_in_characters);
}

SABOTEUR("http.format-response/no-length-without-body", "always", "always writes a length") {
  writes(to, write_response, [](const std::string& message, const json&) {
    return has(message, "Content-Length")
               ? message
               : rewritten(message, "\\r\\n\\r\\n", "\r\nContent-Length: 0\r\n\r\n");
  });
}

SABOTEUR("http.format-response/refuses-injection", "unchecked", "checks nothing") {
  to.replace(write_response, unchecked);
}

}  // namespace
}  // namespace assay::saboteurs
