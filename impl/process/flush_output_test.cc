#include "impl/process/flush_output.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include "impl/base/system_call.h"
#include "impl/process/process.h"
#include "impl/thread/thread.h"

namespace ref {
namespace {

class file {
 public:
  explicit file(const std::string& content = {}) {
    ::close(check(::mkstemp(path_.data()), "mkstemp"));
    std::ofstream(path_) << content;
  }
  ~file() { std::remove(path_.c_str()); }
  file(const file&) = delete;
  file& operator=(const file&) = delete;

  // For good: the stream is still open, with what it holds, when its process ends.
  std::FILE* open(const char* mode) const { return std::fopen(path_.c_str(), mode); }
  std::string content() const {
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string path_ = ::testing::TempDir() + "flush_output_XXXXXX";
};

void in_child(const std::function<void()>& what) {
  process child([&] {
    what();
    return 0;
  });
  child.start();
  child.join();
  EXPECT_EQ(child.exit_code(), 0);
}

TEST(flush_output_test, standard_output) {
  ::testing::internal::CaptureStdout();
  in_child([] { std::printf("no newline"); });
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "no newline");
}

TEST(flush_output_test, a_stream_that_the_child_opened) {
  const file to;
  in_child([&] { std::fputs("text", to.open("w")); });
  EXPECT_EQ(to.content(), "text");
}

TEST(flush_output_test, each_stream_of_several) {
  const file first, second;
  in_child([&] {
    std::fputs("1", first.open("w"));
    std::fputs("2", second.open("w"));
    static_cast<void>(first.open("r"));
  });
  EXPECT_EQ(first.content() + second.content(), "12");
}

TEST(flush_output_test, a_wide_stream) {
  const file to;
  in_child([&] { std::fputws(L"wide", to.open("w")); });
  EXPECT_EQ(to.content(), "wide");
}

TEST(flush_output_test, what_the_parent_had_pending_is_written_once) {
  const file to;
  std::FILE* const stream = to.open("w");
  std::fputs("parent ", stream);
  in_child([&] { std::fputs("child", stream); });
  EXPECT_EQ(to.content(), "parent child");
  std::fclose(stream);
  EXPECT_EQ(to.content(), "parent child");
}

// The offset is the parent's too: as by fflush(nullptr), whatever that does with what was read.
TEST(flush_output_test, what_was_read_ahead_is_as_after_fflush) {
  const file from("0123456789");
  const auto offset_after = [&](void (*flush)()) {
    std::FILE* const stream = from.open("r");
    std::fgetc(stream);
    flush();
    const off_t offset = ::lseek(::fileno(stream), 0, SEEK_CUR);
    std::fclose(stream);
    return offset;
  };
  EXPECT_EQ(offset_after(flush_output), offset_after([] { std::fflush(nullptr); }));
}

TEST(flush_output_test, nothing_pending) {
  const file to;
  in_child([&] { static_cast<void>(to.open("w")); });
  EXPECT_EQ(to.content(), "");
}

TEST(flush_output_test, a_process_with_threads) {
  const file to;
  in_child([&] { thread([&] { std::fputs("text", to.open("w")); }).join(); });
  EXPECT_EQ(to.content(), "text");
}

}  // namespace
}  // namespace ref
