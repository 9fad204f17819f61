#include "reports/bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <numeric>
#include <utility>
#include <vector>

#include "reports/bench_summary.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// A folder of programs that behave like benchmark programs.
class bench_programs : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "assay-bench-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // What the body prints is the program's file.
  void program(const std::string& area, const std::string& body) {
    const fs::path path = folder_ / (area + "_bench");
    std::ofstream(path) << R"sh(#!/bin/sh
for each; do case $each in --benchmark_out=*) exec >"${each#*=}";; esac; done
)sh" << body << "\n";
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }

  std::string error_of(const bench_options& options) {
    try {
      run_benchmarks(options);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no error";
  }

  bench_options options() {
    bench_options made;
    made.programs = folder_;
    made.machine = {{"cores", 4}};
    return made;
  }

  fs::path folder_;
};

TEST_F(bench_programs, their_rows_are_gathered_with_the_parts_of_their_names) {
  program("queue", R"(echo '{"context":{},"benchmarks":[
    {"name":"queue/1 to 1/reference/real_time","run_name":"queue/1 to 1/reference/real_time"}]}')");
  program("regex", R"(echo '{"benchmarks":[{"name":"regex/P1/RE2"}]}')");
  const json bench = run_benchmarks(options());
  EXPECT_EQ(bench.at("schema"), 1);
  EXPECT_EQ(bench.at("machine").at("cores"), 4);
  ASSERT_EQ(bench.at("benchmarks").size(), 2U);
  EXPECT_EQ(bench.at("benchmarks")[0].at("behaviour"), "1 to 1");
  EXPECT_EQ(bench.at("benchmarks")[0].at("implementation"), "reference");
  EXPECT_EQ(bench.at("benchmarks")[1].at("area"), "regex");
}

TEST_F(bench_programs, their_rows_come_in_the_order_of_the_program) {
  program("queue", R"(echo '{"benchmarks":[
    {"name":"queue/b/x","family_index":1,"repetition_index":0},
    {"name":"queue/a/x","family_index":0,"repetition_index":1},
    {"name":"queue/a/x","family_index":0,"repetition_index":0}]}')");
  const json bench = run_benchmarks(options());
  const auto& rows = bench.at("benchmarks");
  EXPECT_EQ(rows[0].at("behaviour"), "a");
  EXPECT_EQ(rows[0].at("repetition_index"), 0);
  EXPECT_EQ(rows[1].at("repetition_index"), 1);
  EXPECT_EQ(rows[2].at("behaviour"), "b");
}

TEST_F(bench_programs, are_told_how_to_run) {
  program("queue",
          R"sh(printf '{"benchmarks":[{"name":"queue/%s %s %s/x"}]}' "$*" "$ASSAY_BENCH_QUICK" \
               "$(echo "$ASSAY_BENCH_TESTEES" | tr '\n' '+')")sh");
  bench_options quick = options();
  quick.testees = {"mine", "yours"};
  quick.quick = true;
  quick.filter = "queue";
  const auto said = run_benchmarks(quick).at("benchmarks")[0].at("behaviour").get<std::string>();
  EXPECT_THAT(said, AllOf(HasSubstr("--benchmark_out_format=json"),
                          HasSubstr("--benchmark_enable_random_interleaving=true"),
                          HasSubstr("--benchmark_repetitions=3"),
                          HasSubstr("--benchmark_filter=queue"), HasSubstr(" 1 mine+yours")));
}

TEST_F(bench_programs, only_the_areas_asked_for_run) {
  program("queue", "exit 1");
  program("regex", R"(echo '{"benchmarks":[{"name":"regex/P1/RE2"}]}')");
  bench_options one = options();
  one.areas = {"regex"};
  EXPECT_EQ(run_benchmarks(one).at("benchmarks").size(), 1U);
  EXPECT_THAT(bench_areas(folder_), ElementsAre("queue", "regex"));
}

