#include "bench/peers/wrk.h"

#include <charconv>
#include <cstdlib>

namespace assay::bench {
namespace {

// The text behind a word, up to the end of its line; nullopt without the word.
std::optional<std::string_view> behind(std::string_view output, std::string_view word) {
  const std::size_t at = output.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  output.remove_prefix(at + word.size());
  return output.substr(0, output.find('\n'));
}

double number(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

// "812.00us", "1.52ms", "2.01s" in microseconds.
double microseconds(std::string_view text) {
  const double value = number(text);
  if (text.find("us") != std::string_view::npos) return value;
  return text.find("ms") != std::string_view::npos ? value * 1e3 : value * 1e6;
}

// The sum of the numbers in "connect 0, read 5, write 0, timeout 0".
long sum_of_numbers(std::string_view text) {
  long sum = 0;
  while (!text.empty()) {
    long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc()) sum += value;
    const auto used = static_cast<std::size_t>(end - text.data());
    text.remove_prefix(used > 0 ? used : 1);
  }
  return sum;
}

}  // namespace

std::optional<wrk_report> parse_wrk(std::string_view output) {
  const auto rate = behind(output, "Requests/sec:");
  const std::size_t total = output.find(" requests in ");
  const auto p50 = behind(output, "50%");
  const auto p99 = behind(output, "99%");
  if (!rate || !p50 || !p99 || total == std::string_view::npos) return std::nullopt;
  const std::size_t line = output.rfind('\n', total) + 1;
  wrk_report report{number(*rate), number(output.substr(line, total - line)), microseconds(*p50),
                    microseconds(*p99)};
  if (const auto wrong = behind(output, "Non-2xx or 3xx responses:")) {
    report.wrong_answers = static_cast<long>(number(*wrong));
  }
  if (const auto errors = behind(output, "Socket errors:")) {
    report.socket_errors = sum_of_numbers(*errors);
  }
  return report;
}

}  // namespace assay::bench
