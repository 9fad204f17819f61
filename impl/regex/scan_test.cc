// The scans of many bytes at once against loops over one.
#include "impl/regex/scan.h"

#include <gtest/gtest.h>

#include "impl/regex/byte_set.h"

namespace ref {
namespace {

// Longer than any block, and a remainder.
constexpr std::size_t longest = 300;

detail::byte_set set_of(std::string_view bytes) {
  detail::byte_set made;
  for (const char each : bytes) {
    made.add(static_cast<unsigned char>(each), static_cast<unsigned char>(each));
  }
  return made;
}

TEST(ByteSet, HoldsWhatWasAdded) {
  detail::byte_set digits;
  digits.add('0', '9');
  detail::byte_set others = digits;
  others.complement();
  for (int i = 0; i < 128; ++i) {
    const char byte = static_cast<char>(i);
    EXPECT_EQ(digits.contains(byte), byte >= '0' && byte <= '9') << i;
    EXPECT_NE(digits.contains(byte), others.contains(byte)) << i;
  }
  EXPECT_FALSE(digits.intersects(others));
  others.add(digits);
  EXPECT_TRUE(others.is_full());
}

TEST(ByteSet, FindsEveryByteAmongAllOthers) {
  for (int i = 0; i < 128; ++i) {
    const char byte = static_cast<char>(i);
    detail::byte_set one = set_of(std::string(1, byte));
    detail::byte_set rest = one;
    rest.complement();
    std::string text;
    for (int k = 1; k < 128; ++k) text += static_cast<char>((i + k) % 128);
    const std::string with = text + byte + text;
    EXPECT_EQ(one.find(with, 0), text.size()) << i;
    EXPECT_EQ(rest.find_end(with, 0), text.size()) << i;
    EXPECT_EQ(one.find(text, 0), text.size()) << i;
    EXPECT_EQ(rest.find_end(text, 0), text.size()) << i;
  }
}

TEST(ByteSet, StopsAtTheFirstPlaceAtEveryDistance) {
  const detail::byte_set a = set_of("a");
  const detail::byte_set b = set_of("b");
  for (std::size_t run = 0; run <= longest; ++run) {
    for (const std::size_t tail : {0u, 1u, 31u, 32u, 100u}) {
      for (const std::size_t from : {0u, 1u, 9u}) {
        // Before the start and behind the place stands what the scan must not look at.
        const std::string text =
            std::string(from, 'b') + std::string(run, 'a') + std::string(tail, 'b') + "a";
        const std::size_t end = tail == 0 ? text.size() : from + run;
        EXPECT_EQ(a.find_end(text, from), end) << run << " " << tail << " " << from;
        EXPECT_EQ(b.find(text, from), end) << run << " " << tail << " " << from;
      }
    }
  }
}

TEST(ByteSet, FindsTheLastPlaceWithinBounds) {
  const detail::byte_set a = set_of("a");
  const std::string text = "a.a..a.";
  EXPECT_EQ(a.find_last(text, 0, 100), 5u);
  EXPECT_EQ(a.find_last(text, 0, 6), 5u);
  EXPECT_EQ(a.find_last(text, 0, 5), 2u);
  EXPECT_EQ(a.find_last(text, 2, 5), 2u);
  EXPECT_EQ(a.find_last(text, 3, 5), std::string::npos);
  EXPECT_EQ(a.find_last(text, 0, 0), std::string::npos);
}

TEST(Scan, SeesADifferenceInEveryByte) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(scan::equal(text.data(), std::string(size, 'a').data(), size)) << size;
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'b';
      EXPECT_FALSE(scan::equal(text.data(), other.data(), size)) << size << " " << at;
    }
  }
}

TEST(Scan, FindsLiteralsAtEveryDistance) {
  for (const std::string literal : {"x", "xy", "x.y", "x..............y"}) {
    for (std::size_t before = 0; before <= longest; ++before) {
      for (const std::size_t behind : {0u, 1u, 31u, 200u}) {
        const std::string text = std::string(before, 'x') + literal + std::string(behind, 'y');
        const std::size_t expected = text.find(literal);
        EXPECT_EQ(scan::find(text, 0, literal), expected) << literal << before << " " << behind;
        EXPECT_EQ(scan::find(text, expected + 1, literal), text.find(literal, expected + 1))
            << literal << before << " " << behind;
      }
    }
    EXPECT_EQ(scan::find(std::string(longest, '-'), 0, literal), std::string::npos);
    EXPECT_EQ(scan::find("", 0, literal), std::string::npos);
  }
}

TEST(Scan, KnowsAsciiByEveryByte) {
  for (std::size_t size = 0; size <= longest; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(scan::is_ascii(text));
    if (size == 0) continue;
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      text[at] = '\x80';
      EXPECT_FALSE(scan::is_ascii(text)) << size << " " << at;
      text[at] = 'a';
    }
  }
}

}  // namespace
}  // namespace ref
