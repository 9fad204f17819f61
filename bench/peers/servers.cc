#include "bench/peers/servers.h"

#include <fmt/core.h>
#include <sys/resource.h>

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
events {{ worker_connections 12000; }}
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

// It counts the requests of a connection in sixteen bits.
command lighttpd_by(const char* method, const fs::path& folder, int port) {
  std::ofstream(folder / "lighttpd.conf") << fmt::format(
      R"(server.document-root = "{0}/site"
server.bind = "127.0.0.1"
server.port = {1}
server.max-fds = 24000
server.max-connections = 12000
server.max-keep-alive-requests = 65535
server.event-handler = "{2}"
server.max-keep-alive-idle = 75
server.stat-cache-engine = "simple"
mimetype.assign = ( "" => "application/octet-stream" )
)",
      folder.string(), port, method);
  return {"/usr/sbin/lighttpd", "-D", "-f", folder / "lighttpd.conf"};
}

command lighttpd(const fs::path& folder, int port, std::size_t) {
  return lighttpd_by("linux-sysepoll", folder, port);
}

command lighttpd_with_poll(const fs::path& folder, int port, std::size_t) {
  return lighttpd_by("poll", folder, port);
}

command h2o(const fs::path& folder, int port, std::size_t) {
  std::ofstream(folder / "h2o.conf") << fmt::format(
      R"(listen: {{ host: 127.0.0.1, port: {1} }}
num-threads: 1
max-connections: 12000
hosts:
  default:
    paths:
      /: {{ file.dir: {0}/site }}
)",
      folder.string(), port);
  return {"/usr/bin/h2o", "-c", folder / "h2o.conf"};
}

// It keeps half of its descriptors for files.
std::size_t most_of_lighttpd() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_max) / 2;
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

server_peer reference() {
  const fs::path program = fs::path(ASSAY_PROGRAMS) / "epoll-server";
  return {"reference", program, false,
          [program](const fs::path& folder, int port, std::size_t) -> command {
            return {program,  std::to_string(port), "--root", folder / "site",
                    "--host", "127.0.0.1"};
          }};
}

server_peer floor_of(const char* name, bool by_sendfile) {
  const fs::path program = fs::path(ASSAY_PROGRAMS) / "bench" / "server-floor";
  return {name, program, false,
          [=](const fs::path& folder, int port, std::size_t bytes) -> command {
            command made{program, std::to_string(port), std::to_string(bytes)};
            if (by_sendfile) made.push_back(fs::directory_iterator(folder / "site")->path());
            return made;
          }};
}

}  // namespace

std::vector<server_peer> server_peers() {
  std::vector<server_peer> peers{
      reference(),
      {"nginx", "/usr/sbin/nginx", false, nginx},
      {"h2o", "/usr/bin/h2o", false, h2o},
      {"lighttpd", "/usr/sbin/lighttpd", false, lighttpd, most_of_lighttpd()},
      {"busybox httpd", "/usr/bin/busybox", true,
       [](const fs::path& folder, int port, std::size_t) -> command {
         return {"/usr/bin/busybox", "httpd", "-f", "-p", fmt::format("127.0.0.1:{}", port), "-h",
                 folder / "site"};
       }},
      {"Python http.server", "/usr/bin/python3", true,
       [](const fs::path& folder, int port, std::size_t) -> command {
         return {"/usr/bin/python3", "-m",        "http.server", std::to_string(port),
                 "--bind",           "127.0.0.1", "--directory", folder / "site"};
       }}};
  for (const auto& testee : named_testees()) {
    if (auto peer = peer_of(testee)) peers.push_back(std::move(*peer));
  }
  peers.push_back(floor_of("floor fixed answer", false));
  peers.push_back(floor_of("floor sendfile", true));
  return peers;
}

server_peer peer_with_poll() {
  return {"lighttpd with poll(2)", "/usr/sbin/lighttpd", false, lighttpd_with_poll,
          most_of_lighttpd()};
}

}  // namespace assay::bench
