#include "conformance/harness/testee.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class testee_file : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "assay-testee-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    file_ = directory_ / "testee.toml";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& text) { std::ofstream(file_) << text; }
  testee_definition load() { return load_testee(file_); }
  void expect_error(const std::string& text, int line, const std::string& what) {
    write(text);
    EXPECT_THAT([&] { load(); }, ThrowsMessage<std::runtime_error>(::testing::AllOf(
                                     StartsWith(file_.string() + ":" + std::to_string(line) + ": "),
                                     HasSubstr(what))))
        << text;
  }
  std::filesystem::path directory_;
  std::filesystem::path file_;
};

constexpr const char* whole = R"(name = "mine"
implementation = "Mine"
language = "C"
summary = "a queue"
supports = ["queue", "-queue.close/idle"]
requires = ["/bin/sh"]
debian_packages = ["dash"]
version = ["sh", "-c", "echo 1"]
[adapter]
command = ["sh", "{testee}/run", "{variant}", "{{x}}"]
[server]
command = ["sh", "{port}", "{root}", "{scratch}"]
plain_command = ["sh"]
[server.files]
"conf" = "listen {port}; {{ }}"
[[expect]]
requirement = "queue.get/x"
verdict = "hang"
reason = "documented"
[[expect]]
requirement = [
  "queue.get/y",
  "queue.get/z",
]
verdict = "fail"
reason = "observed"
)";

TEST_F(testee_file, is_read_whole) {
  write(whole);
  const auto testee = load_testee(file_.string() + ":red");
  EXPECT_EQ(testee.name, "mine:red");
  EXPECT_EQ(testee.variant, "red");
  EXPECT_EQ(testee.implementation, "Mine");
  EXPECT_THAT(testee.supports, ElementsAre("queue", "-queue.close/idle"));
  ASSERT_EQ(testee.expectations.size(), 3u);
  EXPECT_EQ(testee.expectations[0].verdict, "hang");
  EXPECT_EQ(testee.expectations[0].line, 17);
  EXPECT_EQ(testee.expectations[2].requirement, "queue.get/z");
  EXPECT_EQ(testee.expectations[2].reason, "observed");
  EXPECT_EQ(testee.expectations[2].line, 23);
  ASSERT_TRUE(testee.server.has_value());
  EXPECT_EQ(testee.server->files.at("conf"), "listen {port}; {{ }}");
  EXPECT_THAT(testee.expand(testee.adapter_command, {}),
              ElementsAre("sh", directory_.string() + "/run", "red", "{x}"));
  EXPECT_EQ(testee.expand("{port}", {{"port", "80"}}), "80");
  EXPECT_EQ(testee.missing(), "");
}

TEST_F(testee_file, may_be_named_by_its_folder) {
  write(whole);
  EXPECT_EQ(load_testee(directory_).name, "mine");
}

TEST_F(testee_file, says_what_a_second_actor_is) {
  const std::string start = "name = \"n\"\n[adapter]\ncommand = [\"sh\"]\n";
  write(start);
  EXPECT_FALSE(load().others_are_threads);
  write(start + "others = \"threads\"\n");
  EXPECT_TRUE(load().others_are_threads);
  expect_error(start + "others = \"coroutines\"\n", 4, "is processes or threads");
}

TEST_F(testee_file, errors_name_file_and_line) {
  const std::string start = "name = \"n\"\n[adapter]\ncommand = [\"sh\"]\n";
  expect_error("name = \n", 1, "");
  expect_error("name = 3\n", 1, "'name' in testee.toml must be a text");
  expect_error("name = \"a:b\"\n", 1, "is no name");
  expect_error("colour = 1\n" + start, 1, "unknown key 'colour' in testee.toml; it takes name");
  expect_error("supports = \"queue\"\n" + start, 1, "must be a list of texts");
  expect_error("supports = [\n\"queue\",\n1]\n" + start, 3, "must be a list of texts");
  expect_error(start + "shell = true\n", 4, "unknown key 'shell' in [adapter]");
  expect_error("name = \"n\"\n[adapter]\ncommand = []\n", 3, "a program and its arguments");
  expect_error("name = \"n\"\n[adapter]\ncommand = [\"./run\"]\n", 3, "as {testee}/run");
  expect_error("name = \"n\"\n[server]\n", 2, "[server] needs the key 'command'");
  expect_error("name = \"n\"\n", 1, "a [crawler] or a [messenger]");
  const std::string expect = start + "[[expect]]\nrequirement = \"a/b\"\n";
  expect_error(expect + "reason = \"r\"\n", 4, "[[expect]] needs the key 'verdict'");
  expect_error(expect + "verdict = \"pass\"\nreason = \"r\"\n", 4, "it takes fail, crash");
  expect_error(expect + "verdict = \"fail\"\nreason = \"\"\n", 4, "needs a reason");
  const std::string good = expect + "verdict = \"fail\"\nreason = \"r\"\n";
  expect_error(good + "[[expect]]\nrequirement = \"a/b\"\nverdict = \"fail\"\nreason = \"r\"\n", 8,
               "expected twice, first in line 5");
  const std::string rest = "verdict = \"fail\"\nreason = \"r\"\n";
  expect_error(start + "[[expect]]\nrequirement = [\"a/b\", \"a/b\"]\n" + rest, 4,
               "expected twice, first in line 5");
  expect_error(start + "[[expect]]\nrequirement = []\n" + rest, 5, "must be a text or some");
  expect_error(start + "[[expect]]\nrequirement = [\"a/b\",\n1]\n" + rest, 6,
               "must be a text or some");
}

TEST_F(testee_file, unknown_names_and_places_are_told) {
  EXPECT_THAT([&] { load(); }, ThrowsMessage<std::runtime_error>(EndsWith("no such file")));
  EXPECT_THAT([&] { load_testee("unheard-of"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("there is no testee 'unheard-of'")));
  write(whole);
  EXPECT_THAT([&] { load().expand("{home}", {}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("unknown placeholder '{home}'")));
}

TEST_F(testee_file, missing_names_the_program_and_its_package) {
  write(
      "name = \"n\"\nrequires = [\"/usr/bin/none-such\"]\ndebian_packages = [\"none\"]\n"
      "[adapter]\ncommand = [\"sh\"]\n");
  EXPECT_EQ(load().missing(), "/usr/bin/none-such (Debian package none)");
  write("name = \"n\"\n[server]\ncommand = [\"none-such-server\"]\n");
  EXPECT_EQ(load().missing(), "none-such-server");
}

TEST(supports, the_most_specific_entry_decides) {
  const std::vector<std::string> list{"queue", "-queue.close", "queue.close/twice", "-regex"};
  EXPECT_TRUE(supports(list, "queue.get/fifo"));
  EXPECT_FALSE(supports(list, "queue.close/idle"));
  EXPECT_TRUE(supports(list, "queue.close/twice"));
  EXPECT_FALSE(supports(list, "queue2.get/fifo"));
  EXPECT_FALSE(supports(list, "http.request/host"));
  EXPECT_FALSE(supports({"regex", "-regex"}, "regex.a/b"));
  EXPECT_FALSE(supports({"-regex", "regex"}, "regex.a/b"));
  EXPECT_FALSE(supports({"queue.cl"}, "queue.close/idle"));
}

TEST(find_program, looks_in_path_and_takes_paths) {
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_FALSE(find_program("sh").empty());
  EXPECT_TRUE(find_program("none-such").empty());
  EXPECT_TRUE(find_program("/etc/passwd").empty());
  EXPECT_TRUE(find_program("").empty());
}

}  // namespace
}  // namespace assay
