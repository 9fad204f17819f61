#include "reports/terminal.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "conformance/protocol/type.h"
#include "reports/results.h"

namespace assay {
namespace {

struct tally {
  int passed = 0;
  int judged = 0;
  int expected_deviations = 0;
  int unexpected = 0;
  int not_here = 0;
};

tally count(const std::vector<const result*>& results) {
  tally sum;
  for (const result* each : results) {
    if (each->observed == "not here") ++sum.not_here;
    if (each->observed == "not supported" || each->observed == "not here") continue;
    ++sum.judged;
    if (each->observed == "pass") ++sum.passed;
    if (each->verdict == "expected fail") ++sum.expected_deviations;
    if (!each->expected) ++sum.unexpected;
  }
  return sum;
}

std::string indented(const std::string& text, std::size_t columns) {
  const std::string margin(columns, ' ');
  std::string out = margin;
  for (char c : text) {
    out += c;
    if (c == '\n') out += margin;
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  return out;
}

}  // namespace

terminal::terminal(std::FILE* stream)
    : stream_(stream),
      interactive_(::isatty(::fileno(stream)) == 1),
      colour_(interactive_ && std::getenv("NO_COLOR") == nullptr) {}

std::size_t terminal::width() const {
  // Logs and files are read in windows, too.
  constexpr std::size_t of_a_log = 120;
  if (!interactive_) return of_a_log;
  winsize size{};
  if (::ioctl(::fileno(stream_), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

std::string terminal::coloured(const char* code, const std::string& text) const {
  return colour_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

std::string terminal::verdict(const std::string& verdict, bool expected) const {
  return as_verdict(verdict, expected, verdict);
}

std::string terminal::as_verdict(const std::string& verdict, bool expected,
                                 const std::string& text) const {
  const bool is_quiet = verdict.starts_with("not ");
  return coloured(!expected ? "31;1" : is_quiet ? "2" : verdict == "pass" ? "32" : "33", text);
}

std::string terminal::bold(const std::string& text) const { return coloured("1", text); }

std::string terminal::faint(const std::string& text) const { return coloured("2", text); }

void terminal::progress(std::size_t done, std::size_t total, const std::string& what) {
  if (!interactive_) return;
  constexpr std::size_t bar_width = 24;
  const std::size_t filled = total == 0 ? bar_width : done * bar_width / total;
  std::string bar;
  for (std::size_t i = 0; i < bar_width; ++i) bar += i < filled ? "█" : "░";
  std::string line = fmt::format("{}/{} {}", done, total, what);
  const std::size_t room = std::max<std::size_t>(width(), 38) - 28;
  if (line.size() > room) line.resize(room);
  fmt::print(stream_, "\r\033[K{} {}", bar, line);
  std::fflush(stream_);
}

void terminal::end_progress() {
  if (!interactive_) return;
  fmt::print(stream_, "\r\033[K");
  std::fflush(stream_);
}

namespace {

using cells = std::map<std::pair<std::string, std::string>, tally>;  // by testee and area

/// As wide as the text is on a terminal, to the right of its column.
std::string to_the_right(const std::string& text, std::size_t columns) {
  const auto is_start = [](unsigned char byte) { return (byte & 0xc0) != 0x80; };
  const auto width = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_start));
  return std::string(columns - std::min(columns, width), ' ') + text;
}

/// Passed of judged, in the colour of the worst among them.
std::string share(const tally& sum, std::size_t columns, const terminal& style) {
  if (sum.judged == 0) return style.faint(to_the_right("–", columns));
  const std::string text = to_the_right(fmt::format("{}/{}", sum.passed, sum.judged), columns);
  return style.as_verdict(sum.passed == sum.judged ? "pass" : "fail", sum.unexpected == 0, text);
}

std::size_t column_width(const testee_summary& testee) {
  return std::max<std::size_t>(testee.name.size(), 7);
}

std::size_t widest(const std::vector<std::string>& names) {
  std::size_t width = 0;
  for (const auto& name : names) width = std::max(width, name.size());
  return width;
}

std::string area_rows(const std::vector<const testee_summary*>& testees,
                      const std::vector<std::string>& areas, cells& table, const terminal& style) {
  std::string out(widest(areas), ' ');
  for (const auto* testee : testees) {
    out += "  " + to_the_right(testee->name, column_width(*testee));
  }
  out += "\n";
  for (const auto& area : areas) {
    out += fmt::format("{:{}}", area, widest(areas));
    for (const auto* testee : testees) {
      out += "  " + share(table[{testee->name, area}], column_width(*testee), style);
    }
    out += "\n";
  }
  return out + "\n";
}

std::string testee_row(const testee_summary& testee, const tally& sum, const terminal& style) {
  if (!testee.here) return style.faint(fmt::format("not here: {}", testee.missing));
  std::string out = share(sum, 9, style);
  if (sum.expected_deviations > 0) out += fmt::format("  {} expected", sum.expected_deviations);
  if (sum.unexpected > 0) {
    const char* plural = sum.unexpected == 1 ? "" : "s";
    out += style.as_verdict("fail", false, fmt::format("  {} deviation{}", sum.unexpected, plural));
  }
  if (sum.not_here > 0) out += fmt::format("  {} not here", sum.not_here);
  return out + style.faint(fmt::format("  {} {}", testee.implementation, testee.version));
}

}  // namespace

std::string matrix_text(const run_result& run, const terminal& style) {
  std::map<std::pair<std::string, std::string>, std::vector<const result*>> by_area;
  std::map<std::string, std::vector<const result*>> by_testee;
  for (const auto& each : run.results) {
    by_area[{each.testee, each.what->area}].push_back(&each);
    by_testee[each.testee].push_back(&each);
  }
  cells table;
  for (const auto& [key, results] : by_area) table[key] = count(results);

  std::vector<std::string> areas;  // those of which something was judged
  for (const auto& each : requirements()) {
    if (std::count(areas.begin(), areas.end(), each.area) > 0) continue;
    if (std::any_of(table.begin(), table.end(), [&](const auto& cell) {
          return cell.first.second == each.area && cell.second.judged > 0;
        })) {
      areas.push_back(each.area);
    }
  }

  // As many side by side as there is room for.
  std::string out;
  std::vector<const testee_summary*> beside;
  std::size_t used = 0;
  const auto flush = [&] {
    if (!beside.empty() && !areas.empty()) out += area_rows(beside, areas, table, style);
    beside.clear();
    used = widest(areas);
  };
  flush();
  for (const auto& testee : run.testees) {
    if (count(by_testee[testee.name]).judged == 0) continue;
    const std::size_t more = 2 + column_width(testee);
    if (used + more > style.width()) flush();
    beside.push_back(&testee);
    used += more;
  }
  flush();

  std::size_t name_width = 0;
  for (const auto& testee : run.testees) name_width = std::max(name_width, testee.name.size());
  for (const auto& testee : run.testees) {
    const tally sum = count(by_testee[testee.name]);
    out += fmt::format("{:{}}  {}\n", testee.name, name_width, testee_row(testee, sum, style));
  }
  return out;
}

std::string not_here_text(const run_result& run, const terminal& style) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> slugs;
  for (const auto& testee : run.testees) {
    if (!testee.here) continue;  // the matrix says so of all of its requirements at once
    for (const auto& each : run.results) {
      if (each.testee != testee.name || each.observed != "not here") continue;
      slugs[{testee.name, each.message}].push_back(each.what->slug);
    }
  }
  std::string out;
  for (const auto& [key, list] : slugs) {
    out += fmt::format("{}  {}: {} {} not judged: {}\n", style.verdict("not here", true), key.first,
                       list.size(), list.size() == 1 ? "requirement" : "requirements", key.second);
    for (const auto& slug : list) out += style.faint("  " + slug + "\n");
  }
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const auto next = at + 1 < text.size() ? static_cast<unsigned char>(text[at + 1]) : 0u;
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F
      out += fmt::format("\\x{:02x}", next);
      ++at;
    } else {
      out += text[at];
    }
  }
  return out;
}

std::string verdict_line(const result& each, const terminal& style) {
  const std::string verdict = fmt::format("{:15}", each.verdict);
  std::string line =
      fmt::format("{} {:18} {}", style.as_verdict(each.verdict, each.expected, verdict),
                  each.testee, each.what->slug);
  const std::string& why = each.observed == "not here" ? each.message : each.reason;
  if (!why.empty()) line += style.faint("  " + printable(why));
  return line + "\n";
}

std::string deviation_text(const result& each, const terminal& style) {
  const requirement& what = *each.what;
  std::vector<std::string> sources;
  for (const auto& one : what.sources) sources.push_back(one.text);
  std::string out = fmt::format("{}  {}  {}\n", style.verdict(each.verdict, each.expected),
                                style.bold(what.slug), each.testee);
  out += fmt::format("  {}: {}\n", to_string(what.level), what.sentence);
  out += fmt::format("  source: {}\n", fmt::join(sources, "; "));
  if (!what.erratum.empty()) out += fmt::format("  the notes: {}\n", what.erratum);
  if (!each.reason.empty()) out += fmt::format("  expectation: {}\n", each.reason);
  if (!each.message.empty()) out += indented(printable(each.message), 2) + "\n";
  if (!each.transcript.empty()) out += "  the exchange:\n";
  constexpr std::size_t shown = 40;
  constexpr std::size_t widest = 300;
  const std::size_t skipped = each.transcript.size() > shown ? each.transcript.size() - shown : 0;
  if (skipped > 0) out += fmt::format("    … {} earlier lines are in --json\n", skipped);
  for (std::size_t i = skipped; i < each.transcript.size(); ++i) {
    const auto& line = each.transcript[i];
    out += fmt::format("    {:9.3f} ms  {} {} {}\n", line.t_ms, line.actor, line.direction,
                       printable(clip(std::string_view(line.text), widest)));
  }
  out += fmt::format("  again: {}\n", reproduce_command(each));
  return out;
}

}  // namespace assay