TEST_F(bench_programs, an_area_without_a_program_is_named_with_those_that_have_one) {
  program("queue", "exit 0");
  bench_options wrong = options();
  wrong.areas = {"que"};
  EXPECT_THAT(error_of(wrong), AllOf(HasSubstr("'que'"), HasSubstr("queue")));
}

TEST_F(bench_programs, a_failing_one_is_named_with_its_last_words) {
  program("queue", "echo cannot pin >&2; exit 3");
  EXPECT_THAT(error_of(options()),
              AllOf(HasSubstr("queue_bench exited with code 3"), HasSubstr("cannot pin"),
                    HasSubstr("--benchmark_repetitions=10")));
}

TEST_F(bench_programs, a_crash_is_told_from_an_exit) {
  program("queue", "kill -SEGV $$");
  EXPECT_THAT(error_of(options()), HasSubstr("killed by SIGSEGV"));
}

TEST_F(bench_programs, a_failing_one_does_not_cost_what_the_others_measured) {
  program("http", R"(echo '{"benchmarks":[{"name":"http/a/b"}]}')");
  program("queue", R"(echo '{"benchmarks":[{"name":"queue/a/b"}]}'; exit 3)");
  program("regex", R"(echo '{"benchmarks":[{"name":"regex/a/b"}]}')");
  const json bench = run_benchmarks(options());
  ASSERT_EQ(bench.at("benchmarks").size(), 2U);
  EXPECT_EQ(bench.at("benchmarks")[1].at("area"), "regex");
  ASSERT_EQ(bench.at("failures").size(), 1U);
  EXPECT_EQ(bench.at("failures")[0].at("area"), "queue");
  EXPECT_THAT(bench.at("failures")[0].at("message").get<std::string>(), HasSubstr("code 3"));
}

TEST_F(bench_programs, output_that_is_no_json_is_an_error) {
  program("queue", "echo hello");
  EXPECT_THAT(error_of(options()), HasSubstr("wrote no JSON"));
}

TEST_F(bench_programs, one_that_lacks_something_does_not_spoil_the_others) {
  program("server", "echo wrk is not here >&2; echo Failed to match any benchmarks >&2");
  EXPECT_THAT(error_of(options()),
              AllOf(HasSubstr("nothing that can be measured"), HasSubstr("wrk is not here")));
  program("queue", R"(echo '{"benchmarks":[{"name":"queue/a/b"}]}')");
  EXPECT_EQ(run_benchmarks(options()).at("benchmarks").size(), 1U);
}

TEST_F(bench_programs, none_at_all_says_what_to_do) {
  EXPECT_THAT(error_of(options()), HasSubstr("ASSAY_BUILD_BENCH"));
}

TEST_F(bench_programs, progress_is_told_while_they_run) {
  program("queue", R"(echo '{"benchmarks":[{"name":"queue/a/b"}]}')");
  bench_options told = options();
  std::vector<std::string> areas;
  told.on_progress = [&](std::string_view area, int) { areas.emplace_back(area); };
  run_benchmarks(told);
  EXPECT_THAT(areas, testing::Contains("queue"));
}

TEST(bench_name, has_three_parts_and_ignores_what_google_benchmark_appends) {
  const bench_name name = parse_bench_name("server/1 KiB/s/nginx/iterations:5/threads:4/real_time");
  EXPECT_EQ(name.area, "server");
  EXPECT_EQ(name.behaviour, "1 KiB/s");
  EXPECT_EQ(name.implementation, "nginx");
  for (const char* wrong : {"", "a", "a/b", "a//b", "/a/b", "a/b/", "a/b/real_time"}) {
    EXPECT_THROW(parse_bench_name(wrong), std::runtime_error) << wrong;
  }
}

json row(const char* behaviour, const char* implementation, json values) {
  values["area"] = "queue";
  values["behaviour"] = behaviour;
  values["implementation"] = implementation;
  return values;
}

json bench_of(json rows) { return {{"schema", 1}, {"benchmarks", std::move(rows)}}; }

