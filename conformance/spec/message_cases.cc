#include "conformance/spec/message_cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/fixtures.h"
#include "conformance/spec/tables.h"

namespace assay {
namespace {

// Every way to cut a message that is tried. Long ones are cut at some hundred places only.
std::vector<json> all_cuts(std::size_t size) {
  constexpr std::size_t most_splits = 400;
  std::vector<json> cuts = {json::array()};
  const std::size_t step = std::max<std::size_t>(1, size / most_splits);
  for (std::size_t at = 1; at < size; at += step) cuts.push_back(json::array({at}));
  if (size < 10'000) {
    json each = json::array();
    for (std::size_t at = 1; at < size; ++at) each.push_back(at);
    cuts.push_back(std::move(each));
  }
  return size > 100'000 ? std::vector<json>{cuts.front(), cuts[cuts.size() / 2]} : cuts;
}

// Empty when the message is as expected, else the first difference.
std::string difference(const json& expected, const json& message, std::size_t size) {
  for (const auto& [key, want] : expected.items()) {
    const json& got = message.at(key);
    bool same = false;
    if (key == "body") {
      same = from_base64(got) == joined_bytes(want);
    } else if (key == "target") {
      same = got.get<std::string>() == joined_bytes(want);
    } else {
      same = got == want;
    }
    if (!same) return key + " is " + printable(got.dump()) + ", not " + printable(want.dump());
  }
  const auto consumed = message.at("consumed").get<std::size_t>();
  if (!expected.contains("consumed") && consumed != size) {
    return "consumed " + std::to_string(consumed) + " of the message's " + std::to_string(size) +
           " bytes";
  }
  return {};
}

std::string judge(const json& expected, const outcome& seen, std::size_t size) {
  if (const auto any = expected.find("any"); any != expected.end()) {
    std::string reasons;
    for (const auto& each : *any) {
      const std::string reason = judge(each, seen, size);
      if (reason.empty()) return {};
      reasons += (reasons.empty() ? "" : "; nor: ") + reason;
    }
    return reasons;
  }
  if (expected.contains("incomplete")) {
    if (seen.error_type() == "Incomplete") return {};
    return "expected Incomplete, but it " + printable(seen.describe());
  }
  if (const auto statuses = expected.find("error"); statuses != expected.end()) {
    if (seen.error_type() != "MessageError") {
      return "expected a MessageError, but it " + printable(seen.describe());
    }
    const json& data = seen.error_data();
    if (statuses->empty()) return {};
    if (data.contains("status") &&
        std::find(statuses->begin(), statuses->end(), data["status"]) != statuses->end()) {
      return {};
    }
    return "expected an error with a status of " + statuses->dump() + ", but it " +
           printable(seen.describe());
  }
  if (!seen.ok()) return "expected a message, but it " + printable(seen.describe());
  return difference(expected, seen.result(), size);
}

void check_row(const std::string& op, const json& row) {
  const std::string bytes = joined_bytes(row.at("bytes"));
  const auto cuts = all_cuts(bytes.size());
  std::vector<std::pair<std::string, json>> calls;
  for (const auto& each : cuts) {
    json params = {{"bytes", to_base64(bytes)}, {"cuts", each}};
    for (const char* key : {"method", "end"}) {
      if (row.contains(key)) params[key] = row[key];
    }
    calls.emplace_back(op, std::move(params));
  }
  const auto outcomes = main_actor().call_all(calls);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string reason = judge(row.at("expect"), outcomes[i], bytes.size());
    if (reason.empty()) continue;
    ADD_FAILURE() << printable(bytes) << "\n  cut at " << printable(cuts[i].dump(), 60) << ": "
                  << reason << "\n  (" << row.at("clause").get<std::string>() << ")";
    return;  // one word for each row
  }
}

void check_table(const std::string& file, const std::string& op) {
  for (const auto& row : cases(file, current_slug())) check_row(op, row);
}

}  // namespace

void check_requests() { check_table("http/requests.jsonl", "http.parse_request"); }

void check_responses() { check_table("http/responses.jsonl", "http.parse_response"); }

}  // namespace assay
