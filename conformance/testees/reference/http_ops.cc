// Ops of the area http over ref::http.
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "conformance/testees/reference/reference.h"
#include "impl/http/parser.h"
#include "impl/http/writer.h"

namespace assay::testees {
namespace {

using ref::http::parse_result;
using ref::http::parse_state;
using sdk::json;
using sdk::raised;

// Bytes beyond ASCII as the code points of ISO 8859-1, which is what they are in fields.
std::string latin1(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

// Where the bytes end, piece by piece: the cuts in order, then the end.
std::vector<std::size_t> piece_ends(const json& cuts, std::size_t size) {
  std::vector<std::size_t> ends;
  std::size_t last = 0;
  for (const json& cut : cuts) {
    const auto at = cut.get<std::int64_t>();
    if (at < static_cast<std::int64_t>(last) || at > static_cast<std::int64_t>(size)) {
      throw raised("ValueError", "cuts must ascend within the bytes");
    }
    last = static_cast<std::size_t>(at);
    ends.push_back(last);
  }
  ends.push_back(size);
  return ends;
}

void raise_if_refused(const parse_result& got) {
  if (got.state == parse_state::refused)
    throw raised("MessageError", got.why).with_status(got.status);
}

json fields_json(const ref::http::field_list& fields) {
  json list = json::array();
  for (const auto& each : fields) {
    list.push_back(json::array({latin1(each.name), latin1(each.value)}));
  }
  return list;
}

// A head and a body from pieces: the head is parsed from all that has come, the body from what is
// new. `end`: the connection is closed behind the bytes.
template <typename Parser>
struct parsed {
  std::size_t consumed = 0;
  std::string body;

  parsed(Parser& parser, std::string_view bytes, const json& cuts, bool end) {
    std::optional<ref::http::body_parser> body_parser;
    std::size_t taken = 0;
    for (const std::size_t piece_end : piece_ends(cuts, bytes.size())) {
      if (!body_parser) {
        const parse_result got = parser.parse(bytes.substr(0, piece_end));
        raise_if_refused(got);
        if (got.state == parse_state::need_more) continue;
        taken = got.consumed;
        body_parser.emplace(parser.head().body);
      }
      const parse_result got = body_parser->parse(bytes.substr(taken, piece_end - taken), &body);
      raise_if_refused(got);
      taken += got.consumed;
      if (got.state == parse_state::complete) {
        consumed = taken;
        return;
      }
    }
    if (!body_parser) throw raised("Incomplete", "the bytes end within the head");
    if (!end || body_parser->finish().state != parse_state::complete) {
      throw raised("Incomplete", "the bytes end within the body");
    }
    consumed = taken;
  }
};

json parse_request(const json& params) {
  const std::string bytes = sdk::bytes_of(params.at("bytes"));
  ref::http::request_parser parser;
  const parsed message(parser, bytes, params.at("cuts"), false);
  const auto& head = parser.head();
  return {{"method", head.method},
          {"target", head.target},
          {"version", "HTTP/1." + std::to_string(head.minor_version)},
          {"headers", fields_json(head.fields)},
          {"body", sdk::to_bytes(message.body)},
          {"consumed", message.consumed}};
}

json parse_response(const json& params) {
  const std::string bytes = sdk::bytes_of(params.at("bytes"));
  ref::http::response_parser parser(params.at("method").get_ref<const std::string&>());
  const parsed message(parser, bytes, params.at("cuts"), params.at("end").get<bool>());
  const auto& head = parser.head();
  return {{"version", "HTTP/1." + std::to_string(head.minor_version)},
          {"status", head.status},
          {"reason", latin1(head.reason)},
          {"headers", fields_json(head.fields)},
          {"body", sdk::to_bytes(message.body)},
          {"consumed", message.consumed}};
}

ref::http::header_list headers_of(const json& params) {
  ref::http::header_list headers;
  for (const json& each : params.at("headers")) headers.emplace_back(each.at(0), each.at(1));
  return headers;
}

json format_request(const json& params) {
  std::optional<std::string> body;
  if (!params.at("body").is_null()) body = sdk::bytes_of(params.at("body"));
  return sdk::to_bytes(ref::http::format_request(params.at("method").get<std::string>(),
                                                 params.at("target").get<std::string>(),
                                                 headers_of(params), body));
}

json format_response(const json& params) {
  std::optional<std::string> reason;
  if (!params.at("reason").is_null()) reason = params.at("reason").get<std::string>();
  return sdk::to_bytes(ref::http::format_response(params.at("status"), headers_of(params),
                                                  sdk::bytes_of(params.at("body")), reason));
}

template <json (*Format)(const json&)>
json or_value_error(const json& params) {
  try {
    return Format(params);
  } catch (const std::invalid_argument& refused) {
    throw raised("ValueError", refused.what());
  }
}

}  // namespace

void add_http_ops(sdk::adapter& to) {
  to.on("http.parse_request", parse_request);
  to.on("http.parse_response", parse_response);
  to.on("http.format_request", or_value_error<format_request>);
  to.on("http.format_response", or_value_error<format_response>);
}

}  // namespace assay::testees
