#include "bench/peers/servers.h"

#include <fmt/core.h>

#include <fstream>
#include <map>
#include <optional>

#include "bench/testees.h"

namespace assay::bench {
namespace {

namespace fs = std::filesystem;
using command = std::vector<std::string>;

// nginx keeps open files, and small bodies go faster without sendfile(2).
command nginx(const fs::path& folder, int port, std::size_t bytes) {
  std::ofstream(folder / "nginx.conf") << fmt::format(
      R"(worker_processes 1;
master_process off;
pid {0}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  sendfile {2};
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=1000 inactive=60s;
  open_file_cache_valid 1s;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  server {{ listen 127.0.0.1:{1}; root {0}/site; }}
}}
)",
      folder.string(), port, bytes < 16384 ? "off" : "on");
  return {"/usr/sbin/nginx",     "-p", folder.string(), "-e", "stderr", "-c",
          folder / "nginx.conf", "-g", "daemon off;"};
}

command lighttpd(const fs::path& folder, int port, std::size_t) {
  std::ofstream(folder / "lighttpd.conf") << fmt::format(
      R"(server.document-root = "{0}/site"
server.bind = "127.0.0.1"
server.port = {1}
server.max-fds = 4096
server.max-keep-alive-requests = 0
server.stat-cache-engine = "simple"
mimetype.assign = ( "" => "application/octet-stream" )
)",
      folder.string(), port);
  return {"/usr/sbin/lighttpd", "-D", "-f", folder / "lighttpd.conf"};
}

std::optional<server_peer> peer_of(const testee_definition& testee) {
  if (!testee.server) return std::nullopt;
  return server_peer{
      testee.name,
      find_program(
          testee.expand(testee.server->command, {{"port", "0"}, {"root", "/"}, {"scratch", "/"}})
              .front()),
      false, [testee](const fs::path& folder, int port, std::size_t) {
        const std::map<std::string, std::string> places{
            {"port", std::to_string(port)}, {"root", folder / "site"}, {"scratch", folder}};
        for (const auto& [name, text] : testee.server->files) {
          std::ofstream(folder / name) << testee.expand(text, places);
        }
        return testee.expand(testee.server->command, places);
      }};
}

}  // namespace

std::vector<server_peer> server_peers() {
  const fs::path programs = ASSAY_PROGRAMS;
  std::vector<server_peer> peers{
      {"reference", programs / "epoll-server", false,
       [programs](const fs::path& folder, int port, std::size_t) -> command {
         return {programs / "epoll-server",
                 std::to_string(port),
                 "--root",
                 folder / "site",
                 "--host",
                 "127.0.0.1"};
       }},
      {"nginx", "/usr/sbin/nginx", false, nginx},
      {"lighttpd", "/usr/sbin/lighttpd", false, lighttpd},
      {"busybox httpd", "/usr/bin/busybox", true,
       [](const fs::path& folder, int port, std::size_t) -> command {
         return {"/usr/bin/busybox", "httpd", "-f", "-p", fmt::format("127.0.0.1:{}", port), "-h",
                 folder / "site"};
       }},
      {"Python http.server", "/usr/bin/python3", true,
       [](const fs::path& folder, int port, std::size_t) -> command {
         return {"/usr/bin/python3", "-m",        "http.server", std::to_string(port),
                 "--bind",           "127.0.0.1", "--directory", folder / "site"};
       }},
      {"floor fixed answer", programs / "bench" / "server-floor", false,
       [programs](const fs::path&, int port, std::size_t bytes) -> command {
         return {programs / "bench" / "server-floor", std::to_string(port), std::to_string(bytes)};
       }}};
  for (const auto& testee : named_testees()) {
    if (auto peer = peer_of(testee)) peers.insert(peers.end() - 1, std::move(*peer));
  }
  return peers;
}

}  // namespace assay::bench
