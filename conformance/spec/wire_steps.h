// Steps over a wire with faults: two processes of the testee, each on a host of its own.
//
//   wired hosts({.lost = 20});               // of each hundred packets with a payload
//   wired_udp datagrams(hosts);
//   datagrams.exchange(100);
//   EXPECT_THAT(datagrams.received(), ElementsAreArray(datagrams.passed()));
//
// Where this machine has no network namespaces or no TUN devices, the requirement ends as not here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "conformance/harness/lossy_wire.h"
#include "conformance/spec/net_steps.h"

namespace assay {

using side = lossy_wire::side;

/// The wire and the testee's two processes. Owns the wire; the processes live until the test ends.
class wired {
 public:
  explicit wired(const wire_faults& faults = {});

  lossy_wire& line() { return *line_; }
  actor& near() { return *near_; }
  actor& far() { return *far_; }
  /// What the wire did to what the near one sent.
  wire_counts counts() const { return line_->counts(side::near); }

 private:
  std::unique_ptr<lossy_wire> line_;
  actor* near_;
  actor* far_;
};

/// A socket of each host, the far one bound to its address. What is sent has numbers, from 0; as a
/// datagram -1 is one that was never sent.
class wired_udp {
 public:
  explicit wired_udp(wired& hosts);

  /// Sends so many different ones, a few at a time, and receives what the wire lets through.
  /// Expects each send to succeed.
  void exchange(int count);
  std::vector<int> sent() const { return numbers_of(sent_); }
  std::vector<int> received() const { return numbers_of(received_); }
  /// What the wire passed on whole, in this order.
  std::vector<int> passed() const { return numbers_of(hosts_.line().datagrams(side::near)); }

  outcome send(const std::string& data) { return from_.send_to(data, name_); }
  const udp& receiver() const { return to_; }

 private:
  void receive_what_passed();
  std::vector<int> numbers_of(const std::vector<std::string>& datagrams) const;

  wired& hosts_;
  udp from_;
  udp to_;
  address name_;
  std::vector<std::string> sent_;
  std::vector<std::string> received_;
};

/// A client on the near host, connected to a server on the far one.
connection connected_over(wired& hosts);

/// Sends so many bytes from near to far, and expects them to come in order, complete and once.
void send_stream_over(wired& hosts, int bytes);

}  // namespace assay
