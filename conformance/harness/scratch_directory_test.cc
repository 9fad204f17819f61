#include "conformance/harness/scratch_directory.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace {

namespace fs = std::filesystem;

TEST(scratch_directory, goes_with_its_contents) {
  fs::path path;
  {
    const assay::scratch_directory scratch;
    path = scratch.path();
    fs::create_directories(path / "a/b");
    std::ofstream(path / "a/b/c") << "c";
    EXPECT_LT(path.string().size() + std::string("/socket").size(), 108u);
  }
  EXPECT_FALSE(fs::exists(path));
}

// In a process of its own, because only the first directory of a process sweeps.
void in_child(void (*body)()) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
}

void make_old(const fs::path& path) {
  const timespec times[] = {{.tv_sec = 1'000'000'000, .tv_nsec = 0},
                            {.tv_sec = 1'000'000'000, .tv_nsec = 0}};
  EXPECT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(scratch_directory, what_killed_processes_left_is_swept_away) {
  std::string parent = ::testing::TempDir() + "assay-sweep-XXXXXX";
  ASSERT_NE(::mkdtemp(parent.data()), nullptr);
  ::setenv("TMPDIR", parent.c_str(), 1);
  const fs::path left = fs::path(parent) / "assay-testee-left01";
  const fs::path fresh = fs::path(parent) / "assay-testee-fresh1";
  const fs::path foreign = fs::path(parent) / "somebody-elses";
  for (const auto& each : {left, fresh, foreign}) fs::create_directory(each);
  std::ofstream(left / "large.bin") << "large";
  make_old(left);
  make_old(foreign);
  {
    const assay::scratch_directory living;
    make_old(living.path());
    in_child([] { const assay::scratch_directory sweeps; });
    EXPECT_TRUE(fs::exists(living.path()));
  }
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(fresh));
  EXPECT_TRUE(fs::exists(foreign));
  ::unsetenv("TMPDIR");
  fs::remove_all(parent);
}

}  // namespace
