// What a wrong messenger does wrong: one fault of a small one that is right otherwise.
#pragma once

#include <functional>
#include <vector>

namespace assay::saboteurs {

struct wrong_messenger {
  int asterisks = 30;
  bool dies_of_errors = false;
  bool is_silent = false;  ///< of errors
  bool dies_of_words = false;
  bool ends_at_empty_line = false;
  bool sends_line_feed = false;
  bool sends_ascii = false;
  bool sends_elsewhere_from = false;  ///< from a socket of its own
  bool skips_empty_text = false;
  bool sticks_to_first_peer = false;
  bool cuts_long_text = false;
  bool hides_sender = false;
  bool does_not_wait = false;
  bool drops_what_came_before = false;
  bool shows_ascii = false;
  int limit = 65535;  ///< bytes of a datagram that it takes
  bool overlooks_empty_datagrams = false;
  bool dies_of_bytes = false;
  bool passes_controls_on = false;
  int status_at_end = 0;
  bool completes_half_messages = false;
  bool hides_sigint = false;  ///< ends by it with status 0
  bool takes_another_port = false;
};

struct messenger_fault {
  const char* requirement;
  const char* name;
  const char* summary;
  std::function<void(wrong_messenger&)> apply;
};

const std::vector<messenger_fault>& messenger_faults();

}  // namespace assay::saboteurs
