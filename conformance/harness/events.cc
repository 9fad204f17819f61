// What a testee leaves for the spec to read besides its replies: its event log, its last words.
#include <poll.h>

#include <fstream>

#include "conformance/harness/actor.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/session.h"

namespace assay {

std::vector<event> events() {
  std::vector<event> found;
  std::ifstream file(scratch_path("events"));
  std::string line;
  while (std::getline(file, line)) {
    if (file.eof()) break;  // its newline has not come: it is being written
    const json each = json::parse(line, nullptr, false);
    if (!each.is_object() || !each.contains("value") || !each.contains("t_ns") ||
        !each.contains("pid") || !each.contains("tid")) {
      throw testee_failure("malformed reply", "the event log holds the line " + line);
    }
    found.push_back({each["value"], std::chrono::nanoseconds(each["t_ns"].get<std::int64_t>()),
                     each["pid"].get<pid_t>(), each["tid"].get<pid_t>()});
  }
  return found;
}

std::vector<json> event_values() {
  std::vector<json> values;
  for (event& each : events()) values.push_back(std::move(each.value));
  return values;
}

std::vector<event> await_events(std::size_t count, std::chrono::nanoseconds timeout) {
  std::vector<event> found;
  await([&] { return (found = events()).size() >= count; }, timeout);
  return found;
}

bool await(const std::function<bool()>& condition, std::chrono::nanoseconds timeout) {
  patience left(scaled(timeout));
  while (!condition()) {
    if (left.is_over()) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

std::string standard_error() {
  session* const running = current_session();
  return running == nullptr ? std::string() : running->standard_error();
}

}  // namespace assay
