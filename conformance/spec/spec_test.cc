// The spec's own order: claims and requirements, tables and saboteurs belong together without gaps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "conformance/harness/claims.h"
#include "conformance/harness/fixtures.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

std::vector<claim> claims() { return load_claims(ASSAY_SPEC_SOURCES); }

TEST(spec, every_claim_is_covered_or_says_why_not) {
  std::vector<std::string> gaps;
  for (const claim& each : claims()) {
    if (each.covered_by.empty() == each.no_test.empty()) gaps.push_back(each.id);
  }
  EXPECT_THAT(gaps, IsEmpty()) << "covered by nothing, or covered in spite of no_test";
}

TEST(spec, claims_have_ids_of_their_own) {
  std::map<std::string, int> times;
  for (const claim& each : claims()) ++times[each.id];
  for (const auto& [id, count] : times) EXPECT_EQ(count, 1) << id;
}

TEST(spec, requirements_cover_claims_that_exist) {
  std::set<std::string> known;
  for (const claim& each : claims()) known.insert(each.id);
  for (const auto& each : requirements()) {
    for (const auto& id : each.covers) EXPECT_TRUE(known.contains(id)) << each.slug << ": " << id;
  }
}

TEST(spec, what_the_notes_have_wrong_has_an_erratum) {
  for (const claim& each : claims()) {
    if (each.truth != "false" || each.covered_by.empty()) continue;
    EXPECT_TRUE(std::any_of(each.covered_by.begin(), each.covered_by.end(), [](const auto& slug) {
      return !find_requirement(slug)->erratum.empty();
    })) << each.id;
  }
}

TEST(spec, sentences_are_unique_within_an_area) {
  std::map<std::pair<std::string, std::string>, std::string> seen;
  for (const auto& each : requirements()) {
    const auto [other, is_new] = seen.try_emplace({each.area, each.sentence}, each.slug);
    EXPECT_TRUE(is_new) << each.slug << " says what " << other->second << " says";
  }
}

TEST(spec, rows_of_tables_belong_to_requirements) {
  int rows = 0;
  for (const auto& area : {"regex", "http"}) {
    for (const auto& table : fs::directory_iterator(fixture(area))) {
      if (table.path().extension() != ".jsonl") continue;
      std::ifstream in(table.path());
      std::string line;
      for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.starts_with("//")) continue;
        const auto row = nlohmann::json::parse(line);
        EXPECT_TRUE(find_requirement(row.at("requirement").get<std::string>()))
            << table.path().filename() << ":" << number << ": " << row.at("requirement");
        ++rows;
      }
    }
  }
  EXPECT_GT(rows, 900);
}

TEST(spec, every_requirement_has_a_saboteur) {
  const fs::path list = fixtures_directory() / "saboteurs.json";
  if (!fs::exists(list)) GTEST_SKIP() << list << " is not built: nothing tests the tests here";
  std::set<std::string> broken;
  std::set<std::string> areas;
  for (const auto& each : nlohmann::json::parse(read_file(list))) {
    broken.insert(each.at("requirement").get<std::string>());
    areas.insert(each.at("area").get<std::string>());
  }
  std::set<std::string> left_out;
  for (const auto& each : requirements()) {
    if (!areas.contains(each.area)) {
      left_out.insert(each.area);
    } else {
      EXPECT_TRUE(broken.contains(each.slug)) << each.slug << " is broken by no saboteur";
    }
  }
  for (const auto& slug : broken) EXPECT_TRUE(find_requirement(slug)) << slug;
  if (!left_out.empty()) {
    GTEST_SKIP() << "no saboteurs for the area " << ::testing::PrintToString(left_out);
  }
}

}  // namespace
}  // namespace assay

// The requirements are GoogleTest tests as well, which need a testee: only the tests above run.
int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  ::testing::GTEST_FLAG(filter) = "spec.*";
  return RUN_ALL_TESTS();
}
