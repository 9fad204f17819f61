#include "conformance/spec/probe.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "conformance/harness/actor.h"
#include "conformance/harness/fixtures.h"
#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/tcp_table.h"
#include "conformance/spec/tables.h"

namespace assay {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int no_response = 0;
constexpr int no_answer = -1;

// What came back first: a status, no_response or no_answer.
struct answer {
  int status = no_response;
  std::string body;
  bool closes = false;  // it says so
  std::string problem;  // what was malformed
};

answer read_answer(http_connection& client, bool head) {
  try {
    if (auto response = client.try_read_response(head, 1500ms)) {
      const bool ends = closes(*response);
      return {response->status, std::move(response->body), ends, {}};
    }
    return {};
  } catch (const http_failure& failure) {
    return {no_answer, {}, false, failure.what()};
  }
}

std::string judge_body(const json& expected, const std::string& body) {
  if (expected.contains("body") && body != bytes_of(expected["body"])) {
    return "the body is \"" + printable(body) + "\"";
  }
  if (expected.contains("not_body")) {
    for (const auto& word : expected["not_body"]) {
      if (body.find(word.get<std::string>()) != std::string::npos) {
        return "the body holds \"" + word.get<std::string>() + "\"";
      }
    }
  }
  return {};
}

std::string judge_connection(const json& expected, http_connection& client, bool closes) {
  const std::string then = expected.at("then");
  if (then == "close" && !client.is_closed_by_peer(1500ms)) return "the connection stays open";
  if (then == "kept" || (then == "open" && !closes)) {
    client.send(get_request("/a.txt"));
    const answer next = read_answer(client, false);
    if (next.status != 200 || next.body != site_file("a.txt")) {
      return "the next request on the connection is answered with " + std::to_string(next.status) +
             " " + next.problem;
    }
  }
  if (expected.contains("never")) {
    try {
      while (const auto more = client.try_read_response(false, 250ms)) {
        if (more->status == expected["never"]) {
          return "bytes of the body were taken for a request: a second response has status " +
                 std::to_string(more->status);
        }
      }
    } catch (const http_failure&) {
      // Nothing more comes.
    }
  }
  return {};
}

std::string judge(const json& expected, http_connection& client, bool head) {
  const answer first = read_answer(client, head);
  const json& statuses = expected.at("status");
  if (std::find(statuses.begin(), statuses.end(), first.status) == statuses.end()) {
    return first.status == no_response ? "the connection ended without a response"
           : first.status == no_answer ? first.problem
                                       : "the status is " + std::to_string(first.status);
  }
  std::string reason = judge_body(expected, first.body);
  if (reason.empty() && first.status > no_response)
    reason = judge_connection(expected, client, first.closes);
  return reason;
}

}  // namespace

bool closes(const http_response& response) {
  std::string connection = response.header("connection").value_or("");
  for (char& each : connection) each = static_cast<char>(std::tolower(each));
  return connection == "close";
}

std::string get_request(const std::string& target, const std::string& fields) {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

http_response get(const server_process& from, const std::string& target,
                  const std::string& fields) {
  auto client = from.connect();
  client.send(get_request(target, fields));
  return client.read_response();
}

http_response get(const std::string& target, const std::string& fields) {
  return get(server(), target, fields);
}

std::string site_file(const std::string& name) { return read_file(server().root() / name); }

http_connection connect_in_turn() {
  const auto port = server().port();
  await([port] { return not_accepted_at(port) < 4; }, 50ms);
  return server().connect();
}

std::vector<http_connection> connect_many(const server_process& to, int count,
                                          std::string_view first_bytes) {
  patience left(scaled(5s));
  std::vector<http_connection> clients;
  while (clients.size() < static_cast<std::size_t>(count)) {
    if (left.is_over()) {
      throw http_failure(fmt::format("it took {} of {} connections in 5 s", clients.size(), count));
    }
    clients.push_back(to.connect());
    clients.back().send(first_bytes);
  }
  return clients;
}

void expect_served() {
  const auto response = get("/a.txt");
  EXPECT_EQ(response.status, 200) << "another client";
  EXPECT_EQ(response.body, site_file("a.txt")) << "another client";
}

std::chrono::nanoseconds server_cpu_time() {
  std::chrono::nanoseconds sum{};
  for (const pid_t pid : server().pids()) sum += proc::cpu_time(pid);
  return sum;
}

namespace {

// A tenth of a second in which it mostly slept. What spins is runnable at each look, however little
// it gets of a busy machine's processors.
bool is_quiet() {
  const auto until = std::chrono::steady_clock::now() + 100ms;
  const auto used = server_cpu_time();
  int looks = 0;
  int runnable = 0;
  await([&] {
    ++looks;
    const auto pids = server().pids();
    if (std::any_of(pids.begin(), pids.end(), proc::is_runnable)) ++runnable;
    return std::chrono::steady_clock::now() > until;
  });
  return 2 * runnable < looks && server_cpu_time() - used < 50ms;
}

}  // namespace

void expect_idle() {
  const auto before = server_cpu_time();
  const auto used = [&] { return server_cpu_time() - before; };
  bool is_idle = false;
  await([&] { return (is_idle = is_quiet()) || used() > 200ms; }, 10s);
  EXPECT_TRUE(is_idle) << "with nothing to do it used a processor for " << used() / 1ms << " ms";
}

void check_probes(const std::string& table) {
  const auto rows = cases("http/probe_" + table + ".jsonl", current_slug());
  std::vector<http_connection> clients;
  for (const auto& row : rows) {
    clients.push_back(connect_in_turn());
    clients.back().send(joined_bytes(row.at("send")));
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string bytes = joined_bytes(rows[i].at("send"));
    const std::string reason = judge(rows[i].at("expect"), clients[i], bytes.starts_with("HEAD "));
    if (reason.empty()) continue;
    ADD_FAILURE() << printable(bytes) << "\n  " << reason
                  << "; allowed: " << rows[i]["expect"].dump() << "\n  ("
                  << rows[i]["clause"].get<std::string>() << ")";
  }
  expect_served();
}

}  // namespace assay
