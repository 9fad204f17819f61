// Faults of what is accepted, and of what is refused.
#include "conformance/saboteurs/server_faults.h"

namespace assay::saboteurs {
namespace {

// Reads every method as GET where the parser would refuse nothing.
fault_change reads_as_get(const char* pattern) { return reads_requests(pattern, "GET "); }

}  // namespace

std::vector<server_fault> request_faults() {
  return {
      {"server.requests/request-line", "closes", "closes after every response",
       set(&wrong_behaviour::closes_always)},
      {"server.requests/field-names-ignore-case", "one-spelling", "knows names in one spelling",
       refuses_requests(400, "\\r\\n(host|HOST|hOsT|HoSt):")},
      {"server.requests/white-space-around-values", "strict", "wants one space before a value",
       refuses_requests(400, "\\r\\nHost:([^ ]|  |[^\\r]* \\r| \\t)")},
      {"server.requests/unknown-fields-ignored", "strict", "refuses fields that it does not know",
       refuses_requests(400, "\\r\\n(?!Host|Connection|Content)[A-Za-z-]+:")},
      {"server.requests/obs-text-in-values", "fatal", "dies of bytes beyond ASCII",
       [](wrong_behaviour& how) {
         how.refuse = [](const request_head&, const std::string& head) {
           for (char c : head) {
             if (static_cast<unsigned char>(c) > 0x7f) std::_Exit(1);
           }
           return 0;
         };
       }},
      {"server.requests/absolute-form", "unknown", "does not know the absolute form",
       refuses_requests(404, "^\\S+ https?:")},
      {"server.requests/options-asterisk", "silent", "ends the connection at OPTIONS *",
       refuses_requests(-1, "^OPTIONS \\*")},
      {"server.requests/other-methods-refused", "as-get", "reads every method as GET",
       reads_as_get("^(?!GET|HEAD|OPTIONS|POST)[A-Za-z-]+ ")},
      {"server.requests/post-refused", "as-get", "reads POST as GET", reads_as_get("^POST ")},
      {"server.requests/methods-keep-their-case", "folds", "reads get as GET",
       reads_as_get("^[Gg][Ee][Tt] ")},
      {"server.requests/leading-empty-line", "strict", "refuses an empty line first",
       reads_requests("^\\r\\n", "\r\r\n")},
      {"server.requests/long-lines", "kilobyte", "refuses requests beyond 1024 bytes",
       [](wrong_behaviour& how) {
         how.refuse = [](const request_head&, const std::string& head) {
           return head.size() > 1024 ? 400 : 0;
         };
       }},
      {"server.requests/8000-octets", "page", "refuses lines beyond 4096 bytes",
       [](wrong_behaviour& how) {
         how.refuse = [](const request_head&, const std::string& head) {
           return head.find("\r\n") > 4096 ? 414 : 0;
         };
       }},
      {"server.host/forms", "no-port", "refuses a Host with a port",
       refuses_requests(400, "\\r\\nHost:[^\\r]*:")},
      {"server.malformed/percent-refused", "index", "serves the index for a bad escape",
       edits([](answer& out, const request_head& asked) {
         if (out.status == 400 && asked.target.find('%') != asked.target.npos) {
           replace_answer(out, 200, "index");
         }
       })},
      {"server.framing/body-is-no-request", "unread", "takes a body for the next request",
       set(&wrong_behaviour::takes_body_for_request)},
      {"server.framing/length-and-chunked", "length-wins", "lets Content-Length win",
       [](wrong_behaviour& how) {
         how.read_as = [](const std::string& bytes) {
           if (!has(bytes, "Content-Length")) return bytes;
           return rewritten(bytes, "\\r\\nTransfer-Encoding:[^\\r\\n]*", "");
         };
       }},
      {"server.framing/trailers-do-not-frame", "believes", "waits for what a trailer announces",
       set(&wrong_behaviour::believes_trailers)},
      {"server.framing/bad-chunk-size-refused", "unread", "goes on behind a bad chunk size",
       set(&wrong_behaviour::accepts_anything)},
      {"server.framing/chunk-data-bounded", "unread", "goes on behind chunk data of a wrong length",
       set(&wrong_behaviour::accepts_anything)},
  };
}

std::vector<server_fault> refusal_faults() {
  // One mistake that real servers make in many places: what cannot be read is answered all the
  // same, and what follows is taken for the next request.
  constexpr const char* accepted[] = {"server.requests/too-long-target-refused",
                                      "server.requests/too-large-header-refused",
                                      "server.versions/bad-refused",
                                      "server.versions/other-major-refused",
                                      "server.host/required",
                                      "server.host/repeated-refused",
                                      "server.host/invalid-refused",
                                      "server.malformed/target-refused",
                                      "server.malformed/field-name-refused",
                                      "server.malformed/white-space-before-colon-refused",
                                      "server.malformed/white-space-first",
                                      "server.malformed/bare-cr-refused",
                                      "server.malformed/nul-in-value",
                                      "server.malformed/request-line-refused",

                                      "server.framing/bad-length-refused",
                                      "server.framing/bad-length-on-get-refused",
                                      "server.framing/overflowing-length-refused",
                                      "server.framing/differing-lengths-refused",
                                      "server.framing/unknown-coding-refused",
                                      "server.framing/chunked-in-1-0"};
  constexpr const char* fatal[] = {"server.malformed/folding", "server.malformed/bare-lf",
                                   "server.malformed/other-protocols-refused"};
  std::vector<server_fault> faults;
  for (const char* requirement : accepted) {
    faults.push_back({requirement, "accepts", "answers what it cannot parse, and goes on",
                      set(&wrong_behaviour::accepts_anything)});
  }
  for (const char* requirement : fatal) {
    faults.push_back({requirement, "dies", "ends when it cannot parse",
                      set(&wrong_behaviour::dies_of_nonsense)});
  }
  return faults;
}

}  // namespace assay::saboteurs
