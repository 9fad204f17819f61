#include "conformance/harness/tcp_table.h"

#include <fmt/core.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace assay {
namespace {

constexpr unsigned long listening = 0x0a;

struct row {
  std::string local_address;
  unsigned long local_port = 0;
  unsigned long remote_port = 0;
  unsigned long state = 0;
  unsigned long unread = 0;
  std::uint64_t inode = 0;
};

unsigned long after_colon(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? 0 : std::strtoul(text.c_str() + colon + 1, nullptr, 16);
}

// The rows of sockets at this local port. The table may have thousands of others, so a line is
// taken apart only when it holds the port's digits.
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
      one.local_address = local.substr(0, local.find(':'));
      one.local_port = after_colon(local);
      one.remote_port = after_colon(remote);
      one.state = std::strtoul(state.c_str(), nullptr, 16);
      one.unread = after_colon(queues);
      if (fields && one.local_port == port) rows.push_back(std::move(one));
    }
  }
  return rows;
}

}  // namespace

std::vector<std::uint64_t> listeners_at(std::uint16_t port) {
  std::vector<std::uint64_t> inodes;
  for (const row& one : rows_at(port)) {
    const bool is_any = one.local_address.find_first_not_of('0') == std::string::npos;
    const bool is_loopback = one.local_address.ends_with("0100007F");
    if (one.state == listening && (is_any || is_loopback)) inodes.push_back(one.inode);
  }
  return inodes;
}

std::uint32_t not_accepted_at(std::uint16_t port) {
  // A listening socket has its backlog where others have the bytes that are not read.
  unsigned long sum = 0;
  for (const row& one : rows_at(port)) {
    if (one.state == listening) sum += one.unread;
  }
  return static_cast<std::uint32_t>(sum);
}

std::optional<std::uint32_t> unread_by_peer(std::uint16_t peer_port, std::uint16_t own_port) {
  for (const row& one : rows_at(peer_port)) {
    if (one.remote_port == own_port) return static_cast<std::uint32_t>(one.unread);
  }
  return std::nullopt;
}

}  // namespace assay
