#include "reports/junit.h"

#include <fmt/core.h>

#include <map>
#include <utility>

#include "reports/results.h"

namespace assay {
namespace {

// XML 1.0 allows tab, line feed and carriage return alone of the control characters, and neither
// U+FFFE nor U+FFFF.
std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::string_view three = text.substr(at, 3);
    if (three == "\xef\xbf\xbe" || three == "\xef\xbf\xbf") {
      out += three[2] == '\xbe' ? "\\ufffe" : "\\uffff";
      at += 2;
      continue;
    }
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out;
}

// Attributes would have their line ends turned into spaces.
std::string attribute(std::string_view text) {
  std::string out = escape(text);
  for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos;) {
    out.replace(at, 1, "&#10;");
  }
  return out;
}

bool is_skipped(const result& each) {
  return each.verdict == "not supported" || each.verdict == "not here" ||
         each.verdict == "expected fail";
}

bool is_error(const result& each) {
  return !each.expected && (each.observed == "crash" || each.observed == "hang" ||
                            each.observed == "malformed reply");
}

std::string outcome_element(const result& each) {
  if (is_skipped(each)) {
    const std::string& why = each.reason.empty() ? each.message : each.reason;
    return fmt::format("      <skipped message=\"{}\"/>\n",
                       attribute(each.verdict + (why.empty() ? "" : ": " + why)));
  }
  if (each.expected) return {};
  return fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n",
                     is_error(each) ? "error" : "failure", attribute(each.verdict),
                     attribute(each.what->sentence), escape(each.message));
}

std::string case_element(const result& each) {
  const double seconds = std::chrono::duration<double>(each.duration).count();
  std::string out = fmt::format("    <testcase classname=\"{}.{}\" name=\"{}\" time=\"{:.3f}\">\n",
                                attribute(each.testee), attribute(each.what->area),
                                attribute(each.what->slug), seconds);
  out += outcome_element(each);
  if (!each.expected) {
    out += "      <system-out>";
    for (const auto& line : each.transcript) {
      out += escape(
          fmt::format("{:9.3f} ms {} {} {}\n", line.t_ms, line.actor, line.direction, line.text));
    }
    out += escape(reproduce_command(each)) + "</system-out>\n";
  }
  return out + "    </testcase>\n";
}

}  // namespace

std::string junit_xml(const run_result& run) {
  std::map<std::pair<std::string, std::string>, std::vector<const result*>> suites;
  for (const auto& each : run.results) suites[{each.testee, each.what->area}].push_back(&each);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"assay\">\n";
  for (const auto& [key, results] : suites) {
    int failures = 0;
    int errors = 0;
    int skipped = 0;
    double seconds = 0;
    std::string body;
    for (const result* each : results) {
      seconds += std::chrono::duration<double>(each->duration).count();
      if (is_skipped(*each)) {
        ++skipped;
      } else if (is_error(*each)) {
        ++errors;
      } else if (!each->expected) {
        ++failures;
      }
      body += case_element(*each);
    }
    out += fmt::format(
        "  <testsuite name=\"{}.{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
        "skipped=\"{}\" time=\"{:.3f}\">\n{}  </testsuite>\n",
        attribute(key.first), attribute(key.second), results.size(), failures, errors, skipped,
        seconds, body);
  }
  return out + "</testsuites>\n";
}

}  // namespace assay
