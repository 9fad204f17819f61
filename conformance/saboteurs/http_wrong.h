// What the wrong HTTP parsers and writers are made of.
#pragma once

#include <functional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

#include "conformance/saboteurs/saboteur.h"

namespace assay::saboteurs {

using sdk::adapter;
using text_rewriting = std::function<std::string(const std::string&)>;

inline const char* const request = "http.parse_request";
inline const char* const response = "http.parse_response";

inline std::string bytes_in(const json& params) { return sdk::bytes_of(params.at("bytes")); }

// The same call for other bytes, all at once.
inline json with_bytes(json params, const std::string& bytes) {
  params["bytes"] = sdk::to_bytes(bytes);
  params["cuts"] = json::array();
  return params;
}

inline std::string rewritten(const std::string& text, const char* from, const char* to) {
  constexpr std::size_t longest = 20'000;  // std::regex recurses
  if (text.size() > longest) return text;
  return std::regex_replace(text, std::regex(from), to, std::regex_constants::format_first_only);
}

// Reads the bytes as others.
inline void reads_as(adapter& to, const char* op, const text_rewriting& change) {
  to.replace(op, [=](const handler& right, const json& params) {
    const std::string bytes = bytes_in(params);
    const std::string other = change(bytes);
    return right(other == bytes ? params : with_bytes(params, other));
  });
}

// Where the right parser refuses, tries again with other bytes.
inline void forgives(adapter& to, const char* op, const text_rewriting& change) {
  to.replace(op, [=](const handler& right, const json& params) {
    try {
      return right(params);
    } catch (const raised& error) {
      const std::string bytes = bytes_in(params);
      const std::string other = change(bytes);
      if (error.type() != "MessageError" || other == bytes) throw;
      return right(with_bytes(params, other));
    }
  });
}

inline void forgives(adapter& to, const char* op, const char* pattern, const char* by) {
  forgives(to, op, [=](const std::string& bytes) { return rewritten(bytes, pattern, by); });
}

// Refuses more than it should.
inline void refuses(adapter& to, const char* op, int status,
                    const std::function<bool(const std::string&)>& when) {
  to.replace(op, [=](const handler& right, const json& params) {
    json result = right(params);
    if (when(bytes_in(params))) throw raised("MessageError", "refused").with_status(status);
    return result;
  });
}

inline void refuses(adapter& to, const char* op, int status, const char* pattern) {
  refuses(to, op, status, [=](const std::string& bytes) {
    constexpr std::size_t longest = 20'000;
    return bytes.size() < longest && std::regex_search(bytes, std::regex(pattern));
  });
}

// Changes what the right parser says.
inline void says(adapter& to, const char* op,
                 const std::function<void(json& result, const std::string& bytes)>& change) {
  to.replace(op, [=](const handler& right, const json& params) {
    json result = right(params);
    change(result, bytes_in(params));
    return result;
  });
}

// Takes what is incomplete for wrong.
inline void gives_up(adapter& to, const char* op,
                     const std::function<bool(const std::string&)>& when) {
  to.replace(op, [=](const handler& right, const json& params) {
    try {
      return right(params);
    } catch (const raised& error) {
      if (error.type() != "Incomplete" || !when(bytes_in(params))) throw;
      throw raised("MessageError", "not complete").with_status(400);
    }
  });
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != text.npos;
}
inline std::string head_of(const std::string& bytes) {
  return bytes.substr(0, bytes.find("\r\n\r\n"));
}
inline std::string behind_head(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  return end == bytes.npos ? "" : bytes.substr(end + 4);
}
inline bool is_chunked(const std::string& bytes) { return has(head_of(bytes), "Transfer-Enc"); }

}  // namespace assay::saboteurs
