// Drains a program's standard output and error for as long as it runs, and keeps a bounded part.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace assay {

/// The first and the last bytes of a stream, with the number of those left out in between.
class bounded_text {
 public:
  static constexpr std::size_t part = 64 * 1024;
  void append(std::string_view bytes);
  std::string text() const;

 private:
  std::string first_;
  std::string last_;  // at most twice `part`, trimmed now and then
  std::size_t left_out_ = 0;
};

/// Reads two pipes in a thread of its own; owns their reading ends. out() and err() may be called
/// from any thread, and hold all that was written before the call.
class output_capture {
 public:
  output_capture(int out, int err);
  /// Takes what is still in the pipes, then stops, whoever may still hold their writing ends.
  ~output_capture();
  output_capture(const output_capture&) = delete;
  output_capture& operator=(const output_capture&) = delete;

  std::string out() const;
  std::string err() const;
  /// Takes what is in the pipes now and stops; both texts are complete then.
  void finish();

 private:
  struct stream {
    int descriptor = -1;
    bounded_text text;
  };
  void run();
  std::string text_of(stream& from) const;
  static bool read_available(stream& from);

  mutable std::mutex mutex_;
  mutable stream out_;  // looking reads what is there
  mutable stream err_;
  int stop_ = -1;
  std::thread thread_;
};

}  // namespace assay
