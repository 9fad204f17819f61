// What the tables of faults are written with.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "conformance/saboteurs/http_wrong.h"
#include "conformance/saboteurs/wrong_server.h"

namespace assay::saboteurs {

using ref::http::request_head;
using ref::server::answer;
using fault_change = std::function<void(wrong_behaviour&)>;

inline fault_change set(bool wrong_behaviour::*what) {
  return [=](wrong_behaviour& how) { how.*what = true; };
}

/// Reads a piece of every request as another (the first that fits).
inline fault_change reads_requests(const char* from, const char* as) {
  return [=](wrong_behaviour& how) {
    how.read_as = [=](const std::string& bytes) { return rewritten(bytes, from, as); };
  };
}

/// Refuses what fits; a negative status ends the connection without a word.
inline fault_change refuses_requests(int status, const char* pattern) {
  return [=](wrong_behaviour& how) {
    how.refuse = [=](const request_head&, const std::string& head) {
      const bool fits = head.size() < 20'000 && std::regex_search(head, std::regex(pattern));
      return fits ? status : 0;
    };
  };
}

inline fault_change edits(std::function<void(answer&, const request_head&)> change) {
  return [=](wrong_behaviour& how) { how.edit = change; };
}

inline fault_change drops_field(const std::string& name) {
  return edits([=](answer& out, const request_head&) {
    out.head = rewritten(out.head, ("\\r\\n" + name + ":[^\\r\\n]*").c_str(), "");
  });
}

inline fault_change paths(std::function<std::string(std::string_view)> path) {
  return [=](wrong_behaviour& how) { how.naive_path = path; };
}

/// Sends this text in place of the answer.
inline void replace_answer(answer& out, int status, const std::string& text) {
  out = {};
  out.status = status;
  out.text = text;
  out.head = "HTTP/1.1 " + std::to_string(status) +
             " Words\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n";
}

std::vector<server_fault> process_faults();
std::vector<server_fault> file_faults();
std::vector<server_fault> request_faults();
std::vector<server_fault> refusal_faults();

}  // namespace assay::saboteurs
