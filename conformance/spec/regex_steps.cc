#include "conformance/spec/regex_steps.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/fixtures.h"
#include "conformance/spec/tables.h"

namespace assay {
namespace {

// What an op takes under the same name as the row has it.
constexpr const char* passed_on[] = {"pattern",  "flags", "template", "function",
                                     "maxsplit", "count", "spans"};

std::pair<std::string, json> call_of(const json& row) {
  json params = json::object();
  for (const char* name : passed_on) {
    if (row.contains(name)) params[name] = row[name];
  }
  if (row.contains("text")) {
    const auto& unit = row["text"].get_ref<const std::string&>();
    std::string text;
    for (int i = row.value("times", 1); i > 0; --i) text += unit;
    params["text"] = std::move(text);
  }
  return {"regex." + row["op"].get<std::string>(), std::move(params)};
}

// `search /a+/i in "baac" x 3, template "x"`
std::string describe(const json& row) {
  std::string text = row["op"].get<std::string>() + " /" + row["pattern"].get<std::string>() + "/" +
                     row.value("flags", "");
  if (row.contains("text")) text += " in " + row["text"].dump();
  for (const char* name : {"times", "template", "function", "count", "maxsplit"}) {
    if (row.contains(name)) text += std::string(", ") + name + " " + row[name].dump();
  }
  return text;
}

bool is_error(const json& expected) { return expected.is_object() && expected.contains("error"); }

bool agrees(const json& expected, const outcome& got) {
  if (is_error(expected)) {
    const json& error = expected["error"];
    return !got.ok() && got.error_type() == error["type"] &&
           (!error.contains("position") ||
            got.error_data().value("position", json()) == error["position"]);
  }
  if (!got.ok()) return false;
  json result = got.result();
  if (result.is_object()) result.erase("engine");  // an extra of regex.compile
  return result == expected;
}

std::string describe(const outcome& got) {
  if (got.ok()) return got.result().dump();
  const json position = got.error_data().value("position", json());
  return "the error " + got.error_type() +
         (position.is_null() ? "" : " at position " + position.dump()) + " (" +
         got.error_message() + ")";
}

std::string describe_expected(const json& expected) {
  if (!is_error(expected)) return expected.dump();
  const json& error = expected["error"];
  return "the error " + error["type"].get<std::string>() +
         (error.contains("position") ? " at position " + error["position"].dump() : "");
}

}  // namespace

void run_rows() {
  const std::string slug = current_slug();
  const auto dot = slug.find('.') + 1;
  const auto rows = cases("regex/" + slug.substr(dot, slug.find('/') - dot) + ".jsonl", slug);
  std::vector<std::pair<std::string, json>> calls;
  for (const json& row : rows) calls.push_back(call_of(row));
  const auto answers = main_actor().call_all(calls);
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (agrees(rows[at]["expect"], answers[at])) continue;
    ADD_FAILURE() << describe(rows[at]) << "\n  got:  " << describe(answers[at])
                  << "\n  want: " << describe_expected(rows[at]["expect"]);
  }
}

}  // namespace assay
