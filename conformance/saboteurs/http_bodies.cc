// Wrong readers of bodies and of responses.
#include <algorithm>
#include <cstdint>

#include "conformance/saboteurs/http_wrong.h"

namespace assay::saboteurs {
namespace {

constexpr const char* length_line = "\\r\\nContent-Length:[^\\r\\n]*";

std::string first_chunk_line(const std::string& bytes) {
  const std::string body = behind_head(bytes);
  return is_chunked(bytes) ? body.substr(0, body.find_first_of("\r\n")) : "";
}

std::string with_first_chunk_line(const std::string& bytes, const std::string& line) {
  const std::string body = behind_head(bytes);
  const auto end = std::min(body.find_first_of("\r\n"), body.size());
  return head_of(bytes) + "\r\n\r\n" + line + body.substr(end);
}

std::string trailers_of(const std::string& bytes) {
  const auto last = bytes.find("\r\n0\r\n");
  return last == bytes.npos ? "" : bytes.substr(last + 5);
}

// ---- Content-Length -----------------------------------------------------------------------------

SABOTEUR("http.body/absent", "rest", "takes all that follows for the body") {
  says(to, request, [](json& result, const std::string& bytes) {
    const std::string head = head_of(bytes);
    if (has(head, "Length") || has(head, "length") || has(head, "ransfer")) return;
    result["body"] = sdk::to_bytes(behind_head(bytes));
  });
}

SABOTEUR("http.body/content-length", "no-zeros", "refuses a length with leading zeros") {
  refuses(to, request, 400, "Content-Length: 0\\d");
}

SABOTEUR("http.body/incomplete", "short", "refuses a body that has not come whole") {
  gives_up(to, request,
           [](const std::string& bytes) { return has(bytes, "\r\n\r\n") && !is_chunked(bytes); });
}

SABOTEUR("http.body/bad-length-refused", "digits", "reads the digits and skips the rest") {
  forgives(to, request, "(Content-Length:)[^\\r\\n0-9]*(\\d+)[^\\r\\n]*", "$1 $2");
}

SABOTEUR("http.body/overflowing-length-refused", "wraps", "reads a length modulo 2^64") {
  forgives(to, request, [](const std::string& bytes) {
    std::smatch found;
    if (!std::regex_search(bytes, found, std::regex("Content-Length: (\\d{19,})"))) return bytes;
    std::uint64_t value = 0;
    for (char c : found[1].str()) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return rewritten(bytes, length_line,
                     ("\r\nContent-Length: " + std::to_string(value % 8)).c_str());
  });
}

SABOTEUR("http.body/differing-lengths-refused", "first", "takes the first of two lengths") {
  forgives(to, request,
           "(\\r\\nContent-Length:[^\\r\\n,]*)(\\r\\n[Cc]ontent-[Ll]ength:|,)[^\\r\\n]*", "$1");
}

SABOTEUR("http.body/equal-lengths", "neither", "takes neither of two equal lengths") {
  forgives(to, request, "\\r\\nContent-Length: (\\d+)\\r\\nContent-Length: \\1\\r", "\r");
}

// ---- chunked ------------------------------------------------------------------------------------

SABOTEUR("http.chunked/decoded", "first-chunk", "keeps the first chunk alone") {
  says(to, request, [](json& result, const std::string& bytes) {
    const std::string line = first_chunk_line(bytes);
    if (line.empty()) return;
    const auto size = static_cast<std::size_t>(std::stoul(line, nullptr, 16));
    result["body"] = sdk::to_bytes(sdk::bytes_of(result["body"]).substr(0, size));
  });
}

SABOTEUR("http.chunked/sizes-are-hexadecimal", "lower", "refuses sizes in capitals") {
  refuses(to, request, 400, [](const std::string& bytes) {
    return first_chunk_line(bytes).find_first_of("ABCDEF") == 0;
  });
}

SABOTEUR("http.chunked/extensions-ignored", "none", "refuses chunk extensions") {
  refuses(to, request, 400,
          [](const std::string& bytes) { return has(first_chunk_line(bytes), ";"); });
}

SABOTEUR("http.chunked/trailers", "in-body", "takes trailers for a part of the body") {
  says(to, request, [](json& result, const std::string& bytes) {
    if (!is_chunked(bytes) || !has(trailers_of(bytes), ":")) return;
    result["body"] = sdk::to_bytes(sdk::bytes_of(result["body"]) + trailers_of(bytes));
  });
}

SABOTEUR("http.chunked/trailers-do-not-frame", "believes", "believes a length in the trailers") {
  says(to, request, [](json& result, const std::string& bytes) {
    if (!is_chunked(bytes) || !has(trailers_of(bytes), "Content-Length")) return;
    result["consumed"] = bytes.size() + 1;
  });
}

SABOTEUR("http.chunked/coding-ignores-case", "lower", "knows chunked in small letters alone") {
  refuses(to, request, 501, "Transfer-Encoding: *(Chunked|CHUNKED|cHuNkEd|chunkeD)");
}

SABOTEUR("http.chunked/incomplete", "short", "refuses a chunked body that has not come whole") {
  gives_up(to, request, is_chunked);
}

SABOTEUR("http.chunked/bad-size-refused", "five", "takes a size that it cannot read for five") {
  forgives(to, request, [](const std::string& bytes) {
    const std::string line = first_chunk_line(bytes);
    const bool is_bad = line.find_first_not_of("0123456789abcdefABCDEF") != line.npos;
    return is_bad ? with_first_chunk_line(bytes, "5") : bytes;
  });
}

SABOTEUR("http.chunked/overflowing-size-refused", "wraps", "reads a size modulo 2^64") {
  forgives(to, request, [](const std::string& bytes) {
    const std::string line = first_chunk_line(bytes);
    if (line.size() < 16) return bytes;
    const std::string low = line.substr(line.size() - 8);
    return with_first_chunk_line(bytes, low == "ffffffff" ? "5" : low);
  });
}

SABOTEUR("http.chunked/data-ends-with-crlf", "skips", "skips what follows chunk data") {
  forgives(to, request, [](const std::string& bytes) {
    const std::string line = first_chunk_line(bytes);
    if (line.empty() || line.size() > 4 ||
        line.find_first_not_of("0123456789abcdef") != line.npos) {
      return bytes;
    }
    const auto begin = bytes.find("\r\n\r\n") + 4 + line.size() + 2;
    const auto end = begin + std::stoul(line, nullptr, 16);
    const auto last = bytes.rfind("0\r\n\r\n");
    if (last == bytes.npos || end > last) return bytes;
    return bytes.substr(0, end) + "\r\n" + bytes.substr(last);
  });
}

SABOTEUR("http.chunked/bare-lf-refused", "lf", "ends the lines of chunks at an LF alone") {
  forgives(to, request, [](const std::string& bytes) {
    if (!is_chunked(bytes)) return bytes;
    std::string body;
    for (char c : behind_head(bytes)) {
      if (c == '\n' && !body.ends_with('\r')) body += '\r';
      body += c;
    }
    return head_of(bytes) + "\r\n\r\n" + body;
  });
}

SABOTEUR("http.chunked/with-content-length", "length-wins", "lets Content-Length win") {
  forgives(to, request, [](const std::string& bytes) {
    if (!has(bytes, "Content-Length")) return bytes;
    return rewritten(bytes, "\\r\\nTransfer-Encoding:[^\\r\\n]*", "");
  });
}

SABOTEUR("http.chunked/other-codings-refused", "as-chunked", "takes every coding for chunked") {
  forgives(to, request, [](const std::string& bytes) {
    if (has(bytes, "Content-Length") || has(bytes, "HTTP/1.0")) return bytes;
    return rewritten(bytes, "\\r\\nTransfer-Encoding:[^\\r\\n]*", "\r\nTransfer-Encoding: chunked");
  });
}

SABOTEUR("http.chunked/in-1-0-is-faulty", "ignores", "ignores Transfer-Encoding in HTTP/1.0") {
  forgives(to, request, [](const std::string& bytes) {
    if (!has(bytes, "HTTP/1.0")) return bytes;
    return rewritten(bytes, "\\r\\nTransfer-Encoding:[^\\r\\n]*", "");
  });
}

// ---- responses ----------------------------------------------------------------------------------

SABOTEUR("http.response/status-line", "one-word", "keeps the first word of the reason") {
  says(to, response, [](json& result, const std::string&) {
    const std::string reason = result["reason"];
    result["reason"] = reason.substr(0, reason.find(' '));
  });
}

SABOTEUR("http.response/reason-may-be-empty", "wanted", "wants a reason") {
  refuses(to, response, 400, "^HTTP/1\\.\\d \\d{3} ?\\r\\n");
}

SABOTEUR("http.response/bad-status-line-refused", "unread", "takes any first line for 200") {
  forgives(to, response, "^[^\\r\\n]*", "HTTP/1.1 200 OK");
}

SABOTEUR("http.response/content-length", "rest", "takes all that follows for the body") {
  says(to, response, [](json& result, const std::string& bytes) {
    if (has(bytes, "Content-Length") && sdk::bytes_of(result["body"]) != "") {
      result["body"] = sdk::to_bytes(behind_head(bytes));
    }
  });
}

SABOTEUR("http.response/chunked", "raw", "leaves a chunked body as it came") {
  says(to, response, [](json& result, const std::string& bytes) {
    if (is_chunked(bytes)) result["body"] = sdk::to_bytes(behind_head(bytes));
  });
}

SABOTEUR("http.response/until-the-connection-ends", "empty", "takes no length for no body") {
  says(to, response, [](json& result, const std::string& bytes) {
    if (has(head_of(bytes), "Content-Length") || is_chunked(bytes)) return;
    result["body"] = sdk::to_bytes("");
  });
}

SABOTEUR("http.response/head-has-no-body", "as-get", "reads the response to HEAD as to GET") {
  to.replace(response, [](const handler& right, json params) {
    params["method"] = "GET";
    return right(params);
  });
}

SABOTEUR("http.response/statuses-without-body", "as-200", "reads 204 and 304 as 200") {
  reads_as(to, response, [](const std::string& bytes) {
    return rewritten(bytes, "^(HTTP/1\\.\\d) (204|304)", "$1 200");
  });
}

SABOTEUR("http.response/cut-short-is-incomplete", "content", "is content with less") {
  to.replace(response, [](const handler& right, const json& params) {
    try {
      return right(params);
    } catch (const raised& error) {
      if (error.type() != "Incomplete" || !params.at("end").get<bool>()) throw;
      return right(with_bytes(params, rewritten(bytes_in(params), length_line, "")));
    }
  });
}

SABOTEUR("http.response/bad-framing-refused", "unframed", "reads on where the length is bad") {
  to.replace(response, [](const handler& right, json params) {
    try {
      return right(params);
    } catch (const raised& error) {
      const std::string bytes = bytes_in(params);
      if (error.type() != "MessageError" || !has(bytes, "Content-Length")) throw;
      params["end"] = true;
      const std::string without = rewritten(rewritten(bytes, length_line, ""), length_line, "");
      return right(with_bytes(params, without));
    }
  });
}

}  // namespace
}  // namespace assay::saboteurs
