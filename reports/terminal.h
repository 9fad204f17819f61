// Results for people at a terminal: a progress line, the matrix, and each deviation with its
// evidence.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/result.h"

namespace assay {

/// Colour where the stream is a terminal and NO_COLOR is not set.
class terminal {
 public:
  explicit terminal(std::FILE* stream);

  bool is_interactive() const { return interactive_; }
  /// Columns; 120 where the stream is no terminal.
  std::size_t width() const;
  /// The verdict in its colour; as it is where colours are off.
  std::string verdict(const std::string& verdict, bool expected) const;
  /// Another text in the colour of a verdict.
  std::string as_verdict(const std::string& verdict, bool expected, const std::string& text) const;
  std::string bold(const std::string& text) const;
  std::string faint(const std::string& text) const;

  /// Draws or redraws the one progress line; nothing where the stream is no terminal.
  void progress(std::size_t done, std::size_t total, const std::string& what);
  void end_progress();

 private:
  std::string coloured(const char* code, const std::string& text) const;

  std::FILE* stream_;
  bool interactive_;
  bool colour_;
};

/// What a testee said, with nothing in it that a terminal would obey: control characters but tab
/// and line feed are written as \x1b.
std::string printable(std::string_view text);

/// Passed of judged: one line an area, one column a testee, as many beside one another as there is
/// room for; then a line for each testee as a whole, or why it is not here.
std::string matrix_text(const run_result& run, const terminal& style);

/// Requirements that this machine lacks something for, under their testee and the reason; empty
/// where there are none.
std::string not_here_text(const run_result& run, const terminal& style);

/// One line for a verdict: `fail  queue.get/…  the sentence`.
std::string verdict_line(const result& each, const terminal& style);

/// A deviation in full: sentence, source, erratum, message, the exchange, how to see it again.
std::string deviation_text(const result& each, const terminal& style);

}  // namespace assay
