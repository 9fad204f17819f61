// What a wrong server does wrong: the behaviour that faults change, and the list of faults.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "impl/server/answer.h"

namespace assay::saboteurs {

/// Without any of these the server answers as the reference does, with a thread for each client.
struct wrong_behaviour {
  /// The bytes that came, before they are parsed.
  std::function<std::string(std::string bytes)> read_as;
  /// A status to refuse a request with that the parser takes; 0: none.
  std::function<int(const ref::http::request_head&, const std::string& head)> refuse;
  /// Changes the answer.
  std::function<void(ref::server::answer&, const ref::http::request_head&)> edit;
  /// A file's path by the target, opened as it stands; empty: the right way.
  std::function<std::string(std::string_view target)> naive_path;

  bool accepts_anything = false;  ///< answers what it cannot parse with the index, and goes on
  bool dies_of_nonsense = false;  ///< ends when it cannot parse
  bool takes_body_for_request = false;
  bool believes_trailers = false;  ///< waits for what a length in the trailers announces
  bool forgets_close = false;      ///< keeps connections open that it should close
  bool closes_always = false;
  bool one_read_is_one_request = false;
  bool drops_the_rest = false;  ///< answers the first of several requests
  bool dies_with_client = false;
  bool wants_whole_connection = false;  ///< gives a half-closed connection up
  bool spins_after_reset = false;
  bool dies_of_sigpipe = false;
  bool locks_while_sending = false;
  bool locks_while_reading = false;
  bool holds_files_in_memory = false;
  bool dies_of_exhaustion = false;
  bool leaks = false;
  bool keeps_broken_files = false;  ///< forgets to close a file whose client has left
  bool polls = false;               ///< looks at idle clients again and again
  bool no_reuse = false;            ///< SO_REUSEADDR is not set
  bool ignores_sigterm = false;
  bool silent = false;  ///< prints nothing, not even a usage line
  bool takes_bad_port = false;
  bool maps_epoll = false;  ///< has a mapping that is named as an epoll instance
  bool cuts_short = false;  ///< sends at most 64 MiB of a file
  int most_clients = 1 << 30;
  int most_requests = 1 << 30;  ///< of a connection
};

struct server_fault {
  const char* requirement;
  const char* name;
  const char* summary;
  std::function<void(wrong_behaviour&)> apply;
};

const std::vector<server_fault>& server_faults();

}  // namespace assay::saboteurs
