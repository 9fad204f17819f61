// What is kept of files, and what is looked at again.
#include "impl/server/file_cache.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <ctime>
#include <vector>

#include "impl/server/test_folder.h"

namespace ref::server {
namespace {

using namespace std::chrono_literals;
using testing::open_descriptors;
using testing::test_folder;

constexpr std::size_t large = 200'000;  // more than is held in memory
constexpr timespec long_ago{1'000'000'000, 0};

class FileCache : public ::testing::TestWithParam<folder::way> {
 protected:
  opened_file open(const std::string& path) { return files_.open(path, round_ += 1ms); }
  // In the same round as before.
  opened_file open_again(const std::string& path) { return files_.open(path, round_); }

  std::shared_ptr<const served_file> found(const std::string& path) {
    opened_file got = open(path);
    EXPECT_EQ(got.status, open_status::found) << path;
    return got.file ? std::move(got.file) : std::make_shared<const served_file>();
  }

  bool is_absent(const std::string& path) {
    const opened_file got = open(path);
    return got.status == open_status::absent && got.file == nullptr;
  }

  void set_modified(const std::string& name, timespec when) {
    const timespec times[] = {when, when};
    check(::utimensat(AT_FDCWD, place_.at(name).c_str(), times, 0), "utimensat", name);
  }

  // A file that has been there for long.
  void put(const std::string& name, const std::string& content, timespec when = long_ago) {
    place_.write(name, content);
    set_modified(name, when);
  }

  test_folder place_;
  file_cache files_{folder(place_.root(), GetParam())};
  std::chrono::steady_clock::time_point round_{};
};

TEST_P(FileCache, DescribesAFile) {
  put("a.txt", "hello");
  const auto file = found("a.txt");
  EXPECT_EQ(file->content, "hello");
  EXPECT_TRUE(file->in_memory);
  EXPECT_FALSE(file->descriptor);
  EXPECT_EQ(file->size, 5u);
  EXPECT_EQ(file->modified, 1'000'000'000);
  EXPECT_EQ(file->last_modified, "Sun, 09 Sep 2001 01:46:40 GMT");
  EXPECT_TRUE(file->etag.size() > 2 && file->etag.front() == '"' && file->etag.back() == '"');
  EXPECT_EQ(file->fields,
            "Content-Type: text/plain; charset=utf-8\r\nLast-Modified: " + file->last_modified +
                "\r\nETag: " + file->etag + "\r\nAccept-Ranges: bytes\r\n");
}

TEST_P(FileCache, HoldsLargeFilesAsDescriptors) {
  put("large", std::string(large, 'x'));
  const auto file = found("large");
  EXPECT_FALSE(file->in_memory);
  EXPECT_TRUE(file->descriptor);
  EXPECT_TRUE(file->content.empty());
  EXPECT_EQ(file->size, large);
  put("edge", std::string(16 * 1024, 'x'));
  EXPECT_TRUE(found("edge")->in_memory);
  put("edge", std::string(16 * 1024 + 1, 'x'));
  EXPECT_FALSE(found("edge")->in_memory);
}

TEST_P(FileCache, HoldsAnEmptyFile) {
  put("empty", "");
  EXPECT_TRUE(found("empty")->in_memory);
  EXPECT_EQ(found("empty")->size, 0u);
}

TEST_P(FileCache, GivesTheSameAgain) {
  put("small", "x");
  put("large", std::string(large, 'x'));
  for (const char* name : {"small", "large"}) {
    const auto first = found(name);
    EXPECT_EQ(found(name), first) << name;
    EXPECT_EQ(open_again(name).file, first) << name;
  }
}

TEST_P(FileCache, LooksOnceARound) {
  put("a", "old");
  const auto old = found("a");
  put("a", "newer");
  EXPECT_EQ(open_again("a").file, old) << "not looked at";
  EXPECT_EQ(found("a")->content, "newer");
}

TEST_P(FileCache, SeesAnotherSize) {
  put("a", "old");
  const auto old = found("a");
  put("a", "longer");
  const auto now = found("a");
  EXPECT_EQ(now->content, "longer");
  EXPECT_NE(now->etag, old->etag);
  EXPECT_EQ(old->content, "old") << "for who still sends it";
}

TEST_P(FileCache, SeesAnotherTime) {
  put("a", "one");
  const auto old = found("a");
  put("a", "two", {long_ago.tv_sec, 1});
  const auto now = found("a");
  EXPECT_EQ(now->content, "two") << "a nanosecond";
  EXPECT_NE(now->etag, old->etag);
  put("a", "six", {long_ago.tv_sec - 1, 1});
  EXPECT_EQ(found("a")->content, "six") << "a second, backwards";
}

TEST_P(FileCache, SeesAnotherInode) {
  put("a", "one");
  const auto old = found("a");
  put("b", "two");
  check(::rename(place_.at("b").c_str(), place_.at("a").c_str()), "rename");
  const auto now = found("a");
  EXPECT_EQ(now->content, "two") << "same size and time";
  EXPECT_NE(now->etag, old->etag);
  EXPECT_TRUE(is_absent("b"));
}

// Written twice within one tick of the file system's clock, to the same size.
TEST_P(FileCache, SeesAChangeThatShowsNowhere) {
  for (;;) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    const auto began = std::chrono::steady_clock::now();
    put("a", "one", now);
    EXPECT_EQ(found("a")->content, "one");
    put("a", "two", now);
    const std::string got = found("a")->content;
    // Later it may well be taken for unchanged.
    if (std::chrono::steady_clock::now() - began > 50ms) continue;
    EXPECT_EQ(got, "two");
    break;
  }
}

TEST_P(FileCache, ForgetsARemovedFile) {
  put("small", "x");
  put("large", std::string(large, 'x'));
  const std::size_t before = open_descriptors();
  for (const std::string name : {"small", "large"}) {
    found(name);
    check(::unlink(place_.at(name).c_str()), "unlink");
    EXPECT_TRUE(is_absent(name)) << name;
    EXPECT_TRUE(is_absent(name)) << name;
  }
  EXPECT_EQ(open_descriptors(), before) << "the removed file takes no room on the disk any more";
  put("small", "back");
  EXPECT_EQ(found("small")->content, "back");
}

TEST_P(FileCache, LosesWhatIsNoLongerAFileBelow) {
  put("../outside/secret", "secret");
  put("a", "inside");
  found("a");
  check(::unlink(place_.at("a").c_str()), "unlink");
  place_.link("a", "../outside/secret");
  EXPECT_TRUE(is_absent("a")) << "now a link out of the root";
  check(::unlink(place_.at("a").c_str()), "unlink");
  check(::mkdir(place_.at("a").c_str(), 0700), "mkdir");
  EXPECT_TRUE(is_absent("a")) << "now a directory";
}

// Who still sends it has the descriptor; the next one is told the new length.
TEST_P(FileCache, KeepsServingWhatShrank) {
  put("large", std::string(large, 'x'));
  const auto old = found("large");
  check(::truncate(place_.at("large").c_str(), 10), "truncate");
  EXPECT_EQ(old->size, large);
  char byte = 0;
  EXPECT_EQ(::pread(old->descriptor.get(), &byte, 1, 9), 1);
  EXPECT_EQ(::pread(old->descriptor.get(), &byte, 1, 10), 0);
  EXPECT_EQ(found("large")->content, std::string(10, 'x'));
}

TEST_P(FileCache, OpensRegularFilesOnly) {
  put("index.html", "index");
  put("sub/index.html", "sub");
  check(::mkfifo(place_.at("fifo").c_str(), 0600), "mkfifo");
  for (const char* name : {"sub", "sub/", ".", "fifo", "fifo/", "none", "sub/none", "index.html/",
                           "index.html/index.html", ""}) {
    EXPECT_TRUE(is_absent(name)) << name;
  }
  EXPECT_EQ(found("index.html")->content, "index");
  EXPECT_EQ(found("sub/index.html")->content, "sub");
  file_cache devices{folder("/dev", GetParam())};
  EXPECT_EQ(devices.open("null", round_).status, open_status::absent);
  EXPECT_EQ(devices.open("zero", round_).status, open_status::absent);
}

TEST_P(FileCache, FollowsLinksBelowTheRootOnly) {
  put("../outside/secret", "secret");
  put("sub/a", "inside");
  place_.link("inside", "sub/a");
  place_.link("sub/up", "../inside");
  place_.link("folder", "sub");
  for (const char* name : {"inside", "sub/up", "folder/a", "folder/up"}) {
    EXPECT_EQ(found(name)->content, "inside") << name;
    EXPECT_EQ(found(name)->content, "inside") << name << " again";
  }
  place_.link("out", "../outside/secret");
  place_.link("out-folder", "../outside");
  place_.link("absolute", place_.outside() + "/secret");
  place_.link("loop", "loop");
  for (const char* name : {"out", "out-folder/secret", "absolute", "loop", "../outside/secret"}) {
    EXPECT_TRUE(is_absent(name)) << name;
  }
  put("sub/b", "other");
  check(::unlink(place_.at("inside").c_str()), "unlink");
  place_.link("inside", "sub/b");
  EXPECT_EQ(found("inside")->content, "other") << "the link leads elsewhere";
}

TEST_P(FileCache, KeepsBoundedDescriptors) {
  constexpr std::size_t most = 512;
  for (std::size_t i = 0; i < most + 50; ++i) {
    const std::string name = std::to_string(i);
    put(name, "");
    check(::truncate(place_.at(name).c_str(), large), "truncate");
  }
  const std::size_t before = open_descriptors();
  const auto first = found("0");
  for (std::size_t i = 1; i < most + 50; ++i) {
    found(std::to_string(i));
    EXPECT_LE(open_descriptors(), before + most + 1);
    if (i % 100 == 0) {
      EXPECT_EQ(found("0"), first) << "used between";
    }
  }
  EXPECT_EQ(open_descriptors(), before + most);
  EXPECT_EQ(found("0"), first);
}

TEST_P(FileCache, KeepsBoundedMemory) {
  constexpr std::size_t most = 4 << 20;
  constexpr std::size_t size = 16 * 1024;
  std::vector<std::weak_ptr<const served_file>> kept;
  for (std::size_t i = 0; i < most / size + 20; ++i) {
    const std::string name = std::to_string(i);
    put(name, std::string(size, 'x'));
    kept.push_back(found(name));
  }
  std::size_t memory = 0;
  for (const auto& each : kept) memory += each.expired() ? 0 : size;
  EXPECT_EQ(memory, most);
  EXPECT_TRUE(kept[19].expired());
  EXPECT_FALSE(kept[20].expired()) << "the oldest goes first";
  // What is replaced again and again is counted once.
  for (std::size_t i = 0; i < 300; ++i) {
    put("20", std::string(size, 'y'), {long_ago.tv_sec, static_cast<long>(i)});
    kept[20] = found("20");
  }
  EXPECT_FALSE(kept[21].expired());
}

TEST_P(FileCache, KeepsNoDescriptorOfSmallOrAbsentFiles) {
  put("a", "x");
  put("sub/deep/b", "x");
  place_.link("up", "sub/deep/../../a");
  place_.link("out", "../..");
  check(::mkfifo(place_.at("fifo").c_str(), 0600), "mkfifo");
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 100; ++i) {
    for (const char* name : {"a", "sub/deep/b", "up", "out", "fifo", "sub", "none", "a/"}) {
      open(name);
    }
    set_modified("a", {long_ago.tv_sec, i});
  }
  EXPECT_EQ(open_descriptors(), before);
}

// Restores the limit of descriptors.
class no_more_descriptors {
 public:
  // Those below `first` may be used again.
  explicit no_more_descriptors(int first = 0) {
    check(::getrlimit(RLIMIT_NOFILE, &old_), "getrlimit");
    const rlimit none{static_cast<rlim_t>(first), old_.rlim_max};
    check(::setrlimit(RLIMIT_NOFILE, &none), "setrlimit");
  }
  ~no_more_descriptors() { ::setrlimit(RLIMIT_NOFILE, &old_); }

