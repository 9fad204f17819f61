#include "conformance/harness/tcp_table.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace assay {
namespace {

struct row {
  bool is_loopback = false;
  bool is_any = false;
  unsigned long remote_port = 0;
  unsigned long state = 0;
  unsigned long unread = 0;  // of a listening socket: connections that wait for accept
  std::uint64_t inode = 0;
};

unsigned long after_colon(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? 0 : std::strtoul(text.c_str() + colon + 1, nullptr, 16);
}

// The rows of sockets at this local port in /proc/net/tcp, which any kernel has. The table may have
// thousands of others, so a line is taken apart only when it holds the port's digits.
std::vector<row> rows_at(std::uint16_t port) {
  const std::string digits = fmt::format(":{:04X} ", port);
  std::vector<row> rows;
  for (const char* file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      if (line.find(digits) == std::string::npos) continue;
      std::istringstream fields(line);
      std::string number, local, remote, state, queues, timer, retransmits, user, timeout;
      row one;
      fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> user >>
          timeout >> one.inode;
      const std::string address = local.substr(0, local.find(':'));
      one.is_any = address.find_first_not_of('0') == std::string::npos;
      one.is_loopback = address.ends_with("0100007F");
      one.remote_port = after_colon(remote);
      one.state = std::strtoul(state.c_str(), nullptr, 16);
      one.unread = after_colon(queues);
      if (fields && after_colon(local) == port) rows.push_back(one);
    }
  }
  return rows;
}

row row_of(const inet_diag_msg& socket) {
  row one;
  // The last word of ::ffff:127.0.0.1 is the address, too.
  const std::uint32_t* const words = socket.id.idiag_src;
  const bool is_ipv4 = socket.idiag_family == AF_INET;
  one.is_any = words[0] == 0 && (is_ipv4 || (words[1] == 0 && words[2] == 0 && words[3] == 0));
  one.is_loopback = words[is_ipv4 ? 0 : 3] == htonl(INADDR_LOOPBACK);
  one.remote_port = ntohs(socket.id.idiag_dport);
  one.state = socket.idiag_state;
  one.unread = socket.idiag_rqueue;
  one.inode = socket.idiag_inode;
  return one;
}

// Asks the kernel through sock_diag(7), which takes microseconds where /proc/net/tcp takes one for
// each connection that ended within the last minute. False when this kernel does not answer such
// questions, or has an error for an answer.
bool ask_kernel(const inet_diag_req_v2& question, int flags, std::vector<row>& rows) {
  const int descriptor = ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (descriptor < 0) return false;
  struct {
    nlmsghdr head;
    inet_diag_req_v2 question;
  } const request{{sizeof request, SOCK_DIAG_BY_FAMILY,
                   static_cast<std::uint16_t>(NLM_F_REQUEST | flags), 1, 0},
                  question};
  bool is_good = ::send(descriptor, &request, sizeof request, 0) == sizeof request;
  bool is_done = !is_good;
  while (!is_done) {
    alignas(nlmsghdr) char buffer[32768];
    const ssize_t got = ::recv(descriptor, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      is_good = false;
      break;
    }
    auto left = static_cast<unsigned>(got);
    for (auto* head = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(head, left);
         head = NLMSG_NEXT(head, left)) {
      is_done = head->nlmsg_type != SOCK_DIAG_BY_FAMILY || (flags & NLM_F_DUMP) == 0;
      if (head->nlmsg_type == NLMSG_ERROR) is_good = false;
      if (head->nlmsg_type != SOCK_DIAG_BY_FAMILY) break;
      inet_diag_msg socket;
      std::memcpy(&socket, head + 1, sizeof socket);
      if (socket.id.idiag_sport == question.id.idiag_sport) rows.push_back(row_of(socket));
    }
  }
  ::close(descriptor);
  return is_good;
}

inet_diag_req_v2 question_about(std::uint16_t port, int family, int state) {
  inet_diag_req_v2 question{};
  question.sdiag_family = static_cast<std::uint8_t>(family);
  question.sdiag_protocol = IPPROTO_TCP;
  question.idiag_states = 1U << state;
  question.id.idiag_sport = htons(port);
  question.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  question.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return question;
}

std::vector<row> listening_at(std::uint16_t port) {
  std::vector<row> rows;
  if (ask_kernel(question_about(port, AF_INET, TCP_LISTEN), NLM_F_DUMP, rows) &&
      ask_kernel(question_about(port, AF_INET6, TCP_LISTEN), NLM_F_DUMP, rows)) {
    return rows;
  }
  rows = rows_at(port);
  std::erase_if(rows, [](const row& one) { return one.state != TCP_LISTEN; });
  return rows;
}

}  // namespace

std::vector<std::uint64_t> listeners_at(std::uint16_t port) {
  std::vector<std::uint64_t> inodes;
  for (const row& one : listening_at(port)) {
    if (one.is_any || one.is_loopback) inodes.push_back(one.inode);
  }
  return inodes;
}

std::uint32_t not_accepted_at(std::uint16_t port) {
  unsigned long sum = 0;
  for (const row& one : listening_at(port)) sum += one.unread;
  return static_cast<std::uint32_t>(sum);
}

std::optional<std::uint32_t> unread_by_peer(std::uint16_t peer_port, std::uint16_t own_port) {
  auto question = question_about(peer_port, AF_INET, TCP_ESTABLISHED);
  question.id.idiag_dport = htons(own_port);
  question.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  question.id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  std::vector<row> rows;
  if (!ask_kernel(question, 0, rows)) rows = rows_at(peer_port);
  for (const row& one : rows) {
    if (one.remote_port == own_port) return static_cast<std::uint32_t>(one.unread);
  }
  return std::nullopt;
}

}  // namespace assay
