// Every ending of a testee is told apart, the next test runs, and nothing is left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "conformance/harness/matchers.h"
#include "conformance/harness/network_namespace.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/session.h"

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class endings : public ::testing::Test {
 protected:
  void SetUp() override {
    set_call_timeout(400ms);
    std::string name = ::testing::TempDir() + "assay-harness-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    // Everything that the harness makes must lie in here, and be gone at the end.
    std::filesystem::create_directory(directory_ / "tmp");
    ::setenv("TMPDIR", (directory_ / "tmp").c_str(), 1);
    std::ofstream(directory_ / "testee.toml") << R"(
name = "fake"
supports = ["queue"]
[adapter]
command = ["{bin}/assay-fake", "{variant}"]
)";
    open_before_ = proc::descriptors(::getpid()).size();
  }
  void TearDown() override {
    EXPECT_THAT(proc::children(::getpid()), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / "tmp"));
    EXPECT_EQ(proc::descriptors(::getpid()).size(), open_before_);
    ::unsetenv("TMPDIR");
    std::filesystem::remove_all(directory_);
  }

  testee_definition fake(const std::string& ending) {
    return load_testee((directory_ / "testee.toml").string() + ":" + ending);
  }

  // One test on the testee, which is right if qsize returns 3.
  template <typename Body>
  observation run(const std::string& ending, Body body) {
    session under_test(fake(ending));
    under_test.begin();
    try {
      body();
    } catch (const testee_failure& failure) {
      under_test.add_ending(failure.verdict(), failure.what());
    }
    return under_test.end();
  }
  observation run(const std::string& ending) {
    return run(ending, [] {
      const outcome got = main_actor().call("queue.qsize", {{"queue", "q"}});
      if (got.result() != 3) current_session()->add_failure("expected 3, got " + got.describe());
    });
  }
  static auto is(const std::string& verdict, const std::string& message) {
    return AllOf(Field("verdict", &observation::verdict, verdict),
                 Field("message", &observation::message, HasSubstr(message)));
  }

  std::filesystem::path directory_;
  std::size_t open_before_ = 0;
};

TEST_F(endings, each_has_its_verdict_and_the_next_test_runs) {
  const struct {
    const char* ending;
    const char* verdict;
    const char* message;
  } cases[] = {
      {"passes", "pass", ""},
      {"fails", "fail", "expected 3, got returned 4"},
      {"raises Empty", "fail", "expected a result, but the call raised Empty"},
      {"dies by a signal", "crash", "was killed by SIGSEGV during queue.qsize"},
      {"exits with a code", "crash", "exited with code 7 during queue.qsize"},
      {"dies between calls", "crash", "was killed by SIGKILL"},
      {"dies at the end", "crash", "was killed by SIGABRT when its connection ended"},
      {"fails at the end", "crash", "exited with code 23 when its connection ended"},
      {"hangs in a call", "hang", "no reply to queue.qsize within"},
      {"spins in a call", "hang", "its thread is in state R"},
      {"dribbles", "hang", "no reply to queue.qsize within"},
      {"hangs before hello", "hang", "connects, but does not say hello within"},
      {"connects again and again", "malformed reply", "more than 32 connections say no hello"},
      {"never connects", "hang", "actor main does not connect within"},
      {"exits before hello", "crash", "exited with code 3 before the hello"},
      {"exits before hello", "crash", "standard error: cannot find my library"},
      {"says no hello", "malformed reply", "expected a hello"},
      {"lies about its pid", "malformed reply", "it gives the pid 1, but the kernel says"},
      {"speaks another version", "malformed reply", "expected the protocol version 1"},
      {"replies with no JSON", "malformed reply", "not JSON"},
      {"replies with no UTF-8", "malformed reply", "ill-formed UTF-8"},
      {"nests deeply", "malformed reply", "nested deeper than 128 levels"},
      {"replies to the wrong id", "malformed reply", "expected the id 1"},
      {"replies to a fraction", "malformed reply", "expected the id 1; got {\"id\":1.0"},
      {"replies with the wrong type", "malformed reply", "result: expected int, got \"three\""},
      {"raises an unknown error", "malformed reply", "'Odd' is no error type"},
      {"lacks an op", "fail", "the testee lacks the op queue.qsize; what needs it"},
      {"hangs up", "malformed reply", "closed its connection during queue.qsize"},
      {"floods its output", "pass", ""},
      {"leaves an orphan", "fail", "leaves orphans: "},
      {"ignores the end", "pass", ""},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.ending);
    const observation seen = run(each.ending);
    EXPECT_THAT(seen, is(each.verdict, each.message));
    EXPECT_THAT(proc::children(::getpid()), IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(directory_ / "tmp"));
    EXPECT_THAT(run("passes"), is("pass", ""));
  }
}

TEST_F(endings, an_endless_line_is_refused_at_the_limit) {
  set_call_timeout(20s);  // the limit must end it, not the time
  const auto before = proc::resident_bytes(::getpid());
  EXPECT_THAT(run("sends an endless line"),
              is("malformed reply", "sends a line longer than 67108864 bytes"));
  EXPECT_LT(proc::resident_bytes(::getpid()).value(), *before + (std::int64_t{256} << 20));
}

TEST_F(endings, what_comes_in_pieces_does_not_hang) {
  const auto start = std::chrono::steady_clock::now();
  set_call_timeout(350ms);
  EXPECT_THAT(run("replies in pieces"), is("pass", ""));
  EXPECT_GT(std::chrono::steady_clock::now() - start, 350ms);  // or it would have passed anyway
}