 private:
  rlimit old_{};
};

TEST_P(FileCache, TellsWhenDescriptorsRunOut) {
  put("known", "x");
  put("other", "x");
  place_.write("new", "x");
  found("known");
  found("new");
  {
    const no_more_descriptors none;
    EXPECT_EQ(open("other").status, open_status::no_descriptor);
    EXPECT_EQ(open("known").status, open_status::found) << "held in memory";
    EXPECT_EQ(open("new").status, open_status::found) << "however new";
  }
  EXPECT_EQ(open("other").status, open_status::found);
}

TEST_P(FileCache, GivesUpDescriptorsWhenTheyRunOut) {
  put("kept", std::string(large, 'x'));
  put("oldest", std::string(large, 'x'));
  put("wanted", std::string(large, 'x'));
  found("oldest");
  found("kept");
  const std::size_t before = open_descriptors();
  const int next = ::dup(0);
  ::close(next);
  {
    const no_more_descriptors none(next);
    EXPECT_EQ(open("wanted").status, open_status::found);
    EXPECT_EQ(open("kept").status, open_status::found);
  }
  EXPECT_EQ(open_descriptors(), before);
}

INSTANTIATE_TEST_SUITE_P(BothWays, FileCache,
                         ::testing::Values(folder::way::kernel, folder::way::walk),
                         [](const auto& each) {
                           return each.param == folder::way::kernel ? "Kernel" : "Walk";
                         });

}  // namespace
}  // namespace ref::server
