// What was said between assay and a testee during one test, bounded, as evidence for its verdict.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct transcript_line {
  double t_ms = 0;        ///< since the start of the test
  std::string actor;      ///< actor's name, "server" or "assay"
  std::string direction;  ///< ">" sent by assay, "<" received, "!" an observation of the harness
  std::string text;       ///< clipped; bytes of servers are escaped as in C
};

/// Collects lines; threads may share it. Keeps the first lines and the last ones when there are too
/// many, and says how many are left out.
class transcript {
 public:
  static constexpr std::size_t line_bytes = 2000;
  static constexpr std::size_t first_lines = 200;
  static constexpr std::size_t last_lines = 100;

  /// Forgets everything; times count from now.
  void restart();
  void add(std::string_view actor, const char* direction, std::string_view text);
  /// The same with everything that is not printable ASCII escaped (\r, \n, \x00).
  void add_bytes(std::string_view actor, const char* direction, std::string_view bytes);
  std::vector<transcript_line> lines() const;

 private:
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::vector<transcript_line> first_;
  std::vector<transcript_line> last_;  // a ring
  std::size_t behind_first_ = 0;       // lines that went to the ring, ever
};

/// Bytes as a C string literal shows them, clipped to `most` of them.
std::string escape_bytes(std::string_view bytes, std::size_t most);

}  // namespace assay
