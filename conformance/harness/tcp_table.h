// The kernel's table of TCP sockets, sock_diag(7): what a peer that is another program has done.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace assay {

/// Inodes of the sockets that listen at this port on 127.0.0.1 or on all addresses; the process
/// that has one shows `socket:[inode]` among its descriptors. Unlike a connection that tries the
/// port, the question leaves the server alone.
std::vector<std::uint64_t> listeners_at(std::uint16_t port);

/// Connections that the kernel has made at this port and the server has not accepted yet.
std::uint32_t not_accepted_at(std::uint16_t port);

/// Bytes that reached the peer of a loopback connection and that its program has not read yet;
/// nullopt when the table does not have its socket.
std::optional<std::uint32_t> unread_by_peer(std::uint16_t peer_port, std::uint16_t own_port);

}  // namespace assay
