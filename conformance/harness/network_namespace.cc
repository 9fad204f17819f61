#include "conformance/harness/network_namespace.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace assay {
namespace {

constexpr const char* interface = "wire0";
constexpr std::array<const char*, 2> addresses = {"10.77.0.1", "10.77.0.2"};
constexpr const char* netmask = "255.255.255.252";
// user, then for each namespace network, control, tun
constexpr std::size_t descriptor_count = 7;

// What failed, with errno as it was left; the text goes from the maker to assay.
struct refused {
  std::string what;
  int number = errno;
};

int checked(int result, const std::string& what) {
  if (result < 0) throw refused{what};
  return result;
}

bool write_text(const char* file, const std::string& text) {
  const int descriptor = ::open(file, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool is_written =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(descriptor);
  return is_written;
}

ifreq request_about(const char* name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  return request;
}

int change_flag(int control, const char* name, bool up) {
  ifreq request = request_about(name);
  if (::ioctl(control, SIOCGIFFLAGS, &request) < 0) return -1;
  const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
  request.ifr_flags = static_cast<short>(flags);
  return ::ioctl(control, SIOCSIFFLAGS, &request);
}

void set_address(int control, unsigned long what, const char* text) {
  ifreq request = request_about(interface);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  checked(::ioctl(control, what, &request), fmt::format("set the address {}", text));
}

// The maker: a process of its own, because it leaves its namespaces and may not have threads.
class maker {
 public:
  std::array<int, descriptor_count> make() {
    enter_first();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (i > 0) checked(::unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
      set_up(i);
    }
    return made_;
  }

 private:
  void enter_first() {
    made_.fill(-1);
    if (::unshare(CLONE_NEWNET) == 0) return;
    if (errno != EPERM) throw refused{"unshare(CLONE_NEWNET)"};
    const auto uid = ::geteuid();
    const auto gid = ::getegid();
    checked(::unshare(CLONE_NEWUSER | CLONE_NEWNET), "unshare(CLONE_NEWUSER | CLONE_NEWNET)");
    // Only so that a program in there sees its own user id; it works without, too.
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", fmt::format("{0} {0} 1", uid));
    write_text("/proc/self/gid_map", fmt::format("{0} {0} 1", gid));
    made_[0] = checked(::open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "open /proc/self/ns");
  }

  void set_up(std::size_t index) {
    const int network = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    made_[1 + 3 * index] = checked(network, "open /proc/self/ns/net");
    const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    made_[2 + 3 * index] = checked(control, "make a socket in a network namespace");
    const int tun = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    made_[3 + 3 * index] = checked(tun, "open /dev/net/tun");
    ifreq request = request_about(interface);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    checked(::ioctl(tun, TUNSETIFF, &request), "make a TUN device");
    checked(change_flag(control, "lo", true), "take lo up");
    set_address(control, SIOCSIFADDR, addresses[index]);
    set_address(control, SIOCSIFNETMASK, netmask);
    checked(change_flag(control, interface, true), "take the TUN device up");
  }

  std::array<int, descriptor_count> made_;
};

// One message: a text, empty if all is well, and the descriptors.
constexpr std::size_t text_limit = 500;

void send_made(int socket, const std::string& text, const std::array<int, descriptor_count>& made) {
  std::array<int, descriptor_count> sent{};
  std::size_t count = 0;
  for (int each : made) {
    if (each >= 0) sent[count++] = each;
  }
  char data[text_limit] = {};
  std::memcpy(data, text.data(), std::min(text.size(), text_limit - 1));
  iovec part{data, sizeof data};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof sent)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (text.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(head), sent.data(), count * sizeof(int));
  }
  [[maybe_unused]] const ssize_t done = ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

// The descriptors in their order, -1 in front when there is no user namespace.
std::array<int, descriptor_count> receive_made(int socket) {
  char data[text_limit] = {};
  iovec part{data, sizeof data};
  alignas(cmsghdr) char control[CMSG_SPACE(descriptor_count * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (got <= 0) throw network_unavailable("the process that makes network namespaces ended");
  data[text_limit - 1] = '\0';
  if (data[0] != '\0') throw network_unavailable(data);
  const cmsghdr* const head = CMSG_FIRSTHDR(&message);
  const std::size_t count = head == nullptr ? 0 : (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  if (count + 1 < descriptor_count) throw network_unavailable("its descriptors did not arrive");
  std::array<int, descriptor_count> made{-1};
  std::memcpy(made.data() + descriptor_count - count, CMSG_DATA(head), count * sizeof(int));
  return made;
}

[[noreturn]] void run_maker(int socket) {
  try {
    send_made(socket, "", maker().make());
  } catch (const refused& error) {
    send_made(socket,
              fmt::format("no network namespaces joined by TUN devices: {}: {}", error.what,
                          std::strerror(error.number)),
              {});
  }
  ::_exit(0);
}

}  // namespace

network_namespace::network_namespace(int user, int network, int control, int tun,
                                     std::string address)
    : user_(user), network_(network), control_(control), tun_(tun), address_(std::move(address)) {}

network_namespace::~network_namespace() {
  for (int each : {user_, network_, control_, tun_}) {
    if (each >= 0) ::close(each);
  }
}

void network_namespace::set_up(bool up) const {
  if (change_flag(control_, interface, up) < 0) {
    throw std::system_error(errno, std::generic_category(), "change the interface's flags");
  }
}

bool network_namespace::enter() const {
  if (user_ >= 0 && ::setns(user_, CLONE_NEWUSER) != 0) return false;
  return ::setns(network_, CLONE_NEWNET) == 0;
}

network_pair make_network_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  const pid_t child = ::fork();
  if (child == 0) run_maker(ends[1]);
  const int error = errno;
  ::close(ends[1]);
  std::array<int, descriptor_count> made{};
  try {
    if (child < 0) throw std::system_error(error, std::generic_category(), "fork");
    made = receive_made(ends[0]);
  } catch (...) {
    ::close(ends[0]);
    if (child > 0) ::waitpid(child, nullptr, 0);
    throw;
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  const int other_user = made[0] < 0 ? -1 : ::fcntl(made[0], F_DUPFD_CLOEXEC, 0);
  return {std::make_shared<network_namespace>(made[0], made[1], made[2], made[3], addresses[0]),
          std::make_shared<network_namespace>(other_user, made[4], made[5], made[6], addresses[1])};
}

}  // namespace assay
