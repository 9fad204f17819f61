#include "conformance/harness/wire_packet.h"

#include <gtest/gtest.h>

#include <string>

namespace assay {
namespace {

std::string ip(char protocol, const std::string& body) {
  std::string packet(20, '\0');
  packet[0] = 0x45;
  const std::size_t total = packet.size() + body.size();
  packet[2] = static_cast<char>(total >> 8);
  packet[3] = static_cast<char>(total & 255);
  packet[9] = protocol;
  return packet + body;
}

std::string segment(std::uint32_t number, char flags, const std::string& payload) {
  std::string header(20, '\0');
  for (int i = 0; i < 4; ++i) header[4 + i] = static_cast<char>(number >> (24 - 8 * i));
  header[12] = 0x50;
  header[13] = flags;
  return header + payload;
}

TEST(wire_packet, tells_udp_and_its_payload) {
  const std::string bytes = ip(17, std::string(8, '\0') + "hello");
  const auto packet = read_packet(bytes);
  ASSERT_TRUE(packet);
  EXPECT_FALSE(packet->is_tcp);
  EXPECT_EQ(packet->payload, "hello");
}

TEST(wire_packet, tells_tcp_and_its_place_in_the_stream) {
  const std::string bytes = ip(6, segment(0xfedcba98, 2, "data"));
  const auto packet = read_packet(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->is_tcp);
  EXPECT_TRUE(packet->is_opening);
  EXPECT_EQ(packet->number, 0xfedcba98);
  EXPECT_EQ(packet->payload, "data");
  EXPECT_FALSE(read_packet(ip(6, segment(1, 16, "")))->is_opening);
}

TEST(wire_packet, what_lies_behind_the_packet_is_not_its_payload) {
  const std::string bytes = ip(17, std::string(8, '\0') + "hello") + "padding";
  EXPECT_EQ(read_packet(bytes)->payload, "hello");
}

TEST(wire_packet, everything_else_is_none) {
  const std::string good = ip(6, segment(1, 0, "data"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(read_packet(std::string_view(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(read_packet(ip(1, std::string(30, '\0'))));
  EXPECT_FALSE(read_packet(ip(17, std::string(7, '\0'))));
  EXPECT_FALSE(read_packet(ip(6, std::string(19, '\0'))));
  std::string six = good;
  six[0] = 0x65;
  EXPECT_FALSE(read_packet(six));
  std::string long_header = good;
  long_header[32] = '\xf0';
  EXPECT_FALSE(read_packet(long_header));
  std::string short_header = good;
  short_header[0] = 0x44;
  EXPECT_FALSE(read_packet(short_header));
}

TEST(stream_account, counts_what_was_damaged_and_came_again) {
  stream_account account;
  account.open(7);
  account.pass(8, 1000);
  account.damage(1008, 1000);
  account.damage(2008, 1000);
  EXPECT_EQ(account.repaired(), 0u);
  EXPECT_EQ(account.unrepaired(), 2u);
  // Cut elsewhere than at first.
  account.pass(1008, 600);
  EXPECT_EQ(account.unrepaired(), 2u);
  account.pass(1608, 1000);
  EXPECT_EQ(account.repaired(), 1u);
  account.pass(2608, 400);
  EXPECT_EQ(account.repaired(), 2u);
  EXPECT_EQ(account.unrepaired(), 0u);
}

TEST(stream_account, damage_to_what_had_come_counts_for_nothing) {
  stream_account account;
  account.open(7);
  account.pass(8, 1000);
  account.damage(8, 1000);
  EXPECT_EQ(account.repaired() + account.unrepaired(), 0u);
}

TEST(stream_account, numbers_wrap) {
  stream_account account;
  account.open(0xffffff00);
  account.damage(0xffffff01, 1000);
  account.pass(0xffffff01, 500);
  account.pass(0xffffff01 + 500, 500);
  EXPECT_EQ(account.repaired(), 1u);
}

TEST(stream_account, a_probe_from_before_the_beginning_is_no_data) {
  stream_account account;
  account.open(7);
  account.pass(7, 1);
  account.damage(8, 1);
  EXPECT_EQ(account.unrepaired(), 1u);
}

}  // namespace
}  // namespace assay
