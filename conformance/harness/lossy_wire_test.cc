// The wire does to packets exactly what it counts. Needs network namespaces and TUN devices; where
// this machine has none the tests are skipped, with what the kernel said.
#include "conformance/harness/lossy_wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "conformance/harness/actor.h"
#include "conformance/harness/proc.h"

namespace assay {
namespace {

using ::testing::ElementsAreArray;
using ::testing::SizeIs;
using side = lossy_wire::side;

class wire : public ::testing::Test {
 protected:
  void SetUp() override {
    open_before_ = proc::descriptors(::getpid()).size();
    try {
      make_network_pair();
    } catch (const network_unavailable& error) {
      GTEST_SKIP() << error.what();
    }
  }
  void TearDown() override {
    EXPECT_EQ(proc::descriptors(::getpid()).size(), open_before_);
    EXPECT_THAT(proc::children(::getpid()), SizeIs(0));
  }

  std::size_t open_before_ = 0;
};

// A socket of that namespace; it is made by a process in there, and given back.
class namespace_socket {
 public:
  namespace_socket(const network_namespace& where, int type) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::_exit(where.enter() && give(ends[1], ::socket(AF_INET, type, 0)) ? 0 : 1);
    }
    descriptor_ = take(ends[0]);
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    address_.sin_family = AF_INET;
    ::inet_pton(AF_INET, where.address().c_str(), &address_.sin_addr);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(descriptor_, name(), size), 0);
    EXPECT_EQ(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    const timeval limit{5, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~namespace_socket() { ::close(descriptor_); }
  namespace_socket(const namespace_socket&) = delete;
  namespace_socket& operator=(const namespace_socket&) = delete;

  int descriptor() const { return descriptor_; }
  const sockaddr* name() const { return reinterpret_cast<const sockaddr*>(&address_); }
  ssize_t send_to(const std::string& data, const namespace_socket& to) const {
    return ::sendto(descriptor_, data.data(), data.size(), 0, to.name(), sizeof(sockaddr_in));
  }
  std::string receive(int flags = 0) const {
    std::string data(2000, '\0');
    const ssize_t got = ::recv(descriptor_, data.data(), data.size(), flags);
    data.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return data;
  }

 private:
  static bool give(int socket, int descriptor) {
    char byte = 1;
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
    msghdr message{nullptr, 0, &part, 1, control, sizeof control, 0};
    *CMSG_FIRSTHDR(&message) = {CMSG_LEN(sizeof descriptor), SOL_SOCKET, SCM_RIGHTS};
    std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &descriptor, sizeof descriptor);
    return ::sendmsg(socket, &message, 0) == 1;
  }
  static int take(int socket) {
    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{nullptr, 0, &part, 1, control, sizeof control, 0};
    int descriptor = -1;
    if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1) {
      std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    }
    return descriptor;
  }

  int descriptor_ = -1;
  sockaddr_in address_{};
};

std::string numbered(int i) { return std::to_string(i) + std::string(500, 'x'); }

// Whether nothing is on its way or held back any more.
bool is_idle(const wire_counts& counts, std::uint64_t sent) {
  return counts.taken == sent && counts.taken + counts.doubled == counts.passed + counts.lost;
}

// Sends so many, a few at a time, and returns what arrived.
std::vector<std::string> exchange(const lossy_wire& line, int count) {
  const namespace_socket from(line.near(), SOCK_DGRAM);
  const namespace_socket to(line.far(), SOCK_DGRAM);
  std::vector<std::string> arrived;
  for (int i = 0; i < count; ++i) {
    from.send_to(numbered(i), to);
    if (i % 20 != 19 && i + 1 < count) continue;
    const auto sent = static_cast<std::uint64_t>(i) + 1;
    EXPECT_TRUE(await([&] { return is_idle(line.counts(side::near), sent); }));
    while (arrived.size() < line.datagrams(side::near).size()) arrived.push_back(to.receive());
  }
  EXPECT_EQ(to.receive(MSG_DONTWAIT), "");
  return arrived;
}

TEST_F(wire, without_faults_passes_everything) {
  const lossy_wire line;
  const auto arrived = exchange(line, 100);
  ASSERT_THAT(arrived, SizeIs(100));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(arrived[i], numbered(i));
  EXPECT_EQ(line.counts(side::near).passed, 100u);
  EXPECT_EQ(line.counts(side::far).taken, 0u);
}

TEST_F(wire, has_as_many_faults_as_it_was_asked_for) {
  const lossy_wire line({.lost = 10, .doubled = 8, .overtaken = 6, .corrupted = 4});
  const auto arrived = exchange(line, 200);
  const wire_counts counts = line.counts(side::near);
  EXPECT_EQ(counts.lost, 20u);
  EXPECT_EQ(counts.doubled, 16u);
  EXPECT_EQ(counts.corrupted, 8u);
  EXPECT_GE(counts.overtaken, 1u);
  EXPECT_LE(counts.overtaken, 12u);
  EXPECT_EQ(counts.passed, 200u - 20 + 16);
  // The kernel found each corrupted one by its checksum.
  EXPECT_THAT(arrived, ElementsAreArray(line.datagrams(side::near)));
  EXPECT_THAT(arrived, SizeIs(200 - 20 + 16 - 8));
  std::set<std::string> different(arrived.begin(), arrived.end());
  EXPECT_THAT(different, SizeIs(200 - 20 - 8));
  for (int i = 0; i < 200; ++i) different.erase(numbered(i));
  EXPECT_THAT(different, SizeIs(0));
}

TEST_F(wire, the_same_seed_hits_the_same_packets) {
  const wire_faults faults{.lost = 20, .doubled = 20, .corrupted = 20, .seed = 7};
  EXPECT_EQ(exchange(lossy_wire(faults), 100), exchange(lossy_wire(faults), 100));
  wire_faults others = faults;
  others.seed = 8;
  EXPECT_NE(exchange(lossy_wire(faults), 100), exchange(lossy_wire(others), 100));
}

TEST_F(wire, cut_loses_everything) {
  lossy_wire line;
  const namespace_socket from(line.near(), SOCK_DGRAM);
  const namespace_socket to(line.far(), SOCK_DGRAM);
  line.set_cut(true);
  from.send_to("lost", to);
  EXPECT_TRUE(await([&] { return line.lost_by_cut() == 1; }));
  line.set_cut(false);
  from.send_to("not lost", to);
  EXPECT_EQ(to.receive(), "not lost");
}

TEST_F(wire, an_interface_that_is_down_takes_nothing) {
  const lossy_wire line;
  const namespace_socket from(line.near(), SOCK_DGRAM);
  const namespace_socket to(line.far(), SOCK_DGRAM);
  line.near().set_up(false);
  EXPECT_EQ(from.send_to("nowhere", to), -1);
  EXPECT_EQ(errno, ENETUNREACH);
  line.near().set_up(true);
  line.far().set_up(false);
  EXPECT_EQ(from.send_to("not taken", to), 9);
  EXPECT_TRUE(await([&] { return line.counts(side::near).taken == 1; }));
  EXPECT_EQ(line.counts(side::near).passed, 0u);
  line.far().set_up(true);
  from.send_to("taken", to);
  EXPECT_EQ(to.receive(), "taken");
}

TEST_F(wire, faults_must_make_sense) {
  EXPECT_THROW(lossy_wire({.lost = -1}), std::invalid_argument);
  EXPECT_THROW(lossy_wire({.lost = 60, .doubled = 41}), std::invalid_argument);
}

}  // namespace
}  // namespace assay
