// wrk, the load generator, and what it prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay::bench {

struct wrk_report {
  double requests_per_second = 0;
  double requests = 0;
  double p50_us = 0;
  double p99_us = 0;
  long wrong_answers = 0;  ///< other than 2xx and 3xx
  long socket_errors = 0;
};

/// What wrk printed; nullopt when it is something else.
std::optional<wrk_report> parse_wrk(std::string_view output);

}  // namespace assay::bench
