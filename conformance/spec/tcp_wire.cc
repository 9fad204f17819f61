// Area tcp, over a wire with faults: the bytes come in order, complete and once, because TCP mends
// what the wire does to its segments. Each requirement makes sure that the wire did it.
#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/wire_steps.h"

namespace assay {
namespace {

using ::testing::Ge;

source remarks() { return notes("TCP and UDP"); }

constexpr int mebibyte = 1 << 20;

// A figure of the network that this actor is in; `otherwise` where the kernel has none.
std::int64_t counted(const actor& one, const std::string& name, std::int64_t otherwise) {
  return proc::network_counter(one.pid(), "Tcp", name).value_or(otherwise);
}

REQUIREMENT(tcp_wire, arrives_over_a_bad_wire, must,
            "over a wire that loses, doubles, reorders and corrupts segments the bytes arrive in "
            "order, complete and once",
            covers("TCP-25", "TCP-26", "TCP-27", "TCP-28"), rfc(9293, "2.2"), remarks()) {
  wired hosts({.lost = 5, .doubled = 5, .overtaken = 5, .corrupted = 2});
  send_stream_over(hosts, mebibyte);
  const wire_counts counts = hosts.counts();
  EXPECT_THAT(counts.lost, Ge(35u));
  EXPECT_THAT(counts.doubled, Ge(35u));
  EXPECT_THAT(counts.overtaken, Ge(1u));
  EXPECT_THAT(counts.corrupted, Ge(14u));
  EXPECT_THAT(counts.repaired, Ge(1u));
  EXPECT_EQ(counts.unrepaired, 0u);
}

REQUIREMENT(tcp_wire, sends_lost_segments_again, should,
            "segments that the network loses are sent again, and the bytes arrive complete",
            covers("TCP-26"), rfc(9293, "3.8"), rfc(6298, "5"), remarks()) {
  wired hosts({.lost = 10});
  send_stream_over(hosts, mebibyte / 4);
  const wire_counts counts = hosts.counts();
  EXPECT_THAT(counts.lost, Ge(10u));
  // The wire saw their bytes again.
  EXPECT_THAT(counts.repaired, Ge(1u));
  EXPECT_EQ(counts.unrepaired, 0u);
  EXPECT_THAT(counted(hosts.near(), "RetransSegs", 1), Ge(1));
}

REQUIREMENT(tcp_wire, discards_doubled_segments, should,
            "segments that the network doubles arrive once: the receiver discards the copies",
            covers("TCP-27"), rfc(9293, "3.10.7.4"), remarks()) {
  wired hosts({.doubled = 25});
  send_stream_over(hosts, mebibyte / 4);
  EXPECT_THAT(hosts.counts().doubled, Ge(25u));
}

REQUIREMENT(tcp_wire, puts_overtaken_segments_in_order, must,
            "segments that overtake others on their way are put back in their place",
            covers("TCP-25"), rfc(9293, "3.10.7.4"), remarks()) {
  wired hosts({.overtaken = 25});
  send_stream_over(hosts, mebibyte / 4);
  EXPECT_THAT(hosts.counts().overtaken, Ge(1u));
}

REQUIREMENT(tcp_wire, drops_corrupt_segments, should,
            "segments that the network corrupts are dropped for their checksum and sent again",
            covers("TCP-28"), rfc(9293, "3.1"), remarks()) {
  wired hosts({.corrupted = 10});
  send_stream_over(hosts, mebibyte / 4);
  const wire_counts counts = hosts.counts();
  EXPECT_THAT(counts.corrupted, Ge(10u));
  EXPECT_THAT(counts.repaired, Ge(1u));
  EXPECT_EQ(counts.unrepaired, 0u);
  EXPECT_THAT(counted(hosts.far(), "InCsumErrors", 1), Ge(1));
}

REQUIREMENT(tcp_wire, outlives_a_cut, must,
            "what is sent while the wire is cut arrives once it is whole again, and no call fails",
            covers("TCP-25", "TCP-26"), rfc(9293, "3.8.3"), rfc(6298, "5"), remarks()) {
  wired hosts;
  const auto [listener, client, served] = connected_over(hosts);
  hosts.line().set_cut(true);
  client.send_all("meanwhile");
  EXPECT_TRUE(await([&] { return hosts.line().lost_by_cut() >= 1; }));
  hosts.line().set_cut(false);
  EXPECT_EQ(served.receive_exactly(9), "meanwhile");
  served.send_all("and back");
  EXPECT_EQ(client.receive_exactly(8), "and back");
}

}  // namespace
}  // namespace assay
