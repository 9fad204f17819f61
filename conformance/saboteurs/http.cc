// Wrong readers of request lines and fields.
#include <algorithm>

#include "conformance/saboteurs/http_wrong.h"

namespace assay::saboteurs {
namespace {

// ---- request line -------------------------------------------------------------------------------

SABOTEUR("http.request-line/method-target-version", "drops-query", "cuts the query off") {
  says(to, request, [](json& result, const std::string&) {
    const std::string target = result["target"];
    result["target"] = target.substr(0, target.find('?'));
  });
}

SABOTEUR("http.request-line/method-keeps-its-case", "upper", "writes methods in capitals") {
  says(to, request, [](json& result, const std::string&) {
    std::string method = result["method"];
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    result["method"] = method;
  });
}

SABOTEUR("http.request-line/target-forms", "origin-only", "knows the origin form alone") {
  refuses(to, request, 400, "^\\S+ [^/]");
}

SABOTEUR("http.request-line/incomplete", "impatient", "refuses a header that has not ended") {
  gives_up(to, request, [](const std::string& bytes) { return !has(bytes, "\r\n\r\n"); });
}

SABOTEUR("http.request-line/bad-method-refused", "any", "takes anything for a method") {
  forgives(to, request, "^[^ \\r\\n]+ ", "GET ");
}

SABOTEUR("http.request-line/bad-target-refused", "to-the-last-space", "lets targets have spaces") {
  forgives(to, request, "^(\\S+) .* (HTTP/1\\.\\d\\r\\n)", "$1 / $2");
}

SABOTEUR("http.request-line/bad-version-refused", "unread", "does not read the version") {
  forgives(to, request, "^(\\S+ \\S+) (?!HTTP/\\d\\.\\d\\r)[^\\r\\n]*", "$1 HTTP/1.1");
}

SABOTEUR("http.request-line/other-major-version-refused", "any-major",
         "takes every major version") {
  forgives(to, request, "^(\\S+ \\S+) HTTP/\\d\\.\\d\\r", "$1 HTTP/1.1\r");
}

SABOTEUR("http.request-line/leading-empty-line-ignored", "strict", "refuses an empty line first") {
  refuses(to, request, 400, "^\\r\\n");
}

SABOTEUR("http.request-line/line-endings", "cr", "ends lines at a CR alone") {
  reads_as(to, request, [](const std::string& bytes) {
    if (has(bytes, "\n")) return bytes;
    std::string all;
    for (char c : bytes) all += c == '\r' ? std::string("\r\n") : std::string(1, c);
    return all;
  });
}

SABOTEUR("http.request-line/8000-octets", "page", "refuses lines longer than a page") {
  refuses(to, request, 414, [](const std::string& bytes) { return bytes.find("\r\n") > 4096; });
}

SABOTEUR("http.request-line/too-long-refused", "endless", "takes a line of any length") {
  forgives(to, request, [](const std::string& bytes) {
    const auto end = bytes.find("\r\n");
    return end < 100'000 ? bytes : "GET / HTTP/1.1" + bytes.substr(std::min(end, bytes.size()));
  });
}

// ---- fields -------------------------------------------------------------------------------------

SABOTEUR("http.header/fields-in-order", "last-wins", "keeps the last of repeated fields") {
  says(to, request, [](json& result, const std::string&) {
    json kept = json::array();
    for (const json& each : result["headers"]) {
      std::erase_if(kept.get_ref<json::array_t&>(),
                    [&](const json& other) { return other[0] == each[0]; });
      kept.push_back(each);
    }
    result["headers"] = kept;
  });
}

SABOTEUR("http.header/empty-value", "drops", "drops fields without a value") {
  says(to, request, [](json& result, const std::string&) {
    std::erase_if(result["headers"].get_ref<json::array_t&>(),
                  [](const json& each) { return each[1] == "" && each[0] != "Host"; });
  });
}

SABOTEUR("http.header/white-space-around-values", "keeps", "keeps the white space around values") {
  says(to, request, [](json& result, const std::string& bytes) {
    for (json& each : result["headers"]) {
      const std::string name = each[0];
      const std::string value = each[1];
      if (!has(bytes, name + ": " + value + "\r\n")) each[1] = " " + value;
    }
  });
}

SABOTEUR("http.header/names-ignore-case", "one-spelling", "knows Content-Length in one spelling") {
  reads_as(to, request, [](const std::string& bytes) {
    const std::string other = rewritten(bytes, "\\r\\n(content-length|CONTENT-LENGTH):", "\r\nX:");
    return rewritten(other, "\\r\\n(host|HOST):", "\r\nX:");
  });
}

SABOTEUR("http.header/white-space-before-colon-refused", "trims", "trims names") {
  forgives(to, request, "([^\\s:])[ \\t]+:", "$1:");
}

SABOTEUR("http.header/folding-refused-or-joined", "glues", "joins folded lines without a space") {
  forgives(to, request, "([^\\s])\\r\\n[ \\t]+([^\\s])", "$1$2");
}

SABOTEUR("http.header/white-space-first-refused", "trims", "trims the first field line") {
  forgives(to, request, "(HTTP/1\\.1\\r\\n)[ \\t]+", "$1");
}

SABOTEUR("http.header/bad-name-refused", "skips", "passes over lines that are no fields") {
  forgives(to, request, "\\r\\n(?![!#$%&'*+.^_`|~0-9A-Za-z-]+:)[^ \\t\\r\\n][^\\r\\n]*", "");
}

SABOTEUR("http.header/bare-cr-refused", "drops", "drops a CR within a line") {
  forgives(to, request, "([^\\r\\n])\\r([^\\r\\n])", "$1$2");
}

SABOTEUR("http.header/control-characters-refused", "drops", "drops NUL from values") {
  forgives(to, request, [](std::string bytes) {
    const auto head = bytes.find("\r\n");
    bytes.erase(
        std::remove(bytes.begin() + static_cast<std::ptrdiff_t>(std::min(head, bytes.size())),
                    bytes.end(), '\0'),
        bytes.end());
    return bytes;
  });
}

SABOTEUR("http.header/host-required", "optional", "does without Host") {
  forgives(to, request, [](const std::string& bytes) {
    if (has(bytes, "Host:") || has(bytes, "host:")) return bytes;
    return rewritten(bytes, "(HTTP/1\\.1\\r\\n)", "$1Host: x\r\n");
  });
}

SABOTEUR("http.header/host-not-required-in-1-0", "always", "wants Host in HTTP/1.0 too") {
  refuses(to, request, 400, [](const std::string& bytes) {
    return has(bytes, "HTTP/1.0\r\n") && !has(bytes, "Host");
  });
}

SABOTEUR("http.header/host-repeated-refused", "first", "takes the first of two Hosts") {
  forgives(to, request, "(\\r\\nHost:[^\\r\\n]*)\\r\\n[Hh]ost:[^\\r\\n]*", "$1");
}

SABOTEUR("http.header/host-invalid-refused", "unread", "does not read Host") {
  forgives(to, request, "\\r\\nHost:[^\\r\\n]+", "\r\nHost: h");
}

SABOTEUR("http.header/host-forms", "no-port", "refuses a Host with a port") {
  refuses(to, request, 400, "\\r\\nHost:[^\\r\\n]*:");
}

SABOTEUR("http.header/fifty-fields", "few", "takes at most 32 fields") {
  refuses(to, request, 431, [](const std::string& bytes) {
    return std::count(bytes.begin(), bytes.end(), '\n') > 34;
  });
}

SABOTEUR("http.header/too-large-refused", "endless", "takes a field of any size") {
  forgives(to, request, [](const std::string& bytes) {
    if (bytes.size() < 100'000 || std::count(bytes.begin(), bytes.end(), '\n') > 100) return bytes;
    return std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  });
}

SABOTEUR("http.header/too-many-refused", "endless", "takes any number of fields") {
  forgives(to, request, [](const std::string& bytes) {
    if (std::count(bytes.begin(), bytes.end(), '\n') < 1000) return bytes;
    return std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  });
}

}  // namespace
}  // namespace assay::saboteurs
