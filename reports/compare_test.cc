#include "reports/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/figures.h"
#include "reports/rank_test.h"

namespace assay {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(mann_whitney, is_exact_for_few_values) {
  // Two of the C(6, 3) = 20 orders are as uneven as this one.
  EXPECT_DOUBLE_EQ(mann_whitney({1, 2, 3}, {4, 5, 6}), 0.1);
  EXPECT_DOUBLE_EQ(mann_whitney({4, 5, 6}, {1, 2, 3}), 0.1);
  // C(8, 4) = 70: the most uneven order and its mirror.
  EXPECT_DOUBLE_EQ(mann_whitney({1, 2, 3, 4}, {5, 6, 7, 8}), 2.0 / 70);
  // One pair out of order: U is 1, which four of the 70 orders do not exceed.
  EXPECT_DOUBLE_EQ(mann_whitney({1, 2, 3, 5}, {4, 6, 7, 8}), 4.0 / 70);
  EXPECT_DOUBLE_EQ(mann_whitney({1, 3}, {2, 4}), 4.0 / 6);
  EXPECT_DOUBLE_EQ(mann_whitney({1}, {2}), 1);
}

TEST(mann_whitney, falls_back_to_the_normal_distribution_with_ties) {
  // By hand: U is 0.5, its mean 8, its variance 11.857 with the tie of two; z is 7 / 3.443.
  EXPECT_NEAR(mann_whitney({1, 2, 3, 5}, {5, 6, 7, 8}), 0.0420, 0.0001);
  EXPECT_DOUBLE_EQ(mann_whitney({3, 3, 3}, {3, 3, 3}), 1);
  std::vector<double> low;
  std::vector<double> high;
  for (int i = 0; i < 30; ++i) {
    low.push_back(i);
    high.push_back(i + 100);
  }
  EXPECT_LT(mann_whitney(low, high), 1e-9);
  EXPECT_DOUBLE_EQ(mann_whitney(low, low), 1);
}

TEST(mann_whitney, says_nothing_of_nothing) {
  EXPECT_DOUBLE_EQ(mann_whitney({}, {1, 2}), 1);
  EXPECT_DOUBLE_EQ(mann_whitney({1, 2}, {}), 1);
}

json timings(std::initializer_list<std::pair<const char*, std::vector<double>>> all) {
  json rows = json::array();
  for (const auto& [name, samples] : all) {
    for (const double sample : samples) {
      rows.push_back({{"name", name}, {"real_time", sample}, {"time_unit", "us"}});
    }
    rows.push_back({{"name", std::string(name) + "_mean"},
                    {"run_type", "aggregate"},
                    {"real_time", 1e9},
                    {"time_unit", "us"}});
  }
  return {{"context", {{"num_cpus", 4}}}, {"benchmarks", rows}};
}

TEST(compare, tells_slower_from_faster_from_noise) {
  const json before = timings({{"slower", {10, 11, 10.5, 10.2, 10.7}},
                               {"faster", {20, 21, 20.5, 20.2, 20.7}},
                               {"noise", {10, 14, 9, 15, 11}},
                               {"a little", {10, 10.1, 10.2, 10.3, 10.4}}});
  const json after = timings({{"slower", {15, 16, 15.5, 15.2, 15.7}},
                              {"faster", {10, 11, 10.5, 10.2, 10.7}},
                              {"noise", {15.1, 9.5, 14.5, 8, 12.5}},
                              {"a little", {10.5, 10.6, 10.7, 10.45, 10.55}}});
  const comparison seen = compare(before, after, {});
  std::vector<std::string> verdicts;
  for (const auto& each : seen.timings) verdicts.push_back(to_string(each.verdict));
  EXPECT_THAT(verdicts, ElementsAre("slower", "faster", "same", "same"));
  EXPECT_EQ(seen.worse(), 1u);
  EXPECT_DOUBLE_EQ(seen.timings[0].before, 10500);
  EXPECT_NEAR(seen.timings[0].time_change, 0.476, 0.001);
  EXPECT_NEAR(seen.timings[1].time_change, -0.488, 0.001);
  EXPECT_THAT(comparison_text(seen), HasSubstr("4 benchmarks: 1 slower, 1 faster, 2 the same"));
  compare_options strict;
  strict.threshold = 0.01;
  EXPECT_EQ(compare(before, after, strict).worse(), 2u);
}

TEST(compare, reads_rates_the_other_way_round) {
  json before = timings({});
  json after = timings({});
  for (const double rate : {100.0, 101.0, 102.0, 103.0}) {
    before["benchmarks"].push_back({{"name", "n"}, {"items_per_second", rate}});
    after["benchmarks"].push_back({{"name", "n"}, {"items_per_second", rate / 2}});
  }
  const comparison seen = compare(before, after, {});
  ASSERT_EQ(seen.timings.size(), 1u);
  EXPECT_EQ(seen.timings[0].verdict, timing_verdict::slower);
  EXPECT_DOUBLE_EQ(seen.timings[0].time_change, 1);
}

TEST(compare, says_when_runs_are_too_few_and_what_came_and_went) {
  const json before = timings({{"few", {10, 10.1, 10.2}}, {"gone", {1}}});
  const json after = timings({{"few", {20, 20.1, 20.2}}, {"new", {1}}});
  const comparison seen = compare(before, after, {});
  ASSERT_EQ(seen.timings.size(), 3u);
  EXPECT_EQ(seen.timings[0].verdict, timing_verdict::too_few_runs);
  EXPECT_EQ(seen.timings[1].verdict, timing_verdict::only_before);
  EXPECT_EQ(seen.timings[2].verdict, timing_verdict::only_after);
  EXPECT_EQ(seen.worse(), 0u);
  EXPECT_THAT(comparison_text(seen), HasSubstr("1 too few runs, 1 gone, 1 new"));
}

TEST(compare, says_when_the_machine_is_another) {
  json after = timings({{"n", {1, 2, 3, 4}}});
  after["context"]["num_cpus"] = 8;
  const comparison seen = compare(timings({{"n", {1, 2, 3, 4}}}), after, {});
  EXPECT_THAT(seen.remarks, ElementsAre(HasSubstr("two machines")));
}

json results(std::initializer_list<std::array<const char*, 3>> all) {
  json rows = json::array();
  for (const auto& [testee, requirement, verdict] : all) {
    const std::string said = verdict;
    const bool fine = said == "pass" || said == "expected fail" || said.rfind("not ", 0) == 0;
    rows.push_back({{"testee", testee},
                    {"requirement", requirement},
                    {"verdict", verdict},
                    {"expected", fine}});
  }
  return {{"schema", 1}, {"results", rows}};
}

TEST(compare, tells_regressions_from_other_changes) {
  const json before = results({{"t", "a/broke", "pass"},
                               {"t", "a/fixed", "fail"},
                               {"t", "a/known", "expected fail"},
                               {"t", "a/same", "pass"},
                               {"t", "a/gone", "pass"},
                               {"t", "a/other", "fail"},
                               {"t", "a/stale", "expected fail"}});
  const json after = results({{"t", "a/broke", "hang"},
                              {"t", "a/fixed", "pass"},
                              {"t", "a/known", "crash"},
                              {"t", "a/same", "pass"},
                              {"t", "a/gone", "not here"},
                              {"t", "a/other", "crash"},
                              {"t", "a/stale", "unexpected pass"},
                              {"t", "a/new", "fail"}});
  const comparison seen = compare(before, after, {});
  std::vector<std::string> worse;
  for (const auto& each : seen.verdicts) {
    if (each.is_regression) worse.push_back(each.requirement);
  }
  EXPECT_THAT(worse, ElementsAre("a/broke", "a/known", "a/new"));
  EXPECT_EQ(seen.verdicts.size(), 7u);
  EXPECT_EQ(seen.verdicts_alike, 1u);
  EXPECT_THAT(comparison_text(seen),
              HasSubstr("1 verdicts alike, 7 changed, 3 of them regressions"));
  EXPECT_EQ(comparison_json(seen).at("worse"), 3);
}

// Ten runs of each implementation of one behaviour, a few percent around the time that is given.
json ranked(std::initializer_list<std::pair<const char*, double>> all) {
  json rows = json::array();
  for (const auto& [name, time] : all) {
    for (int run = 0; run < 10; ++run) {
      rows.push_back({{"name", std::string("a/b/") + name},
                      {"area", "a"},
                      {"behaviour", "b"},
                      {"implementation", name},
                      {"real_time", time * (1 + 0.002 * run)},
                      {"time_unit", "us"}});
    }
  }
  return {{"benchmarks", rows}};
}

TEST(compare, tells_who_changed_places) {
  const json before = ranked({{"one", 100}, {"two", 102}, {"three", 150}, {"gone", 300}});
  const json after = ranked({{"three", 200}, {"two", 206}, {"one", 300}, {"new", 1}});
  const ranking_change order = compare(before, after, {}).order.value();
  EXPECT_EQ(order.apart, 2u) << "one and two from three; what only one file has is none";
  EXPECT_EQ(order.kept, 0u);
  EXPECT_EQ(order.close, 1u) << "two and three";
  ASSERT_EQ(order.swapped.size(), 1u);
  EXPECT_EQ(order.swapped[0].ahead, "one");
  EXPECT_EQ(order.swapped[0].behind, "three");
  EXPECT_DOUBLE_EQ(order.swapped[0].times_before, 1.5);
  EXPECT_DOUBLE_EQ(order.swapped[0].times_after, 2.0 / 3);
  EXPECT_THAT(ranking_text(order),
              HasSubstr("a/b: one was 1.50 times as fast as three, is 0.67 times\n"));
  EXPECT_EQ(compare_rankings(before, before, 0.05).kept, 5u) << "three more with the last";
}

TEST(compare, ranks_rates_by_more_and_leaves_out_who_failed) {
  const auto of = [](double one, double two) {
    json file = ranked({{"one", 1}, {"two", 1}, {"failed", 1}});
    for (auto& row : file["benchmarks"]) {
      row["items_per_second"] = row.at("implementation") == "one" ? one : two;
      if (row.at("implementation") == "failed") row["error_occurred"] = true;
    }
    return file;
  };
  const ranking_change order = compare(of(200, 100), of(100, 200), {}).order.value();
  EXPECT_EQ(order.apart, 1u);
  ASSERT_EQ(order.swapped.size(), 1u);
  EXPECT_EQ(order.swapped[0].ahead, "one");
  EXPECT_DOUBLE_EQ(order.swapped[0].times_before, 2);
}

TEST(compare, knows_a_row_of_ours_again_whatever_the_run_appends) {
  json before = ranked({{"one", 100}});
  json after = before;
  for (auto& row : before["benchmarks"]) row["run_name"] = "a/b/one/iterations:1/repeats:10";
  for (auto& row : after["benchmarks"]) row["run_name"] = "a/b/one/iterations:1/repeats:3";
  const auto changes = compare(before, after, {}).timings;
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].name, "a/b/one");
  EXPECT_EQ(changes[0].verdict, timing_verdict::same);
}

TEST(compare, ranks_nothing_of_other_programs) {
  const json file = timings({{"x", {1, 2, 3}}});
  EXPECT_FALSE(compare(file, file, {}).order.has_value());
  EXPECT_TRUE(comparison_json(compare(file, file, {})).at("order").is_null());
}

TEST(compare, refuses_files_of_two_kinds) {
  EXPECT_THROW(compare(results({}), timings({}), {}), std::runtime_error);
  EXPECT_THROW(compare(json::array(), json::array(), {}), std::runtime_error);
}

TEST(figures, stand_under_one_another) {
  EXPECT_EQ(aligned({{"", "a"}, {"name", "1.0 µs"}}), "             a\n  name  1.0 µs\n");
  EXPECT_EQ(show_figure("real_time", 1234), "1.23 µs");
  EXPECT_EQ(show_figure("bytes_per_second", 3.91e9), "3.91 GB/s");
}

}  // namespace
}  // namespace assay
