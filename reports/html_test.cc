#include "reports/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "conformance/protocol/base64.h"
#include "reports/write_file.h"

namespace assay {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view page =
    "<html><script type=\"application/gzip\" id=\"assay-data\">template</script>"
    "<script>main()</script></html>";

// What a browser would read back: the text between the element's tags, unpacked.
json read_back(const std::string& html) {
  const auto from = html.find('>', html.find("id=\"assay-data\"")) + 1;
  const auto bytes = base64_decode(html.substr(from, html.find("</script>", from) - from));
  if (!bytes) return "no Base64";
  std::string text(1 << 20, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  const auto result = libdeflate_gzip_decompress(decompressor, bytes->data(), bytes->size(),
                                                 text.data(), text.size(), &size);
  libdeflate_free_decompressor(decompressor);
  if (result != LIBDEFLATE_SUCCESS) return "no gzip";
  return json::parse(text.substr(0, size));
}

TEST(html, data_takes_the_place_of_the_template) {
  const json data{{"results", {{"schema", 1}}}, {"sabotage", nullptr}, {"bench", nullptr}};
  const std::string html = insert_data(page, data);
  EXPECT_EQ(read_back(html), data);
  EXPECT_THAT(html, Not(HasSubstr("template")));
  EXPECT_THAT(html, HasSubstr("</script><script>main()</script></html>"));
}

TEST(html, nothing_in_the_data_can_leave_its_element) {
  for (const char* attack : {"</script><script>alert(1)</script>", "<!-- <script>", "</SCRIPT >",
                             "]]>", "<", "\\u003c/script>", "a\u2028b", "\"quoted\\\""}) {
    const json data{{"results", attack}};
    const std::string html = insert_data(page, data);
    EXPECT_EQ(read_back(html), data) << attack;
    EXPECT_THAT(packed(data), testing::MatchesRegex("[A-Za-z0-9+/]+=*")) << attack;
  }
}

TEST(html, the_same_data_give_the_same_bytes) {
  const json data{{"results", {1, 2, 3}}};
  EXPECT_EQ(packed(data), packed(data));
}

TEST(html, what_repeats_itself_takes_little_room) {
  const json data{{"results", std::vector<std::string>(1000, "a line of a transcript")}};
  EXPECT_LT(packed(data).size(), data.dump().size() / 20);
  EXPECT_EQ(read_back(insert_data(page, data)), data);
}

TEST(html, bytes_that_are_no_utf8_become_replacement_characters) {
  const json data{{"results",
                   "a\xff"
                   "b"}};
  EXPECT_EQ(read_back(insert_data(page, data)), json({{"results",
                                                       "a\uFFFD"
                                                       "b"}}));
}

TEST(html, dollar_signs_and_backslashes_stay_as_they_are) {
  const json data{{"results", "$& $1 \\1 $$"}};
  EXPECT_EQ(read_back(insert_data(page, data)), data);
}

TEST(html, a_page_without_its_element_is_refused) {
  EXPECT_THROW(insert_data("<html></html>", {}), std::runtime_error);
  EXPECT_THROW(insert_data("<script id=\"assay-data\">", {}), std::runtime_error);
  EXPECT_THROW(insert_data(std::string(page) + std::string(page), {}), std::runtime_error);
}

TEST(html, the_page_lies_beside_the_programs) {
  EXPECT_EQ(page_template().filename(), "report.html");
  EXPECT_EQ(page_template().parent_path().filename(), "assay");
}

json google_benchmark(const json& rows) {
  return {{"context", {{"num_cpus", 2}}}, {"benchmarks", rows}};
}

TEST(benchmark_files, are_told_apart_by_as_much_of_the_path_as_that_takes) {
  const json file = google_benchmark({{{"name", "BM_a"}, {"real_time", 1.5}}});
  const auto names = [&](const std::vector<std::string>& paths) {
    std::vector<benchmark_file> files;
    for (const auto& path : paths) files.push_back({path, file});
    std::vector<std::string> given;
    const json made = benchmark_files_json(files);
    for (const auto& each : made.at("benchmark_files")) given.push_back(each.at("name"));
    return given;
  };
  EXPECT_THAT(names({"/x/old.json"}), testing::ElementsAre("old"));
  EXPECT_THAT(names({"/x/old.json", "/x/new.json"}), testing::ElementsAre("old", "new"));
  EXPECT_THAT(names({"/x/a/run.json", "/x/b/run.json", "/y/b/run.json"}),
              testing::ElementsAre("a/run", "x/b/run", "y/b/run"));
}

TEST(benchmark_files, keep_rows_and_context_as_they_are) {
  const json file = google_benchmark({{{"name", "BM_a/8"}, {"real_time", 1.5}, {"my counter", 3}},
                                      {{"name", "BM_b"}, {"error_occurred", true}},
                                      {{"name", "BM_a_BigO"}, {"run_type", "aggregate"}}});
  const json only = benchmark_files_json({{"f.json", file}}).at("benchmark_files").at(0);
  EXPECT_EQ(only.at("rows"), file.at("benchmarks"));
  EXPECT_EQ(only.at("context"), file.at("context"));
}

TEST(benchmark_files, what_google_benchmark_does_not_write_is_refused_by_file_and_row) {
  const auto refusal = [](const json& content) -> std::string {
    try {
      benchmark_files_json({{"dir/f.json", content}});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_THAT(refusal(json::array()), HasSubstr("dir/f.json: no list \"benchmarks\""));
  EXPECT_THAT(refusal(google_benchmark(7)), HasSubstr("no list \"benchmarks\""));
  EXPECT_THAT(refusal(google_benchmark({{{"name", "a"}, {"real_time", 1}}, 7})),
              HasSubstr("dir/f.json: benchmarks[1]: an object with a \"name\""));
  EXPECT_THAT(refusal(google_benchmark({{{"name", "a"}, {"real_time", "fast"}}})),
              HasSubstr("benchmarks[0]: \"real_time\" is no number"));
  EXPECT_THAT(refusal(google_benchmark({{{"name", "a"}, {"real_time", 1}, {"run_type", 3}}})),
              HasSubstr("benchmarks[0]: "));
}

class write_file_test : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder_ = testing::TempDir() + "assay-write-XXXXXX";
};

TEST_F(write_file_test, makes_folders_and_leaves_only_the_file) {
  const std::filesystem::path path = std::filesystem::path(folder_) / "a" / "b.html";
  write_file(path, "one");
  write_file(path, std::string_view("two\0", 4));
  EXPECT_EQ(text_of(path), std::string("two\0", 4));
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".part"));
}

TEST_F(write_file_test, names_what_cannot_be_written_and_keeps_the_old_text) {
  const std::filesystem::path path = std::filesystem::path(folder_) / "file";
  write_file(path, "old");
  std::filesystem::create_directory(path.string() + ".part");
  try {
    write_file(path, "new");
    FAIL() << "a folder was written to";
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
  }
  EXPECT_EQ(text_of(path), "old");
}

}  // namespace
}  // namespace assay
