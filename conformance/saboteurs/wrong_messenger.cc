// assay-wrong-messenger SLUG+NAME PORT: a messenger with one fault.
#include "conformance/saboteurs/wrong_messenger.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

#include "impl/base/utf8.h"
#include "impl/net/messenger.h"

namespace assay::saboteurs {
namespace {

std::string ascii_of(const std::string& text) {
  std::string ascii;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if ((byte & 0xc0) != 0x80) ascii += byte < 0x80 ? each : '?';
  }
  return ascii;
}

class program {
 public:
  explicit program(const wrong_messenger& how) : how_(how) {}

  int run(int port) {
    try {
      socket_.bind("127.0.0.1", port);
    } catch (const std::exception& error) {
      if (!how_.takes_another_port) {
        std::cerr << error.what() << std::endl;
        return 1;
      }
      socket_.bind("127.0.0.1", 0);
    }
    const std::string line(static_cast<std::size_t>(how_.asterisks), '*');
    std::cout << line << "\n1: send\n2: receive\n" << line << '\n';
    while (const auto choice = ask("number: ")) {
      if (choice->empty() && how_.ends_at_empty_line) break;
      if (how_.dies_of_words && choice->find_first_not_of("0123456789") != choice->npos) return 1;
      try {
        perform(*choice);
      } catch (const std::exception& error) {
        if (!how_.is_silent) std::cerr << error.what() << std::endl;
        if (how_.dies_of_errors) return 1;
      }
    }
    return how_.status_at_end;
  }

 private:
  std::optional<std::string> ask(const char* what) {
    std::string line;
    std::cout << what << std::flush;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }

  void perform(const std::string& choice) {
    if (choice == "1") {
      send();
    } else if (choice == "2") {
      receive();
    } else {
      throw std::invalid_argument("no such choice: " + choice);
    }
  }

  void send() {
    auto text = ask("text: ");
    auto host = ask("address: ");
    auto port = ask("port: ");
    if (!text || !host) return;
    if (!port && how_.completes_half_messages) port = last_port_;
    if (!port) return;
    auto to = ref::resolve(ref::family::inet, *host, ref::port_of(*port));
    last_port_ = *port;
    if (how_.sticks_to_first_peer && first_) to = *first_;
    first_ = to;
    if (text->empty() && how_.skips_empty_text) return;
    if (how_.sends_line_feed) *text += '\n';
    if (how_.sends_ascii) text = ascii_of(*text);
    if (how_.cuts_long_text) text->resize(std::min<std::size_t>(text->size(), 1000));
    ref::udp_socket another;
    (how_.sends_elsewhere_from ? another : socket_).send_to(*text, to);
  }

  void receive() {
    const auto at_once = ref::deadline::in(std::chrono::nanoseconds(0));
    const auto limit = static_cast<std::size_t>(how_.limit);
    if (how_.drops_what_came_before) {
      try {
        for (;;) socket_.receive_from(limit, at_once);
      } catch (const ref::timed_out&) {
      }
    }
    auto got = socket_.receive_from(limit, how_.does_not_wait ? at_once : ref::deadline::never());
    while (got.data.empty() && how_.overlooks_empty_datagrams) got = socket_.receive_from(limit);
    if (how_.dies_of_bytes && !ref::utf8::is_valid(got.data)) std::_Exit(1);
    if (how_.shows_ascii) got.data = ascii_of(got.data);
    std::cout << (how_.passes_controls_on ? got.data : ref::shown(got.data));
    if (!how_.hides_sender) std::cout << " from " << got.from.host() << ' ' << got.from.port();
    std::cout << std::endl;
  }

  const wrong_messenger& how_;
  ref::udp_socket socket_;
  std::optional<ref::socket_address> first_;
  std::string last_port_;
};

int start(const std::string& variant, int port) {
  wrong_messenger how;
  bool is_known = variant == "none";
  for (const auto& each : messenger_faults()) {
    if (std::string(each.requirement) + "+" + each.name != variant) continue;
    each.apply(how);
    is_known = true;
  }
  if (!is_known) {
    std::cerr << "assay-wrong-messenger: there is no fault '" << variant << "'\n";
    return 2;
  }
  if (how.hides_sigint) ::signal(SIGINT, [](int) { ::_exit(0); });
  return program(how).run(port);
}

}  // namespace
}  // namespace assay::saboteurs

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: assay-wrong-messenger SLUG+NAME PORT\n";
    return 2;
  }
  return assay::saboteurs::start(argv[1], std::atoi(argv[2]));
}
