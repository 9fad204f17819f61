#include "conformance/harness/fixtures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace assay {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class tables : public ::testing::Test {
 protected:
  // The place of the data is looked for once in a process.
  static void SetUpTestSuite() {
    std::string name = ::testing::TempDir() + "assay-fixtures-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    std::filesystem::create_directories(directory_ / "fixtures/a");
    std::ofstream(directory_ / "protocol.json") << "{}";
    std::ofstream(directory_ / "fixtures/a/t.jsonl")
        << "// a comment\n"
           "\n"
           "{\"requirement\": \"x.y/z\", \"n\": 1}\n"
           "{\"requirement\": \"x.y/w\", \"n\": 2}\n"
           "  {\"requirement\": \"x.y/z\", \"n\": 3}\n";
    std::ofstream(directory_ / "fixtures/a/bad.jsonl") << "{}\n";
    ::setenv("ASSAY_DATA", name.c_str(), 1);
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(directory_); }
  static std::filesystem::path directory_;
};
std::filesystem::path tables::directory_;

TEST_F(tables, give_the_rows_of_a_requirement) {
  EXPECT_EQ(fixtures_directory(), std::filesystem::canonical(directory_));
  const auto rows = cases("a/t.jsonl", "x.y/z");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["n"], 1);
  EXPECT_EQ(rows[1]["n"], 3);
}

TEST_F(tables, say_what_is_wrong_and_where) {
  EXPECT_THAT([] { cases("a/t.jsonl", "x.y/v"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no row has the requirement x.y/v")));
  EXPECT_THAT([] { cases("a/bad.jsonl", "x.y/z"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("bad.jsonl:1: ")));
  EXPECT_THAT([] { cases("a/none.jsonl", "x.y/z"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no fixture a/none.jsonl; tried ")));
}

TEST(bytes_of, takes_code_points_as_bytes) {
  EXPECT_EQ(bytes_of(nlohmann::json::parse("\"\\u0000\\u007f\\u0080\\u00ff\"")),
            std::string("\0\x7f\x80\xff", 4));
  EXPECT_THROW(bytes_of("\u0100"), std::runtime_error);
  EXPECT_THROW(bytes_of(1), nlohmann::json::type_error);
}

}  // namespace
}  // namespace assay
