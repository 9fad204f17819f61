#include "impl/server/answer.h"

#include <algorithm>
#include <array>

#include "impl/server/conditions.h"
#include "impl/server/path.h"

namespace ref::server {
namespace {

constexpr std::string_view not_found_body = "you brower page web not found";
constexpr std::string_view allowed = "Allow: GET, HEAD, OPTIONS\r\n";

bool is_known_method(std::string_view method) {
  constexpr std::array known{"POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT"};
  return std::any_of(known.begin(), known.end(), [&](const char* each) { return method == each; });
}

void begin_head(answer& out, std::string_view date) {
  out.head.reserve(384);
  out.head = "HTTP/1.1 ";
  out.head += std::to_string(out.status);
  out.head += ' ';
  out.head += http::reason_phrase(out.status);
  out.head += "\r\nDate: ";
  out.head += date;
  out.head += "\r\n";
}

void add_length(answer& out, std::uint64_t length) {
  out.head += "Content-Length: ";
  out.head += std::to_string(length);
  out.head += "\r\n";
}

void end_head(answer& out, const http::request_head* request) {
  if (out.close) {
    out.head += "Connection: close\r\n";
  } else if (request != nullptr && request->minor_version == 0) {
    out.head += "Connection: keep-alive\r\n";
  }
  out.head += "\r\n";
}

// What every answer depends on. `request` is null when it could not be parsed.
struct asked {
  const http::request_head* request;
  std::string_view date;
  bool must_close;
  bool answers_head;
};

answer with_text(int status, const asked& ask, std::string_view text,
                 std::string_view fields = {}) {
  answer out;
  out.status = status;
  out.close = ask.must_close || !keeps_alive(*ask.request);
  begin_head(out, ask.date);
  out.head += fields;
  if (!text.empty()) out.head += "Content-Type: text/plain; charset=utf-8\r\n";
  add_length(out, text.size());
  end_head(out, ask.request);
  if (!ask.answers_head) out.text = text;
  return out;
}

answer with_phrase(int status, const asked& ask, std::string_view fields = {}) {
  return with_text(status, ask, http::reason_phrase(status), fields);
}

// All of a file in memory, to a client of HTTP/1.1 that goes on.
answer with_whole_file(const asked& ask, const served_file& file) {
  answer out;
  kept_answer& kept = file.plain;
  if (!kept.bytes || kept.date != ask.date) {
    begin_head(out, ask.date);
    out.head += file.fields;
    add_length(out, file.size);
    end_head(out, ask.request);
    kept.date = ask.date;
    kept.bytes = std::make_shared<const std::string>(out.head + file.content);
    out.head.clear();
  }
  out.whole = kept.bytes;
  return out;
}

answer with_file(const asked& ask, std::shared_ptr<const served_file> file) {
  const http::field_list& fields = ask.request->fields;
  answer out;
  out.close = ask.must_close || !keeps_alive(*ask.request);
  out.status = check_preconditions(fields, *file);
  if (out.status == 412) return with_phrase(412, ask);
  if (out.status == 304) {
    begin_head(out, ask.date);
    out.head += "Last-Modified: " + file->last_modified + "\r\nETag: " + file->etag + "\r\n";
    end_head(out, ask.request);
    return out;
  }
  const byte_range range = ask.answers_head ? byte_range{} : requested_range(fields, *file);
  if (range.kind == range_kind::unsatisfiable) {
    return with_phrase(416, ask, "Content-Range: bytes */" + std::to_string(file->size) + "\r\n");
  }
  const bool is_plain = range.kind == range_kind::whole && !ask.answers_head && !out.close &&
                        ask.request->minor_version > 0;
  if (is_plain && file->in_memory) return with_whole_file(ask, *file);
  out.status = 200;
  out.length = file->size;
  if (range.kind == range_kind::part) {
    out.status = 206;
    out.offset = range.offset;
    out.length = range.length;
  }
  begin_head(out, ask.date);
  out.head += file->fields;
  if (out.status == 206) {
    out.head += "Content-Range: bytes " + std::to_string(range.offset) + "-" +
                std::to_string(range.offset + range.length - 1) + "/" + std::to_string(file->size) +
                "\r\n";
  }
  add_length(out, out.length);
  end_head(out, ask.request);
  if (ask.answers_head) out.length = 0;
  if (out.length > 0) out.file = std::move(file);
  return out;
}

}  // namespace

bool keeps_alive(const http::request_head& request) {
  if (request.fields.lists("Connection", "close")) return false;
  return request.minor_version > 0 || request.fields.lists("Connection", "keep-alive");
}

answer answer_error(int status, std::string_view date, bool answers_head) {
  return with_phrase(status, {nullptr, date, true, answers_head});
}

answer answer_request(const http::request_head& request, file_cache& files, std::string_view date,
                      std::chrono::steady_clock::time_point round, bool must_close) {
  const asked ask{&request, date, must_close, request.method == "HEAD"};
  if (request.method == "OPTIONS") return with_text(200, ask, {}, allowed);
  if (request.method != "GET" && request.method != "HEAD") {
    return with_phrase(is_known_method(request.method) ? 405 : 501, ask, allowed);
  }
  const resolved_path where = resolve_target(request.target);
  if (where.status != 0) return with_phrase(where.status, ask);
  opened_file opened = files.open(where.path, round);
  switch (opened.status) {
    case open_status::found:
      return with_file(ask, std::move(opened.file));
    case open_status::no_descriptor:
      return with_phrase(503, ask);
    case open_status::absent:
      break;
  }
  return with_text(404, ask, not_found_body);
}

}  // namespace ref::server
