#include "conformance/harness/transcript.h"

#include <fmt/core.h>

#include "conformance/protocol/type.h"

namespace assay {

std::string escape_bytes(std::string_view bytes, std::size_t most) {
  std::string text;
  for (char c : bytes.substr(0, most)) {
    const auto value = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == '\\') {
      text += "\\\\";
    } else if (value >= 0x20 && value < 0x7f) {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", value);
    }
  }
  if (bytes.size() > most) text += fmt::format("… ({} bytes more)", bytes.size() - most);
  return text;
}

void transcript::restart() {
  const std::lock_guard lock(mutex_);
  start_ = std::chrono::steady_clock::now();
  first_.clear();
  last_.clear();
  behind_first_ = 0;
}

void transcript::add(std::string_view actor, const char* direction, std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double, std::milli> since = std::chrono::steady_clock::now() - start_;
  transcript_line line{since.count(), std::string(actor), direction, clip(text, line_bytes)};
  if (first_.size() < first_lines) {
    first_.push_back(std::move(line));
  } else if (last_.size() < last_lines) {
    last_.push_back(std::move(line));
    ++behind_first_;
  } else {
    last_[behind_first_++ % last_lines] = std::move(line);
  }
}

void transcript::add_bytes(std::string_view actor, const char* direction, std::string_view bytes) {
  add(actor, direction, escape_bytes(bytes, line_bytes / 4));
}

std::vector<transcript_line> transcript::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<transcript_line> all = first_;
  const std::size_t held = last_.size();
  if (behind_first_ > held) {
    const auto& oldest = last_[behind_first_ % last_lines];
    all.push_back(
        {oldest.t_ms, "assay", "!", fmt::format("({} lines left out here)", behind_first_ - held)});
  }
  for (std::size_t i = 0; i < held; ++i) {
    all.push_back(last_[(behind_first_ - held + i) % last_lines]);
  }
  return all;
}

}  // namespace assay
