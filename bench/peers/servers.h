// Servers of static files, each as its maker would set it up for this: one process on one core.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace assay::bench {

struct server_peer {
  std::string name;
  std::string program;   ///< absolute; absent: the server is left out
  bool is_slow = false;  ///< quick runs ask it for the small file only
  /// Writes what it needs into the folder and gives the command.
  std::function<std::vector<std::string>(const std::filesystem::path& folder, int port,
                                         std::size_t bytes)>
      command;
  std::size_t most_connections = 1 << 20;  ///< that it can have here
};

/// The reference, its peers, the named testees that are servers, and the floor. `folder`/site is
/// what they serve.
std::vector<server_peer> server_peers();

/// As lighttpd among them, but it asks poll(2) for all connections anew each time.
server_peer peer_with_poll();

}  // namespace assay::bench
