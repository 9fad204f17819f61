#include "conformance/harness/wire_packet.h"

#include <netinet/in.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::size_t ip_header = 20;
constexpr std::size_t udp_header = 8;
constexpr std::size_t tcp_header = 20;

std::size_t byte_at(std::string_view bytes, std::size_t place) {
  return static_cast<unsigned char>(bytes[place]);
}

std::size_t word_at(std::string_view bytes, std::size_t place) {
  return byte_at(bytes, place) << 8 | byte_at(bytes, place + 1);
}

}  // namespace

std::optional<wire_packet> read_packet(std::string_view bytes) {
  if (bytes.size() < ip_header || byte_at(bytes, 0) >> 4 != 4) return std::nullopt;
  const std::size_t header = (byte_at(bytes, 0) & 15) * 4;
  const std::size_t total = word_at(bytes, 2);
  if (header < ip_header || total < header || total > bytes.size()) return std::nullopt;
  const std::size_t protocol = byte_at(bytes, 9);
  const std::string_view body = bytes.substr(header, total - header);
  wire_packet packet;
  if (protocol == IPPROTO_UDP && body.size() >= udp_header) {
    packet.payload = body.substr(udp_header);
    return packet;
  }
  if (protocol != IPPROTO_TCP || body.size() < tcp_header) return std::nullopt;
  const std::size_t offset = (byte_at(body, 12) >> 4) * 4;
  if (offset < tcp_header || offset > body.size()) return std::nullopt;
  packet.is_tcp = true;
  packet.number = static_cast<std::uint32_t>(word_at(body, 4) << 16 | word_at(body, 6));
  packet.is_opening = (byte_at(body, 13) & 2) != 0;
  packet.payload = body.substr(offset);
  return packet;
}

void stream_account::open(std::uint32_t number) {
  first_ = number + 1;  // SYN has a number of its own
  whole_.clear();
  damaged_.clear();
}

stream_account::range stream_account::place(std::uint32_t number, std::size_t bytes) const {
  const std::uint32_t begin = number - first_;  // modulo 2^32, as sequence numbers are
  return {begin, begin + bytes};
}

bool stream_account::is_whole(const range& which) const {
  if (which.end > whole_.size()) return false;
  for (std::size_t i = which.begin; i < which.end; ++i) {
    if (!whole_[i]) return false;
  }
  return true;
}

void stream_account::pass(std::uint32_t number, std::size_t bytes) {
  const range which = place(number, bytes);
  // What lies half a number space ahead is a probe from behind the beginning, not data.
  if (which.begin > UINT32_MAX / 2) return;
  if (whole_.size() < which.end) whole_.resize(which.end);
  for (std::size_t i = which.begin; i < which.end; ++i) whole_[i] = true;
}

void stream_account::damage(std::uint32_t number, std::size_t bytes) {
  const range which = place(number, bytes);
  if (!is_whole(which)) damaged_.push_back(which);
}

std::size_t stream_account::repaired() const { return damaged_.size() - unrepaired(); }

std::size_t stream_account::unrepaired() const {
  const auto is_open = [this](const range& each) { return !is_whole(each); };
  return static_cast<std::size_t>(std::count_if(damaged_.begin(), damaged_.end(), is_open));
}

}  // namespace assay
