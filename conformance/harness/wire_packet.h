// What a wire sees of a packet: IPv4 with UDP or TCP in it (RFC 791, RFC 768, RFC 9293).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace assay {

/// A view into a packet's bytes, which must outlive it.
struct wire_packet {
  bool is_tcp = false;       ///< else it is UDP
  std::uint32_t number = 0;  ///< TCP: sequence number of the first byte of the payload
  bool is_opening = false;   ///< TCP: it has SYN
  std::string_view payload;
};

/// nullopt for what is neither UDP nor TCP over IPv4, or is cut short.
std::optional<wire_packet> read_packet(std::string_view bytes);

/// What became of one direction of one connection on the wire, by sequence numbers.
///
///   stream_account account;
///   account.open(7);                // SYN
///   account.damage(8, 1000);        // a segment did not come whole
///   account.pass(8, 1000);          // it came whole later
///   account.repaired();             // 1
class stream_account {
 public:
  /// A connection begins; what was noted before is forgotten.
  void open(std::uint32_t number);
  /// These bytes came through whole.
  void pass(std::uint32_t number, std::size_t bytes);
  /// These were lost or corrupted.
  void damage(std::uint32_t number, std::size_t bytes);

  /// Damaged segments whose bytes had not come before and have come whole since.
  std::size_t repaired() const;
  /// Damaged segments of which some byte has never come whole.
  std::size_t unrepaired() const;

 private:
  struct range {
    std::size_t begin;
    std::size_t end;
  };
  range place(std::uint32_t number, std::size_t bytes) const;
  bool is_whole(const range& which) const;

  std::uint32_t first_ = 0;
  std::vector<bool> whole_;
  std::vector<range> damaged_;  // that had not come whole before
};

}  // namespace assay
