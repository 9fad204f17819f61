// Both ways to open a file below a folder, with one table of cases.
#include "impl/server/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <atomic>
#include <cstring>
#include <system_error>
#include <thread>

#include "impl/server/test_folder.h"

namespace ref::server {
namespace {

using testing::forbid_openat2;
using testing::open_descriptors;
using testing::test_folder;

struct row {
  std::string path;
  int error = 0;
  std::string content = {};  // of a regular file that opens
};

std::string chain_name(int links) { return "chain" + std::to_string(links); }

// What the rows are about.
void furnish(const test_folder& place) {
  place.write("file", "file");
  place.write("dir/file", "below");
  place.write("dir/deep/file", "deep");
  place.write("../outside/secret", "secret");
  place.link("inside", "dir/file");
  place.link("inside-slash", "dir/file/");
  place.link("dir-link", "dir/deep/../");
  place.link("dir/up", "../file");
  place.link("dir/deep/up", "../../file");
  place.link("dir/deep/around", "../../dir/./deep//../file");
  place.link("top", ".");
  place.link("out", "../outside/secret");
  place.link("out-dir", "../outside");
  place.link("out-and-in", "../root/file");
  place.link("parent", "..");
  place.link("dir/too-high", "../../root/file");
  place.link("absolute", place.outside() + "/secret");
  place.link("absolute-inside", place.at("file"));
  place.link("slash", "/");
  place.link("dangling", "none");
  place.link("loop", "loop");
  place.link("ping", "pong");
  place.link("pong", "ping");
  place.link("through-file", "file/../file");
  place.link("through-none", "none/../file");
  place.link(chain_name(1), "file");
  for (int i = 2; i <= 41; ++i) place.link(chain_name(i), chain_name(i - 1));
  check(::mkfifo(place.at("fifo").c_str(), 0600), "mkfifo");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strncpy(name.sun_path, place.at("socket").c_str(), sizeof name.sun_path - 1);
  const file_descriptor socket(check(::socket(AF_UNIX, SOCK_STREAM, 0), "socket"));
  check(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
}

std::vector<row> rows() {
  return {
      {"file", 0, "file"},
      {"dir/file", 0, "below"},
      {"dir//file", 0, "below"},
      {"./dir/./file", 0, "below"},
      {"dir/deep/../file", 0, "below"},
      {"dir", 0},
      {"dir/", 0},
      {".", 0},
      {"dir/deep/../..", 0},
      {"", ENOENT},
      {"none", ENOENT},
      {"none/file", ENOENT},
      {"none/../file", ENOENT},
      {"file/", ENOTDIR},
      {"file/.", ENOTDIR},
      {"file/..", ENOTDIR},
      {"file/below", ENOTDIR},
      {"fifo", 0},
      {"fifo/", ENOTDIR},
      {"socket", ENXIO},
      {"/", EXDEV},
      {"/file", EXDEV},
      {"/etc/passwd", EXDEV},
      {"..", EXDEV},
      {"../", EXDEV},
      {"../outside/secret", EXDEV},
      {"../root/file", EXDEV},
      {"dir/../../root/file", EXDEV},
      {"inside", 0, "below"},
      {"inside/", ENOTDIR},
      {"inside-slash", ENOTDIR},
      {"dir-link", 0},
      {"dir-link/file", 0, "below"},
      {"dir-link/up", 0, "file"},
      {"dir/up", 0, "file"},
      {"dir/deep/up", 0, "file"},
      {"dir/deep/around", 0, "below"},
      {"top", 0},
      {"top/top/top/file", 0, "file"},
      {"top/../file", EXDEV},
      {"out", EXDEV},
      {"out-dir", EXDEV},
      {"out-dir/secret", EXDEV},
      {"out-and-in", EXDEV},
      {"parent", EXDEV},
      {"parent/root/file", EXDEV},
      {"dir/too-high", EXDEV},
      {"dir-link/too-high", EXDEV},
      {"absolute", EXDEV},
      {"absolute-inside", EXDEV},
      {"slash", EXDEV},
      {"slash/etc/passwd", EXDEV},
      {"dangling", ENOENT},
      {"dangling/file", ENOENT},
      {"loop", ELOOP},
      {"loop/file", ELOOP},
      {"ping", ELOOP},
      {"through-file", ENOTDIR},
      {"through-none", ENOENT},
      {chain_name(40), 0, "file"},
      {chain_name(41), ELOOP},
      {chain_name(40) + "/", ENOTDIR},
      {"top/" + chain_name(39), 0, "file"},
      {"top/" + chain_name(40), ELOOP},
      {std::string(255, 'n'), ENOENT},
      {std::string(256, 'n'), ENAMETOOLONG},
      {std::string(2 * 2045, '/').replace(0, 5, "dir/f"), ENOENT},
      {"./" + std::string(4086, '/') + "dir/file", ENAMETOOLONG},
      {"." + std::string(4086, '/') + "dir/file", 0, "below"},
  };
}

std::string content_of(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t got = ::pread(descriptor, content.data(), content.size(), 0);
  content.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return content;
}

// How many rows have another answer; says which.
int wrong_rows(const folder& tried) {
  int wrong = 0;
  for (const row& each : rows()) {
    int error = -1;
    const file_descriptor got = tried.open(each.path, error);
    const std::string content = got ? content_of(got.get()) : "";
    if (error == each.error && static_cast<bool>(got) == (error == 0) && content == each.content) {
      continue;
    }
    ++wrong;
    ADD_FAILURE() << each.path << ": " << std::strerror(error) << " \"" << content
                  << "\" instead of " << std::strerror(each.error) << " \"" << each.content << '"';
  }
  return wrong;
}

class Folder : public ::testing::TestWithParam<folder::way> {
 protected:
  test_folder place_;
};

TEST_P(Folder, AnswersAsTheTableSays) {
  furnish(place_);
  EXPECT_EQ(wrong_rows(folder(place_.root(), GetParam())), 0);
}

TEST_P(Folder, KeepsNoDescriptor) {
  furnish(place_);
  const folder tried(place_.root(), GetParam());
  const std::size_t before = open_descriptors();
  wrong_rows(tried);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_P(Folder, OpensWhatIsClosedOnExec) {
  place_.write("dir/file", "x");
  int error = 0;
  const file_descriptor got = folder(place_.root(), GetParam()).open("dir/file", error);
  ASSERT_TRUE(got);
  EXPECT_NE(::fcntl(got.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(::fcntl(got.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
}

// Somebody moves a directory out of the root and back again while ".." is resolved in it. Whoever
// resolves ".." by what is above at that moment finds the other secret.
TEST_P(Folder, StaysBelowWhileDirectoriesMove) {
  place_.write("a/b/c/file", "inside");
  place_.write("secret", "inside");
  place_.write("a/secret", "inside");
  place_.write("../outside/secret", "outside");
  place_.write("../outside/x/secret", "outside");
  place_.link("a/b/c/link", "../../secret");
  std::atomic<bool> ends = false;
  std::thread mover([&] {
    while (!ends) {
      ::rename(place_.at("a/b").c_str(), (place_.outside() + "/x/b").c_str());
      ::rename((place_.outside() + "/x/b").c_str(), place_.at("a/b").c_str());
    }
  });
  const folder tried(place_.root(), GetParam());
  int opened = 0;
  for (int i = 0; i < 1'000'000 && opened < 500; ++i) {
    int error = 0;
    const file_descriptor got = tried.open("a/b/c/link", error);
    if (!got) {
      EXPECT_THAT(error, ::testing::AnyOf(ENOENT, EXDEV));
      continue;
    }
    ++opened;
    EXPECT_EQ(content_of(got.get()), "inside");
  }
  ends = true;
  mover.join();
  EXPECT_EQ(opened, 500);
}

INSTANTIATE_TEST_SUITE_P(BothWays, Folder,
                         ::testing::Values(folder::way::kernel, folder::way::walk),
                         [](const auto& each) {
                           return each.param == folder::way::kernel ? "Kernel" : "Walk";
                         });

TEST(FolderChoice, TakesOpenat2WhereItIs) {
  const test_folder place;
  EXPECT_EQ(folder(place.root()).how(), folder::way::kernel);
}

// Exit code of a child in which openat2 fails with this error: 0 when it walks and is right.
int without_openat2(const test_folder& place, int error) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!forbid_openat2(error)) ::_exit(2);
    const folder tried(place.root());
    if (tried.how() != folder::way::walk) ::_exit(3);
    ::_exit(wrong_rows(tried) == 0 ? 0 : 4);
  }
  int status = 0;
  check(retry_interrupted([&] { return ::waitpid(child, &status, 0); }), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(FolderChoice, WalksWhereOpenat2IsMissing) {
  const test_folder place;
  furnish(place);
  EXPECT_EQ(without_openat2(place, ENOSYS), 0) << "as in a kernel before 5.6";
  EXPECT_EQ(without_openat2(place, EPERM), 0) << "as in a container that does not know it";
}

TEST(FolderChoice, RefusesWhatIsNoDirectory) {
  const test_folder place;
  place.write("file", "x");
  EXPECT_THROW(folder(place.at("none")), std::system_error);
  EXPECT_THROW(folder(place.at("file")), std::system_error);
}

}  // namespace
}  // namespace ref::server
