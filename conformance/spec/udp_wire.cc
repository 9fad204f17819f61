// Area udp, over a wire with faults: what a network does to datagrams shows, because nothing
// between the wire and the receiver mends it. What arrives is whole, all the same.
#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/wire_steps.h"

namespace assay {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::Ge;
using ::testing::IsSubsetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

source remarks() { return notes("TCP and UDP"); }
source udp_rfc() { return rfc(768, "Introduction"); }

constexpr int count = 100;

REQUIREMENT(udp_wire, loses_datagrams, should,
            "a datagram that the network loses does not come, and its send succeeds all the same",
            covers("UDP-17"), udp_rfc(), remarks()) {
  wired hosts({.lost = 20});
  wired_udp datagrams(hosts);
  datagrams.exchange(count);
  EXPECT_EQ(hosts.counts().lost, 20u);
  EXPECT_THAT(datagrams.received(), SizeIs(80));
  EXPECT_THAT(datagrams.received(), ElementsAreArray(datagrams.passed()));
}

REQUIREMENT(udp_wire, doubles_datagrams, should,
            "a datagram that the network doubles comes twice, each time whole", covers("UDP-17"),
            udp_rfc(), remarks()) {
  wired hosts({.doubled = 20});
  wired_udp datagrams(hosts);
  datagrams.exchange(count);
  EXPECT_EQ(hosts.counts().doubled, 20u);
  EXPECT_THAT(datagrams.received(), SizeIs(120));
  EXPECT_THAT(datagrams.received(), ElementsAreArray(datagrams.passed()));
}

REQUIREMENT(udp_wire, reorders_datagrams, should,
            "datagrams that overtake others on their way come in the order of their arrival",
            covers("UDP-17"), udp_rfc(), remarks()) {
  wired hosts({.overtaken = 20});
  wired_udp datagrams(hosts);
  datagrams.exchange(count);
  EXPECT_THAT(hosts.counts().overtaken, Ge(1u));
  EXPECT_THAT(datagrams.received(), ElementsAreArray(datagrams.passed()));
  EXPECT_THAT(datagrams.received(), Not(ElementsAreArray(datagrams.sent())));
  EXPECT_THAT(datagrams.received(), UnorderedElementsAreArray(datagrams.sent()));
}

REQUIREMENT(udp_wire, drops_corrupt_datagrams, should,
            "a datagram that the network corrupts does not come: its checksum gives it away",
            covers("UDP-17"), rfc(768, "Fields"), rfc(1122, "4.1.3.4"), remarks()) {
  wired hosts({.corrupted = 20});
  wired_udp datagrams(hosts);
  datagrams.exchange(count);
  EXPECT_EQ(hosts.counts().corrupted, 20u);
  EXPECT_THAT(datagrams.received(), SizeIs(80));
  EXPECT_THAT(datagrams.received(), IsSubsetOf(datagrams.sent()));
  // The kernel's own count, for the network that the receiver is in.
  EXPECT_EQ(proc::network_counter(hosts.far().pid(), "Udp", "InCsumErrors").value_or(20), 20);
}

REQUIREMENT(udp_wire, gives_only_what_was_sent, must,
            "whatever the network does, each datagram that comes is one that was sent, whole",
            covers("UDP-17"), udp_rfc(), remarks()) {
  wired hosts({.lost = 10, .doubled = 10, .overtaken = 10, .corrupted = 10, .seed = 2});
  wired_udp datagrams(hosts);
  datagrams.exchange(2 * count);
  EXPECT_THAT(datagrams.received(), SizeIs(2 * (count - 10 + 10 - 10)));
  EXPECT_THAT(datagrams.received(), ElementsAreArray(datagrams.passed()));
  EXPECT_THAT(datagrams.received(), Each(Ge(0)));
}

// ---- an interface that is down ------------------------------------------------------------------

REQUIREMENT(
    udp_interface, down_at_the_sender, may,
    "while the sender's interface is down a send fails or its datagram vanishes; once it is "
    "up again the same socket sends",
    covers("UDP-23"), man("netdevice(7)"), notes("UDP, network interface")) {
  wired hosts;
  wired_udp datagrams(hosts);
  EXPECT_THAT(datagrams.send("before"), returned(6));
  EXPECT_EQ(datagrams.receiver().receive_data(), "before");
  hosts.line().near().set_up(false);
  EXPECT_THAT(datagrams.send("meanwhile"), AnyOf(returned(9), raised("ENETUNREACH")));
  hosts.line().near().set_up(true);
  EXPECT_EQ(datagrams.send("after").result(), 5);
  EXPECT_EQ(datagrams.receiver().receive_data(), "after");
}

REQUIREMENT(
    udp_interface, down_at_the_receiver, may,
    "while the receiver's interface is down a datagram vanishes and its send succeeds; once "
    "it is up again the same socket receives",
    covers("UDP-23"), man("netdevice(7)"), notes("UDP, network interface")) {
  wired hosts;
  wired_udp datagrams(hosts);
  hosts.line().far().set_up(false);
  EXPECT_THAT(datagrams.send("meanwhile"), returned(9));
  EXPECT_TRUE(await([&] { return hosts.counts().taken == 1; }));
  hosts.line().far().set_up(true);
  EXPECT_EQ(datagrams.send("after").result(), 5);
  EXPECT_EQ(datagrams.receiver().receive_data(), "after");
}

}  // namespace
}  // namespace assay
