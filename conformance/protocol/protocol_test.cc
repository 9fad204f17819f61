#include "conformance/protocol/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

using assay::protocol;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::ThrowsMessage;

const protocol& real() {
  static const protocol loaded = protocol::load(ASSAY_PROTOCOL_FILE);
  return loaded;
}

TEST(protocol, knows_limits_and_ops) {
  EXPECT_EQ(real().version(), 1);
  EXPECT_GE(real().line_limit(), std::size_t{24} << 20);
  EXPECT_EQ(real().nesting_limit(), 128u);
  EXPECT_TRUE(real().has_op("queue.put"));
  EXPECT_FALSE(real().has_op("queue.pop"));
  EXPECT_TRUE(real().has_error_type("Empty"));
  EXPECT_FALSE(real().has_error_type("empty"));
}

TEST(protocol, adds_defaults_and_keeps_what_is_given) {
  json params = {{"queue", "q"}, {"block", false}};
  EXPECT_EQ(real().complete_params("queue.get", params), std::nullopt);
  EXPECT_EQ(params, (json{{"queue", "q"}, {"block", false}, {"timeout", nullptr}}));
}

TEST(protocol, names_the_parameter_that_does_not_fit) {
  const std::pair<json, const char*> cases[] = {
      {{{"queue", "q"}, {"item", 1}, {"timeout", "x"}},
       "queue.put: params.timeout: expected number or null, got \"x\""},
      {{{"queue", 1}, {"item", 1}}, "queue.put: params.queue: expected string, got 1"},
      {{{"queue", "q"}}, "queue.put: params.item: expected any, but it is absent"},
      {{{"queue", "q"}, {"item", 1}, {"colour", 1}},
       "queue.put: params.colour: there is no such parameter"},
      {json::array(), "queue.put: params: expected object, got []"},
  };
  for (const auto& [params, message] : cases) {
    EXPECT_THAT(real().check_params("queue.put", params), Optional(std::string(message)));
  }
  EXPECT_THAT(real().check_params("queue.pop", json::object()),
              Optional(std::string("queue.pop: there is no such op")));
  EXPECT_THAT(real().check_params("http.parse_request", {{"bytes", {{"base64", "!"}}}}),
              Optional(HasSubstr("params.bytes: expected bytes")));
  EXPECT_THAT(real().check_params("script.run", {{"steps", {{{"op", "a"}}, {{"o", "a"}}}}}),
              Optional(HasSubstr("params.steps[1]: expected step with a field 'op'")));
}

TEST(protocol, checks_results) {
  const auto check = [](const char* op, json result) { return real().check_result(op, result); };
  EXPECT_EQ(check("queue.qsize", 3), std::nullopt);
  EXPECT_THAT(check("queue.qsize", 3.5),
              Optional(std::string("queue.qsize: result: expected int, got 3.5")));
  EXPECT_EQ(check("regex.match", nullptr), std::nullopt);
  const json match = {{"span", {0, 1}}, {"groups", {"a", nullptr}}};
  EXPECT_EQ(check("regex.match", match), std::nullopt);
  EXPECT_THAT(check("regex.match", 1),
              Optional(std::string("regex.match: result: expected match or null, got 1")));
  EXPECT_THAT(check("regex.match", {{"span", {0, "1"}}, {"groups", json::array()}}),
              Optional(std::string("regex.match: result.span[1]: expected int, got \"1\"")));
  EXPECT_THAT(check("regex.match", {{"span", {0, 1}}, {"groups", {1}}}),
              Optional(HasSubstr("result.groups[0]: expected string or null, got 1")));
  EXPECT_THAT(check("regex.match", {{"span", {0, 1}}, {"groups", {"a"}}, {"x", 1}}),
              Optional(HasSubstr("expected match without a field 'x'")));
  EXPECT_EQ(check("regex.findall", {"a", {"b", "c"}}), std::nullopt);
  EXPECT_THAT(check("regex.findall", {"a", 1}),
              Optional(HasSubstr("result[1]: expected string or list of string, got 1")));
}

TEST(protocol, checks_errors_against_the_closed_list) {
  const auto check = [](json data) { return real().check_error("queue.get", data); };
  EXPECT_EQ(check({{"type", "Empty"}, {"message", ""}}), std::nullopt);
  EXPECT_EQ(check({{"type", "PatternError"}, {"message", "m"}, {"position", 3}}), std::nullopt);
  EXPECT_THAT(check({{"type", "Exhausted"}, {"message", ""}}),
              Optional(HasSubstr("'Exhausted' is no error type")));
  EXPECT_THAT(check({{"type", "Empty"}}), Optional(HasSubstr("with a field 'message'")));
  EXPECT_THAT(check(nullptr), Optional(HasSubstr("error.data: expected error, got null")));
}

class written_protocol : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "assay-protocol-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path write(const json& types, const std::string& result) {
    const auto file = directory_ / "p.json";
    std::ofstream(file) << json{
        {"protocol", 1},
        {"limits", {{"line_bytes", 1}, {"nesting", 1}}},
        {"error_types", json::object()},
        {"types", types},
        {"ops",
         {{"a.b", {{"params", json::object()}, {"result", result}, {"errors", json::array()}}}}}};
    return file;
  }
  std::filesystem::path directory_;
};

TEST_F(written_protocol, binds_suffixes_tighter_than_bars) {
  const json types = {{"error", {{"type", "string"}}}, {"later", "int"}};
  const auto p = protocol::load(write(types, "string?[] | later"));
  EXPECT_EQ(p.check_result("a.b", {"x", nullptr}), std::nullopt);
  EXPECT_EQ(p.check_result("a.b", 1), std::nullopt);
  EXPECT_NE(p.check_result("a.b", nullptr), std::nullopt);
}

TEST_F(written_protocol, refuses_a_type_that_nobody_declared) {
  const json types = {{"error", {{"type", "string"}}}};
  EXPECT_THAT([&] { protocol::load(write(types, "widget[]")); },
              ThrowsMessage<std::runtime_error>(HasSubstr("'widget' is declared nowhere")));
}

TEST_F(written_protocol, names_the_file_that_it_cannot_read) {
  EXPECT_THAT([&] { protocol::load(directory_ / "none.json"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("none.json: cannot be read")));
}

}  // namespace
