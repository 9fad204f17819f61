#include "reports/terminal.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>

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

int terminal_width(std::FILE* stream) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

terminal::terminal(std::FILE* stream)
    : stream_(stream),
      interactive_(::isatty(::fileno(stream)) == 1),
      colour_(interactive_ && std::getenv("NO_COLOR") == nullptr) {}

std::string terminal::coloured(const char* code, const std::string& text) const {
  return colour_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

std::string terminal::verdict(const std::string& text, bool expected) const {
  const bool is_quiet = text.starts_with("not ");
  return coloured(!expected ? "31;1" : is_quiet ? "2" : text == "pass" ? "32" : "33", text);
}

std::string terminal::bold(const std::string& text) const { return coloured("1", text); }

std::string terminal::faint(const std::string& text) const { return coloured("2", text); }

void terminal::progress(std::size_t done, std::size_t total, const std::string& what) {
  if (!interactive_) return;
  constexpr std::size_t width = 24;
  const std::size_t filled = total == 0 ? width : done * width / total;
  std::string bar;
  for (std::size_t i = 0; i < width; ++i) bar += i < filled ? "█" : "░";
  std::string line = fmt::format("{}/{} {}", done, total, what);
  const auto room = static_cast<std::size_t>(std::max(terminal_width(stream_) - 28, 10));
  if (line.size() > room) line.resize(room);
  fmt::print(stream_, "\r\033[K{} {}", bar, line);
  std::fflush(stream_);
}

void terminal::end_progress() {
  if (!interactive_) return;
  fmt::print(stream_, "\r\033[K");
  std::fflush(stream_);
}

std::string matrix_text(const run_result& run, const terminal& style) {
  std::vector<std::string> areas;
  std::map<std::pair<std::string, std::string>, std::vector<const result*>> cells;
  std::map<std::string, std::vector<const result*>> rows;
  for (const auto& each : run.results) {
    if (std::find(areas.begin(), areas.end(), each.what->area) == areas.end()) {
      areas.push_back(each.what->area);
    }
    cells[{each.testee, each.what->area}].push_back(&each);
    rows[each.testee].push_back(&each);
  }
  std::size_t name_width = 8;
  for (const auto& each : run.testees) name_width = std::max(name_width, each.name.size());

  std::string out = fmt::format("{:{}}", "", name_width);
  for (const auto& area : areas) out += fmt::format("  {:>9}", area);
  out += "\n";
  for (const auto& testee : run.testees) {
    out += fmt::format("{:{}}", testee.name, name_width);
    if (!testee.here) {
      out += style.faint(fmt::format("  not here: {}\n", testee.missing));
      continue;
    }
    for (const auto& area : areas) {
      const tally sum = count(cells[{testee.name, area}]);
      const std::string text = sum.judged == 0 ? "–" : fmt::format("{}/{}", sum.passed, sum.judged);
      // The dash takes three bytes and one column.
      const std::size_t width = sum.judged == 0 ? 11 : 9;
      const std::string padded = fmt::format("  {:>{}}", text, width);
      out += sum.judged == 0 ? style.faint(padded) : style.verdict(padded, sum.unexpected == 0);
    }
    const tally sum = count(rows[testee.name]);
    if (sum.expected_deviations > 0) out += fmt::format("  {} expected", sum.expected_deviations);
    if (sum.unexpected > 0) {
      out += style.verdict(
          fmt::format("  {} deviation{}", sum.unexpected, sum.unexpected == 1 ? "" : "s"), false);
    }
    if (sum.not_here > 0) out += fmt::format("  {} not here", sum.not_here);
    out += style.faint(fmt::format("  {} {}\n", testee.implementation, testee.version));
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

std::string verdict_line(const result& each, const terminal& style) {
  const std::string verdict = fmt::format("{:15}", each.verdict);
  std::string line = fmt::format("{} {:12} {}", style.verdict(verdict, each.expected), each.testee,
                                 each.what->slug);
  const std::string& why = each.observed == "not here" ? each.message : each.reason;
  if (!why.empty()) line += style.faint("  " + why);
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
  if (!each.message.empty()) out += indented(each.message, 2) + "\n";
  if (!each.transcript.empty()) out += "  the exchange:\n";
  constexpr std::size_t shown = 40;
  constexpr std::size_t widest = 300;
  const std::size_t skipped = each.transcript.size() > shown ? each.transcript.size() - shown : 0;
  if (skipped > 0) out += fmt::format("    … {} earlier lines are in --json\n", skipped);
  for (std::size_t i = skipped; i < each.transcript.size(); ++i) {
    const auto& line = each.transcript[i];
    std::string text = line.text;
    if (text.size() > widest) text = text.substr(0, widest) + "…";
    out += fmt::format("    {:9.3f} ms  {} {} {}\n", line.t_ms, line.actor, line.direction, text);
  }
  out += fmt::format("  again: {}\n", reproduce_command(each.testee, what));
  return out;
}

}  // namespace assay
