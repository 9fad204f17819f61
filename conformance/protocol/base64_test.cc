#include "conformance/protocol/base64.h"

#include <gtest/gtest.h>

namespace {

using assay::base64_decode;
using assay::base64_encode;
using assay::is_base64;

TEST(base64, encodes_the_vectors_of_rfc_4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
    EXPECT_TRUE(is_base64(text)) << text;
  }
}

TEST(base64, takes_every_byte_at_every_place) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t skip = 0; skip < 6; ++skip) {
    const std::string bytes = all.substr(skip) + all;
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(base64, refuses_what_it_would_not_have_written) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm 9", "Zm9v\n", "Zm9-",
                           "Zm9_", "Zh==", "Zm9=", "Z=g=", "=Zg=", "Zg==Zg==", "Zm\xc3\xa4"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
    EXPECT_FALSE(is_base64(text)) << text;
  }
}

}  // namespace
