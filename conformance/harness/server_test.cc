// Servers under test and the client that judges them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "conformance/harness/fixtures.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/server_site.h"
#include "conformance/harness/server_testee.h"
#include "conformance/harness/session.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

class servers : public ::testing::Test {
 protected:
  void SetUp() override {
    set_call_timeout(10s);
    std::string name = ::testing::TempDir() + "assay-server-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    fs::create_directory(directory_ / "tmp");
    ::setenv("TMPDIR", (directory_ / "tmp").c_str(), 1);
    std::ofstream(directory_ / "testee.toml") << R"(
name = "fake"
supports = ["server"]
[server]
command = ["{bin}/assay-fake-server", "{variant}", "{port}"]
plain_command = ["{bin}/assay-fake-server"]
[server.files]
"conf" = "port {port} root {root} {{}}"
)";
    begin("serves");
  }
  void TearDown() override {
    session_.reset();
    EXPECT_THAT(proc::children(::getpid()), IsEmpty());
    EXPECT_TRUE(fs::is_empty(directory_ / "tmp"));
    ::unsetenv("TMPDIR");
    fs::remove_all(directory_);
  }
  void begin(const std::string& variant) {
    session_.reset();
    session_ = std::make_unique<session>(
        load_testee((directory_ / "testee.toml").string() + ":" + variant));
    session_->begin();
  }
  std::string failure_of_start() {
    try {
      server();
    } catch (const testee_failure& failure) {
      return failure.verdict() + ": " + failure.what();
    } catch (const std::runtime_error& failure) {
      return failure.what();
    }
    return "none";
  }
  fs::path directory_;
  std::unique_ptr<session> session_;
};

TEST_F(servers, live_on_to_the_next_test_only_while_they_are_well) {
  const pid_t first = server().pid();
  EXPECT_EQ(session_->end().verdict, "pass");
  session_->begin();
  EXPECT_EQ(server().pid(), first);
  ::kill(first, SIGSEGV);
  EXPECT_TRUE(server().wait(5s));
  auto seen = session_->end();
  EXPECT_EQ(seen.verdict, "crash");
  EXPECT_THAT(seen.message, HasSubstr("was killed by SIGSEGV"));
  session_->begin();
  const pid_t second = server().pid();
  EXPECT_NE(second, first);
  session_->add_failure("as if");
  EXPECT_EQ(session_->end().verdict, "fail");
  session_->begin();
  EXPECT_NE(server().pid(), second);
}

TEST_F(servers, that_die_in_a_test_crashed) {
  begin("dies");
  auto client = server().connect();
  client.send(request);
  EXPECT_THROW(client.read_response(), http_failure);
  session_->add_failure("as run_body does");
  EXPECT_THAT(session_->end().message, HasSubstr("was killed by SIGSEGV"));
}

TEST_F(servers, that_do_not_start_are_told_apart) {
  begin("exits");
  EXPECT_THAT(failure_of_start(), HasSubstr("crash: the server fake:exits exited with code 4"));
  begin("finds its port taken");
  EXPECT_THAT(failure_of_start(), HasSubstr("no port stayed free"));
  set_call_timeout(200ms);
  begin("never listens");
  EXPECT_THAT(failure_of_start(), HasSubstr("hang: the server"));
}

TEST_F(servers, serve_a_site_of_their_own) {
  const fs::path root = server().root();
  EXPECT_TRUE(fs::exists(root / "index.html"));
  EXPECT_EQ(read_file(root.parent_path() / "secret.txt"), read_file(root / "link-outside"));
  EXPECT_EQ(read_file(root / "index.html"), read_file(root / "link-inside"));
  EXPECT_EQ(fs::file_size(root / "large.bin"), 100u << 20);
  std::ifstream large(root / "large.bin", std::ios::binary);
  std::string piece = large_file_piece(1000);
  large.seekg(static_cast<std::streamoff>(1000 * piece.size()));
  large.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  EXPECT_EQ(piece, large_file_piece(1000));
  auto other = start_server();
  EXPECT_NE(other.root(), root);
  EXPECT_NE(other.port(), server().port());
}

TEST_F(servers, stop_and_tell_their_ending) {
  auto own = start_server();
  EXPECT_TRUE(own.is_running());
  const auto ended = own.stop(SIGTERM, 5s);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->signal_number, SIGTERM);
  EXPECT_FALSE(own.is_running());
  EXPECT_THROW(own.connect(), std::system_error);
  auto deaf = start_server();
  EXPECT_EQ(deaf.stop(SIGWINCH, 50ms), std::nullopt);
  EXPECT_FALSE(deaf.is_running());
  EXPECT_EQ(session_->end().verdict, "pass");
}

TEST_F(servers, tell_their_usage) {
  ASSERT_TRUE(has_plain_command());
  const auto ended = run_server_program({}, 5s);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->exit_code, 2);
  EXPECT_THAT(ended->err, HasSubstr("usage: "));
  EXPECT_EQ(run_server_program({"never listens", "0"}, 50ms), std::nullopt);
}

TEST_F(servers, get_pieces_as_pieces) {
  auto client = server().connect();
  ASSERT_TRUE(client.send_pieces({"GET / HT", "TP/1.1\r\nHost: x\r", "\n\r", "\n"}));
  EXPECT_EQ(client.read_response().body, "4");
  ASSERT_TRUE(client.send(std::string(request) + ""));
  EXPECT_EQ(client.read_response().body, "1");
}

TEST_F(servers, have_deadlines) {
  begin("says nothing");
  auto client = server().connect();
  client.send(request);
  EXPECT_THROW(client.read_response(false, 50ms), http_failure);
  EXPECT_THROW(client.read_some(10, 50ms), http_failure);
  EXPECT_FALSE(client.is_closed_by_peer(50ms));
}

TEST_F(servers, that_send_for_ever_are_given_up) {
  const auto failure = [&](std::chrono::nanoseconds timeout) -> std::string {
    auto client = server().connect();
    client.send(request);
    try {
      client.read_response(false, timeout);
    } catch (const http_failure& failed) {
      return failed.what();
    }
    return "none";
  };
  begin("never comes to the point");
  // Whether the next one is there when the time is over is chance.
  EXPECT_THAT(failure(50ms),
              AnyOf(HasSubstr("still sends after"), HasSubstr("nothing more within")));
  begin("has a body without an end");
  EXPECT_THAT(failure(20s), HasSubstr("the response has no end"));
}

TEST_F(servers, see_half_closes_and_resets) {
  auto first = server().connect();
  first.send(request);
  first.shutdown_write();
  EXPECT_EQ(first.read_response().status, 200);
  EXPECT_EQ(first.try_read_response(), std::nullopt);
  EXPECT_TRUE(first.is_closed_by_peer());
  auto second = server().connect();
  second.reset();
  auto third = server().connect();
  third.send(request);
  EXPECT_EQ(third.read_some(8), "HTTP/1.1");
  third.shutdown_write();
  EXPECT_THAT(third.read_to_end(), HasSubstr("200 OK"));
}

TEST_F(servers, run_under_a_limit_of_descriptors) {
  auto own = start_server({.descriptor_limit = 20, .extra_arguments = {"more"}});
  std::ifstream limits("/proc/" + std::to_string(own.pid()) + "/limits");
  const std::string text{std::istreambuf_iterator<char>(limits), {}};
  EXPECT_THAT(text, ::testing::ContainsRegex("Max open files +20 +20"));
  EXPECT_THAT(proc::command_line(own.pid()), HasSubstr(" more"));
}

}  // namespace
}  // namespace assay
