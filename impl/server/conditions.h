// Preconditions and ranges of requests: RFC 9110, sections 13 and 14.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>

#include "impl/http/message.h"
#include "impl/server/file_cache.h"

namespace ref::server {

/// Any of the three forms of RFC 9110, section 5.6.7; nullopt for what is no date.
std::optional<std::time_t> parse_http_date(std::string_view text);

/// 0: go on; 304 or 412: the answer.
int check_preconditions(const http::field_list& fields, const served_file& file);

enum class range_kind { whole, part, unsatisfiable };

struct byte_range {
  range_kind kind = range_kind::whole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// One range of bytes. Several, other units and malformed ones are ignored, as the RFC permits.
byte_range requested_range(const http::field_list& fields, const served_file& file);

}  // namespace ref::server
