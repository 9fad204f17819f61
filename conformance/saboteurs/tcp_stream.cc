// Wrong streams: each breaks one requirement of what a connection carries and how it ends.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "conformance/saboteurs/wrong_answers.h"

namespace assay::saboteurs {
namespace {

json named(const json& socket) { return {{"socket", socket}}; }

// One byte of the stream is another.
void corrupt_stream(sdk::adapter& to) {
  change_answer(to, "tcp.receive_stream", [](json answer) {
    answer["crc32"] = answer.at("crc32").get<std::uint32_t>() ^ 0xff;
    return answer;
  });
}

// A piece is missing at the end.
void lose_the_end(sdk::adapter& to) {
  change_param(to, "tcp.send_stream", "bytes", [](const json& n) { return n.get<int>() - 1; });
  change_param(to, "tcp.receive_stream", "limit", [](const json& n) { return n.get<int>() - 1; });
}

// The end is shown once; then as an error.
void fail_after_empty(sdk::adapter& to) {
  const auto ended = std::make_shared<bool>(false);
  to.replace("tcp.receive", [=](const handler& receive, const json& params) {
    if (*ended) throw raised("ENOTCONN");
    json answer = receive(params);
    *ended = sdk::bytes_of(answer).empty();
    return answer;
  });
}

void end_instead_of_reset(sdk::adapter& to) {
  swallow(to, "tcp.receive", "ECONNRESET", sdk::to_bytes(""));
}

SABOTEUR("tcp.stream/has-no-boundaries", "pads", "ends each send by a newline") {
  change_param(to, "tcp.send_all", "data",
               [](const json& data) { return sdk::to_bytes(sdk::bytes_of(data) + "\n"); });
}
SABOTEUR("tcp.stream/keeps-what-was-not-asked-for", "drops", "throws the rest away") {
  to.replace("tcp.receive", [](const handler& receive, json params) {
    const auto limit = static_cast<std::size_t>(params.at("limit").get<int>());
    params["limit"] = 65536;
    return sdk::to_bytes(sdk::bytes_of(receive(params)).substr(0, limit));
  });
}
SABOTEUR("tcp.stream/receive-blocks", "impatient", "gives up at once") {
  set_param(to, "tcp.receive", "timeout", 0);
}
SABOTEUR("tcp.stream/receive-timeout-passes", "early", "times out at once") {
  set_param(to, "tcp.receive", "timeout", 0);
}
SABOTEUR("tcp.stream/non-blocking-receive-does-not-wait", "empty", "calls it the end") {
  swallow(to, "tcp.receive", "EAGAIN", sdk::to_bytes(""));
}
SABOTEUR("tcp.stream/zero-limit-is-no-end", "one", "takes a byte all the same") {
  change_param(to, "tcp.receive", "limit", [](const json& n) { return n == 0 ? json(1) : n; });
}
SABOTEUR("tcp.stream/sixty-four-mebibytes-arrive", "corrupts", "changes a byte") {
  corrupt_stream(to);
}
SABOTEUR("tcp.stream/arrives-the-other-way", "loses", "loses the last byte") { lose_the_end(to); }
SABOTEUR("tcp.stream/tiny-pieces-arrive", "loses", "loses the last byte") { lose_the_end(to); }
SABOTEUR("tcp.flow/stops-a-sender-that-may-not-block", "endless", "says that it sent it") {
  swallow(to, "tcp.send", "EAGAIN", 1);
}
SABOTEUR("tcp.flow/lets-the-sender-go-on", "corrupts", "changes a byte") { corrupt_stream(to); }
SABOTEUR("tcp.flow/has-congestion-control", "none", "names no algorithm") {
  always_answer(to, "tcp.get_option", "");
}
SABOTEUR("tcp.end/empty-receive", "once", "shows the end once, then raises ENOTCONN") {
  fail_after_empty(to);
}
SABOTEUR("tcp.end/wakes-a-receive", "error", "raises ECONNRESET at the end") {
  change_answer(to, "tcp.receive", [](json answer) {
    if (sdk::bytes_of(answer).empty()) throw raised("ECONNRESET");
    return answer;
  });
}
SABOTEUR("tcp.end/after-all-that-was-sent", "resets", "closes by a reset") {
  to.replace("tcp.close", [&to](const handler&, const json& params) {
    return to.at("tcp.reset")(named(params.at("socket")));
  });
}
SABOTEUR("tcp.end/half-close-leaves-the-other-half", "both", "shuts both halves down") {
  set_param(to, "tcp.shutdown", "how", "both");
}
SABOTEUR("tcp.end/reset-is-an-error", "ends", "takes a reset for the end") {
  end_instead_of_reset(to);
}
SABOTEUR("tcp.end/unread-data-makes-it-a-reset", "ends", "takes a reset for the end") {
  end_instead_of_reset(to);
}
SABOTEUR("tcp.end/waits-for-the-last-copy", "shuts-down", "shuts the connection down at close") {
  to.replace("tcp.close", [&to](const handler& close, const json& params) {
    to.at("tcp.shutdown")({{"socket", params.at("socket")}, {"how", "both"}});
    return close(params);
  });
}
SABOTEUR("tcp.end/of-one-client-alone", "all", "closes the listening socket, too") {
  to.replace("tcp.close", [](const handler& close, const json& params) {
    close(named("listener"));
    return close(params);
  });
}
SABOTEUR("tcp.end/sending-on-fails-without-a-signal", "silent", "says that it sent it") {
  to.replace("tcp.send", [](const handler& send, const json& params) -> json {
    try {
      return send(params);
    } catch (const std::exception&) {
      return 1;
    }
  });
}
SABOTEUR("tcp.end/closed-socket-does-nothing", "open", "does not close") {
  always_answer(to, "tcp.close", nullptr);
}

// ---- over a wire with faults --------------------------------------------------------------------

// A figure of /proc/net/snmp or netstat, for the network that this process is in.
long counted(const std::string& group, const std::string& name) {
  for (const char* file : {"/proc/self/net/snmp", "/proc/self/net/netstat"}) {
    std::ifstream lines(file);
    for (std::string names, values; std::getline(lines, names) && std::getline(lines, values);) {
      std::istringstream keys(names), figures(values);
      std::string key, figure;
      while (keys >> key && figures >> figure) {
        if (names.starts_with(group + ":") && key == name) return std::atol(figure.c_str());
      }
    }
  }
  return 0;
}

// A byte is wrong where the kernel had to mend the stream in this way.
void corrupt_if_mended(sdk::adapter& to, const std::string& group, const std::string& name) {
  change_answer(to, "tcp.receive_stream", [=](json answer) {
    const std::uint32_t wrong = counted(group, name) > 0 ? 0xff : 0;
    answer["crc32"] = answer.at("crc32").get<std::uint32_t>() ^ wrong;
    return answer;
  });
}

SABOTEUR("tcp.wire/arrives-over-a-bad-wire", "corrupts", "changes a byte") { corrupt_stream(to); }
SABOTEUR("tcp.wire/sends-lost-segments-again", "gap", "gets a byte wrong behind a gap") {
  corrupt_if_mended(to, "TcpExt", "TCPOFOQueue");
}
SABOTEUR("tcp.wire/discards-doubled-segments", "copy", "gets a byte of a copy wrong") {
  corrupt_if_mended(to, "TcpExt", "TCPDSACKOldSent");
}
SABOTEUR("tcp.wire/puts-overtaken-segments-in-order", "early",
         "gets a byte wrong that came early") {
  corrupt_if_mended(to, "TcpExt", "TCPOFOQueue");
}
SABOTEUR("tcp.wire/drops-corrupt-segments", "takes", "takes a byte of a corrupt segment") {
  corrupt_if_mended(to, "Tcp", "InCsumErrors");
}
SABOTEUR("tcp.wire/outlives-a-cut", "impatient", "gives up after 20 ms") {
  set_param(to, "tcp.receive", "timeout", 0.02);
}

}  // namespace
}  // namespace assay::saboteurs
