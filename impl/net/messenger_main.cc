// udp-messenger [PORT]: sends and receives datagrams from a menu.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "impl/net/messenger.h"

int main(int argc, char** argv) {
  constexpr int wrong_use = 2;
  CLI::App app{"Sends and receives text in UDP datagrams, from a menu."};
  app.name("udp-messenger");
  app.footer("Status: 0 the input has ended, 1 the port cannot be had, 2 wrong use.");
  int port = 65500;
  std::string host = "0.0.0.0";
  app.add_option("PORT", port, "port to receive at (default 65500); 0: one that is free")
      ->check(CLI::Range(0, 65535));
  app.add_option("--bind", host, "address to receive at, of IPv4 or IPv6 (default 0.0.0.0)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : wrong_use;
  }
  try {
    const bool is_ipv6 = host.find(':') != host.npos;
    ref::udp_socket socket(is_ipv6 ? ref::family::inet6 : ref::family::inet);
    socket.bind(host, port);
    const auto here = socket.local_name();
    std::cout << "at " << here.host() << " port " << here.port() << '\n';
    ref::run_messenger(socket, std::cin, std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "udp-messenger: " << host << " port " << port << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}