TEST_F(endings, what_nobody_asked_for_is_malformed) {
  EXPECT_THAT(run("talks unasked",
                  [] {
                    main_actor().call("queue.qsize", {{"queue", "q"}});
                    main_actor().call("queue.qsize", {{"queue", "q"}});
                  }),
              is("malformed reply", ""));
}

TEST_F(endings, a_flood_is_kept_in_part) {
  session under_test(fake("floods its output"));
  under_test.begin();
  main_actor().call("queue.qsize", {{"queue", "q"}});
  under_test.add_failure("to see the evidence");
  const observation seen = under_test.end();
  EXPECT_THAT(seen.transcript,
              Contains(Field(&transcript_line::text, HasSubstr("standard error of the testee"))));
}

TEST_F(endings, blocked_is_told_from_running_and_from_done) {
  EXPECT_THAT(run("passes",
                  [] {
                    auto call = main_actor().begin("queue.qsize", {{"queue", "q"}});
                    EXPECT_THAT(call.finish(), returned(3));
                    auto& other = main_actor().start_process("other");
                    auto get = other.begin("queue.get", {{"queue", "q"}});
                    EXPECT_TRUE(get.is_blocked());
                    EXPECT_FALSE(get.is_done());
                    EXPECT_THAT(main_actor().call("queue.qsize", {{"queue", "q"}}), returned(3));
                    other.kill(SIGKILL);
                    EXPECT_TRUE(other.is_dead());
                    EXPECT_FALSE(main_actor().is_dead());
                  }),
              is("pass", ""));
  EXPECT_THAT(run("spins in a call",
                  [] {
                    auto call = main_actor().begin("queue.qsize", {{"queue", "q"}});
                    call.is_blocked();
                  }),
              // Whichever bound it meets first.
              AnyOf(is("hang", "neither replies nor sleeps"), is("fail", "spins: it has used")));
}

TEST_F(endings, large_and_many_requests_pass) {
  set_call_timeout(20s);
  EXPECT_THAT(run("passes",
                  [] {
                    const json large = to_base64(std::string(16 << 20, 'x'));
                    EXPECT_THAT(main_actor().call("queue.put", {{"queue", "q"}, {"item", large}}),
                                returned(nullptr));
                    const std::vector<std::pair<std::string, json>> calls(
                        5000, {"queue.qsize", {{"queue", "q"}}});
                    const auto outcomes = main_actor().call_all(calls);
                    EXPECT_EQ(outcomes.size(), calls.size());
                    EXPECT_THAT(outcomes.back(), returned(3));
                  }),
              is("pass", ""));
}

TEST_F(endings, not_here_is_no_verdict_on_the_testee) {
  EXPECT_THAT(run("passes", [] { not_here("no such device"); }), is("not here", "no such device"));
  EXPECT_THAT(run("passes",
                  [] {
                    main_actor();
                    not_here("no such device");
                  }),
              is("not here", "no such device"));
  // What the testee did wrong all the same counts.
  const auto fail_before = [] {
    current_session()->add_failure("expected 3, got 4");
    not_here("no such device");
  };
  EXPECT_THAT(run("passes", fail_before), is("fail", "expected 3, got 4"));
  const auto die_after = [] {
    main_actor();
    not_here("no such device");
  };
  EXPECT_THAT(run("dies at the end", die_after), is("crash", "was killed by SIGABRT"));
}

TEST_F(endings, an_adapter_starts_in_another_network) {
  network_pair networks;
  try {
    networks = make_network_pair();
  } catch (const network_unavailable& error) {
    GTEST_SKIP() << error.what();
  }
  const auto network_of = [](const actor& one) {
    return std::filesystem::read_symlink("/proc/" + std::to_string(one.pid()) + "/ns/net");
  };
  EXPECT_THAT(
      run("passes",
          [&] {
            actor& near = actor_in(*networks.first, "near");
            actor& far = actor_in(*networks.second, "far");
            EXPECT_EQ(near.name(), "near");
            EXPECT_THAT(near.call("queue.qsize", {{"queue", "q"}}), returned(3));
            EXPECT_THAT(far.call("queue.qsize", {{"queue", "q"}}), returned(3));
            std::set<std::string> all{network_of(near), network_of(far), network_of(main_actor())};
            EXPECT_THAT(all, SizeIs(3));
          }),
      is("pass", ""));
  EXPECT_THAT(run("dies at the end", [&] { actor_in(*networks.first, "near"); }),
              is("crash", "was killed by SIGABRT when its connection ended"));
}

TEST_F(endings, params_that_do_not_fit_are_the_specs_mistake) {
  session under_test(fake("passes"));
  under_test.begin();
  EXPECT_THROW(main_actor().call("queue.qsize", {{"queue", 1}}), std::logic_error);
  EXPECT_THROW(main_actor().call("queue.sort"), std::logic_error);
  auto pending = main_actor().begin("queue.get", {{"queue", "q"}});
  EXPECT_TRUE(pending.is_blocked());
  EXPECT_THROW(main_actor().call("queue.qsize", {{"queue", "q"}}), std::logic_error);
  EXPECT_THAT(under_test.end(), is("pass", ""));
}

TEST_F(endings, scratch_is_the_adapters_directory_and_goes) {
  session under_test(fake("passes"));
  under_test.begin();
  const pid_t pid = main_actor().pid();
  const auto directory = std::filesystem::path(scratch_path("x")).parent_path();
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd"), directory);
  under_test.end();
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST_F(endings, describe_asks_the_adapter) {
  const hello_info info = describe(fake("passes"));
  EXPECT_EQ(info.implementation, "fake");
  EXPECT_EQ(info.version, "1");
  EXPECT_THAT(info.supports, ::testing::ElementsAre("queue"));
  EXPECT_THROW(describe(fake("exits before hello")), testee_failure);
}

}  // namespace
}  // namespace assay
