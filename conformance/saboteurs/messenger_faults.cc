#include "conformance/saboteurs/wrong_messenger.h"

namespace assay::saboteurs {
namespace {

std::function<void(wrong_messenger&)> set(bool wrong_messenger::*what) {
  return [what](wrong_messenger& it) { it.*what = true; };
}

}  // namespace

const std::vector<messenger_fault>& messenger_faults() {
  using how = wrong_messenger;
  static const std::vector<messenger_fault> all = {
      {"messenger.menu/thirty-asterisks", "twenty", "prints twenty asterisks",
       [](how& it) { it.asterisks = 20; }},
      {"messenger.menu/unknown-choice-asks-again", "silent", "says nothing of an error",
       set(&how::is_silent)},
      {"messenger.menu/word-for-a-number", "dies", "takes every choice for a number",
       set(&how::dies_of_words)},
      {"messenger.menu/empty-line-asks-again", "ends", "takes an empty line for the end",
       set(&how::ends_at_empty_line)},
      {"messenger.send/text-as-typed", "line-feed", "sends the end of the line too",
       set(&how::sends_line_feed)},
      {"messenger.send/utf8", "ascii", "sends a question mark for what is not ASCII",
       set(&how::sends_ascii)},
      {"messenger.send/from-its-own-port", "another", "sends from another socket",
       set(&how::sends_elsewhere_from)},
      {"messenger.send/empty-text", "skips", "does not send an empty text",
       set(&how::skips_empty_text)},
      {"messenger.send/several-in-turn", "sticks", "sends all to the first peer",
       set(&how::sticks_to_first_peer)},
      {"messenger.send/port-is-no-number", "dies", "ends at an error", set(&how::dies_of_errors)},
      {"messenger.send/port-out-of-range", "silent", "says nothing of an error",
       set(&how::is_silent)},
      {"messenger.send/negative-port", "dies", "ends at an error", set(&how::dies_of_errors)},
      {"messenger.send/bad-address", "dies", "ends at an error", set(&how::dies_of_errors)},
      {"messenger.send/too-long", "cuts", "sends the beginning and says nothing of it",
       set(&how::cuts_long_text)},
      {"messenger.receive/shows-text-and-sender", "text", "does not show the sender",
       set(&how::hides_sender)},
      {"messenger.receive/waits-for-one", "looks", "looks once whether one is there",
       set(&how::does_not_wait)},
      {"messenger.receive/what-came-before-is-kept", "drops", "drops what came before",
       set(&how::drops_what_came_before)},
      {"messenger.receive/utf8", "ascii", "shows a question mark for what is not ASCII",
       set(&how::shows_ascii)},
      {"messenger.receive/long-text", "cuts", "takes 1024 bytes of a datagram",
       [](how& it) { it.limit = 1024; }},
      {"messenger.receive/empty-datagram", "overlooks", "waits on after an empty datagram",
       set(&how::overlooks_empty_datagrams)},
      {"messenger.receive/bytes-that-are-no-text", "dies", "ends at bytes that are no UTF-8",
       set(&how::dies_of_bytes)},
      {"messenger.receive/control-characters", "raw", "passes on whatever came",
       set(&how::passes_controls_on)},
      {"messenger.end/with-the-input", "one", "ends with status 1",
       [](how& it) { it.status_at_end = 1; }},
      {"messenger.end/within-a-message", "completes", "sends to the last port where none is typed",
       set(&how::completes_half_messages)},
      {"messenger.end/by-sigint", "zero", "ends by SIGINT with status 0", set(&how::hides_sigint)},
      {"messenger.start/port-in-use", "another", "takes another port instead",
       set(&how::takes_another_port)},
  };
  return all;
}

}  // namespace assay::saboteurs
