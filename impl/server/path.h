// From a request target to a path below the document root.
#pragma once

#include <string>
#include <string_view>

namespace ref::server {

struct resolved_path {
  int status = 0;    ///< 0: `path` is good; else the answer (400)
  std::string path;  ///< relative, without "." and ".." and empty segments; never empty
};

/// Takes the path out of the target (origin or absolute form), drops the query, decodes %XX once
/// and resolves "." and "..". A path that leaves the root, a malformed %XX and a NUL give 400. "/"
/// is "index.html"; a trailing slash stays, so that a file is not found under it. Source: RFC 3986,
/// sections 2.1 and 5.2.4; the notes' server for "/".
resolved_path resolve_target(std::string_view target);

/// By the ending of the name; "application/octet-stream" for an unknown one.
std::string_view mime_type(std::string_view path);

}  // namespace ref::server
