#include "conformance/spec/tables.h"

#include <gtest/gtest.h>

#include "conformance/harness/fixtures.h"
#include "conformance/harness/requirement.h"

namespace assay {

std::string current_slug() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  for (const auto& each : requirements()) {
    if (each.suite == test->test_suite_name() && each.name == test->name()) return each.slug;
  }
  throw std::logic_error("no requirement runs");
}

std::string joined_bytes(const nlohmann::json& cell) {
  if (cell.is_string()) return bytes_of(cell);
  std::string all;
  for (const auto& part : cell) {
    if (part.is_string()) {
      all += bytes_of(part);
    } else {
      const std::string unit = bytes_of(part.at(0));
      for (int i = part.at(1).get<int>(); i > 0; --i) all += unit;
    }
  }
  return all;
}

std::string printable(std::string_view bytes, std::size_t most) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return bytes.size() > most ? text + "…" : text;
}

}  // namespace assay
