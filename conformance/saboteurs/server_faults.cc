// Faults of processes, clients and connections; and all faults together.
#include "conformance/saboteurs/server_faults.h"

namespace assay::saboteurs {

std::vector<server_fault> process_faults() {
  using how = wrong_behaviour;
  return {
      {"server.start/usage-line", "silent", "ends without a word when the port is missing",
       set(&how::silent)},
      {"server.start/bad-port-refused", "quiet", "ends as if all were well with a bad port",
       set(&how::takes_bad_port)},
      {"server.start/banner-names-the-port", "silent", "prints nothing", set(&how::silent)},
      {"server.process/restarts-at-once", "no-reuse", "does not set SO_REUSEADDR",
       set(&how::no_reuse)},
      {"server.process/ends-on-sigterm", "deaf", "ignores SIGTERM", set(&how::ignores_sigterm)},
      {"server.process/one-process-one-thread", "threads", "starts a thread for each client",
       [](how&) {}},
      {"server.process/waits-in-epoll", "blocks", "waits in accept and recv", [](how&) {}},
      {"server.process/shares-no-memory-with-the-kernel", "maps", "maps what is named as epoll",
       set(&how::maps_epoll)},
      {"server.process/idle-connections-cost-nothing", "polls",
       "looks at idle clients all the time", set(&how::polls)},
      {"server.process/leaks-no-descriptor", "leaks", "closes no client", set(&how::leaks)},
      {"server.pipeline/answered-in-order", "first", "answers the first of several requests",
       set(&how::drops_the_rest)},
      {"server.pipeline/hundred-requests", "fifty", "ends a connection after 50 requests",
       [](how& it) { it.most_requests = 50; }},
      {"server.segments/two-pieces", "one-read", "takes what one read gives for a request",
       set(&how::one_read_is_one_request)},
      {"server.segments/byte-by-byte", "one-read", "takes what one read gives for a request",
       set(&how::one_read_is_one_request)},
      {"server.clients/leaving", "dies", "ends when a client leaves", set(&how::dies_with_client)},
      {"server.clients/half-close", "gives-up", "gives up a client that ends its side",
       set(&how::wants_whole_connection)},
      {"server.clients/reset-does-not-spin", "spins", "reads a reset connection for ever",
       set(&how::spins_after_reset)},
      {"server.clients/reset-within-a-response", "sigpipe", "dies of SIGPIPE",
       set(&how::dies_of_sigpipe)},
      {"server.clients/broken-off-downloads-leave-nothing-open", "keeps",
       "closes no file whose client has left", set(&how::keeps_broken_files)},
      {"server.clients/slow-reader-delays-nobody", "lock", "sends to one client at a time",
       set(&how::locks_while_sending)},
      {"server.clients/slow-reader-costs-bounded-memory", "whole", "holds whole files for a client",
       set(&how::holds_files_in_memory)},
      {"server.clients/slow-writers-delay-nobody", "lock", "reads from one client at a time",
       set(&how::locks_while_reading)},
      {"server.clients/thousand-at-once", "hundred", "serves a hundred clients at most",
       [](how& it) { it.most_clients = 100; }},
      {"server.clients/descriptor-exhaustion-survived", "dies", "ends when accept fails",
       set(&how::dies_of_exhaustion)},
      {"server.clients/noise-survived", "dies", "ends when it cannot parse",
       set(&how::dies_of_nonsense)},
      {"server.connection/close", "forgets", "keeps every connection open",
       set(&how::forgets_close)},
      {"server.connection/stays-open", "closes", "closes after every response",
       set(&how::closes_always)},
      {"server.connection/expect-continue", "silent", "ends a connection that expects something",
       refuses_requests(-1, "\\r\\n[Ee]xpect:")},
      {"server.connection/unknown-expectation", "fatal", "answers an expectation with 500",
       refuses_requests(500, "\\r\\n[Ee]xpect:")},
      {"server.versions/1-0-closes", "forgets", "keeps connections of HTTP/1.0 open",
       set(&how::forgets_close)},
      {"server.versions/1-0-keep-alive", "refuses", "refuses HTTP/1.0",
       refuses_requests(505, "HTTP/1\\.0\\r\\n")},
      {"server.versions/higher-minor-served", "refuses", "refuses HTTP/1.2 as malformed",
       refuses_requests(400, "HTTP/1\\.[2-9]\\r\\n")},
  };
}

const std::vector<server_fault>& server_faults() {
  static const std::vector<server_fault> all = [] {
    std::vector<server_fault> joined;
    for (const auto& part : {process_faults(), file_faults(), request_faults(), refusal_faults()}) {
      joined.insert(joined.end(), part.begin(), part.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace assay::saboteurs