TEST(bench_summary, takes_medians_and_ratios_of_speed) {
  json rows = json::array();
  for (const double value : {90.0, 110.0, 100.0}) {
    rows.push_back(row("rate", "reference", {{"items_per_second", value}}));
    rows.push_back(row("rate", "slow", {{"items_per_second", value / 4}}));
    rows.push_back(row("rate", "peer", {{"items_per_second", value / 2}}));
    rows.push_back(row("rate", "floor ring", {{"items_per_second", value * 2}}));
  }
  rows.push_back(row("rate", "peer", {{"items_per_second", 1e9}, {"run_type", "aggregate"}}));
  const auto all = summarise_benchmarks(bench_of(rows));
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].lines.size(), 4U);
  EXPECT_EQ(all[0].lines[0].implementation, "floor ring");
  const bench_line& reference = all[0].lines[1];
  EXPECT_EQ(reference.implementation, "reference");
  EXPECT_DOUBLE_EQ(reference.median, 100);
  EXPECT_DOUBLE_EQ(reference.confidence.low, 90);
  EXPECT_DOUBLE_EQ(reference.to_best_peer, 2);
  EXPECT_DOUBLE_EQ(reference.to_floor, 0.5);
}

// Of n samples the k-th from both ends, where 2 P(fewer than k of n coins show heads) <= 5 %: from
// tables of the sign test.
TEST(figures, median_lies_between_samples_of_known_rank) {
  const auto ranks = [](int count) {
    std::vector<double> sorted(static_cast<std::size_t>(count));
    std::iota(sorted.begin(), sorted.end(), 1.0);
    const auto [low, high] = median_interval(sorted);
    return std::pair(low, high);
  };
  EXPECT_EQ(ranks(1), std::pair(1.0, 1.0));
  EXPECT_EQ(ranks(5), std::pair(1.0, 5.0));
  EXPECT_EQ(ranks(6), std::pair(1.0, 6.0));
  EXPECT_EQ(ranks(9), std::pair(2.0, 8.0));
  EXPECT_EQ(ranks(10), std::pair(2.0, 9.0));
  EXPECT_EQ(ranks(30), std::pair(10.0, 21.0));
}

TEST(bench_summary, less_time_is_more_speed) {
  const auto all = summarise_benchmarks(
      bench_of({row("time", "reference", {{"real_time", 2.0}, {"time_unit", "us"}}),
                row("time", "peer", {{"real_time", 6000.0}, {"time_unit", "ns"}})}));
  ASSERT_EQ(all[0].lines.size(), 2U);
  EXPECT_EQ(all[0].lines[0].implementation, "reference");
  EXPECT_DOUBLE_EQ(all[0].lines[0].to_best_peer, 3);
  EXPECT_DOUBLE_EQ(all[0].lines[0].to_floor, 0);
}

TEST(bench_summary, less_memory_is_better) {
  const auto all =
      summarise_benchmarks(bench_of({row("memory", "peer", {{"bytes_each", 2400.0}}),
                                     row("memory", "reference", {{"bytes_each", 300.0}})}));
  EXPECT_EQ(all[0].lines[0].implementation, "reference");
  EXPECT_DOUBLE_EQ(all[0].lines[0].to_best_peer, 8);
  EXPECT_EQ(show_figure(all[0].metric, all[0].lines[1].median), "2.40 kB");
}

TEST(bench_summary, a_wrong_answer_is_left_out_and_said) {
  const json bench = bench_of(
      {row("rate", "reference", {{"items_per_second", 21.4e6}}),
       row("rate", "wrong", {{"error_occurred", true}, {"error_message", "3 matches of 4"}})});
  EXPECT_THAT(bench_table(bench), AllOf(HasSubstr("queue: rate"), HasSubstr("21.4 M/s"),
                                        HasSubstr("wrong is left out: 3 matches of 4")));
}

}  // namespace
}  // namespace assay
