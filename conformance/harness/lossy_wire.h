// A wire that loses, doubles, overtakes and corrupts packets, between two network namespaces.
//
//   lossy_wire wire({.lost = 5, .doubled = 5});           // of each hundred packets with a payload
//   …start one program in wire.near(), another in wire.far(), let them talk…
//   wire.counts(lossy_wire::side::near).lost;             // of what the near one sent
//
// Which packets are hit is decided by counting, not by chance: of each hundred exactly as many as
// asked for, at places that the seed gives. A packet without a payload (a handshake, an
// acknowledgement) always passes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "conformance/harness/network_namespace.h"
#include "conformance/harness/wire_packet.h"

namespace assay {

/// How many of each hundred packets with a payload, in each direction; at most a hundred together.
struct wire_faults {
  int lost = 0;
  int doubled = 0;
  int overtaken = 0;  ///< held back until the next one has passed, or for some 10 ms
  int corrupted = 0;  ///< one bit of the payload is turned over; the checksum stays
  std::uint32_t seed = 1;
};

/// What the wire has done to the packets of one direction.
struct wire_counts {
  std::uint64_t taken = 0;  ///< with a payload; the wire has taken them off the sender's interface
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t overtaken = 0;  ///< really: another passed it
  std::uint64_t corrupted = 0;
  std::uint64_t passed = 0;      ///< handed to the receiver's interface, both of a doubled one
  std::uint64_t repaired = 0;    ///< TCP: segments that came whole after they were damaged
  std::uint64_t unrepaired = 0;  ///< TCP: damaged ones that did not
};

/// Owns the wire's thread and its ends of the interfaces; the far and the near namespace live on
/// while processes are in them. The functions may be called from any thread. Not across fork.
class lossy_wire {
 public:
  enum class side { near, far };

  /// Throws network_unavailable, and std::invalid_argument for faults that make no sense.
  explicit lossy_wire(const wire_faults& faults = {});
  ~lossy_wire();
  lossy_wire(const lossy_wire&) = delete;
  lossy_wire& operator=(const lossy_wire&) = delete;

  const network_namespace& near() const { return *near_; }
  const network_namespace& far() const { return *far_; }

  /// Cut, it loses everything, acknowledgements too, and counts none of it as a fault.
  void set_cut(bool cut);
  /// Packets that the cut wire has lost.
  std::uint64_t lost_by_cut() const;

  wire_counts counts(side from) const;
  /// The payloads of the datagrams from there that it passed on whole, in the order of their
  /// arrival at the other side.
  std::vector<std::string> datagrams(side from) const;

 private:
  enum class fault : std::uint8_t { none, lost, doubled, overtaken, corrupted };
  struct direction {
    int from = -1;
    int to = -1;
    std::mt19937 random;
    std::vector<fault> deck;  // what befalls the next packets, from the back
    std::optional<std::string> held;
    std::chrono::steady_clock::time_point held_since;
    wire_counts counts;
    stream_account stream;
    std::vector<std::string> datagrams;
  };

  void run();
  void take(direction& on, std::string& bytes);
  void apply(direction& on, fault what, const wire_packet& packet, std::string& bytes);
  void pass(direction& on, const std::string& bytes, bool is_whole);
  bool release(direction& on);
  fault draw(direction& on) const;

  wire_faults faults_;
  std::shared_ptr<network_namespace> near_;
  std::shared_ptr<network_namespace> far_;
  int stop_ = -1;
  mutable std::mutex mutex_;  // for all below
  bool is_cut_ = false;
  std::uint64_t lost_by_cut_ = 0;
  direction directions_[2];
  std::thread thread_;
};

}  // namespace assay
