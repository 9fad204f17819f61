#include "impl/net/messenger.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "impl/base/utf8.h"

namespace ref {
namespace {

constexpr int last_port = 65535;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r";
  const auto first = text.find_first_not_of(spaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

// How many bytes from here are one code point; 0 when these bytes are no UTF-8.
std::size_t code_point_at(std::string_view text) {
  for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
    if (utf8::is_valid(text.substr(0, size))) return size;
  }
  return 0;
}

// C0 and C1, DEL, line and paragraph separators, and what turns the direction of text.
bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c ||
         (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

void append_escaped(std::string& to, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    to += "\\x";
    to += digits[byte >> 4];
    to += digits[byte & 15];
  }
}

class messenger {
 public:
  messenger(udp_socket& socket, std::istream& in, std::ostream& out, std::ostream& err)
      : socket_(socket), in_(in), out_(out), err_(err) {}

  void run() {
    const std::string line(30, '*');
    out_ << line << "\n1: send a message\n2: receive a message\n" << line << '\n';
    while (const auto choice = ask("number: ")) {
      try {
        perform(trimmed(*choice));
      } catch (const std::exception& error) {
        err_ << "error: " << error.what() << std::endl;
      }
    }
    out_ << std::endl;
  }

 private:
  std::optional<std::string> ask(std::string_view what) {
    std::string line;
    out_ << what << std::flush;
    if (!out_ || !std::getline(in_, line)) return std::nullopt;
    return line;
  }

  void perform(std::string_view choice) {
    if (choice == "1") {
      send();
    } else if (choice == "2") {
      receive();
    } else {
      throw std::invalid_argument("there is no function \"" + shown(choice) +
                                  "\"; 1 sends and 2 receives");
    }
  }

  // All three are asked for, in the notes' order, before any of them is judged.
  void send() {
    const auto text = ask("message: ");
    const auto host = text ? ask("address: ") : std::nullopt;
    const auto port = host ? ask("port: ") : std::nullopt;
    if (!port) return;
    const std::string address(trimmed(*host));
    if (address.empty()) throw std::invalid_argument("there is no address to send to");
    const auto to = resolve(socket_.address_family(), address, port_of(*port));
    const std::size_t sent = socket_.send_to(*text, to);
    out_ << "sent " << sent << " bytes to " << to.host() << " port " << to.port() << std::endl;
  }

  void receive() {
    const datagram got = socket_.receive_from();
    out_ << "from " << got.from.host() << " port " << got.from.port() << ": " << shown(got.data)
         << std::endl;
  }

  udp_socket& socket_;
  std::istream& in_;
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace

std::string shown(std::string_view text) {
  std::string picture;
  while (!text.empty()) {
    const std::size_t size = code_point_at(text);
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(size, 1));
    if (bytes == "\\") {
      picture += "\\\\";
    } else if (size == 0 || is_control(utf8::decode(bytes)[0])) {
      append_escaped(picture, bytes);
    } else {
      picture += bytes;
    }
    text.remove_prefix(bytes.size());
  }
  return picture;
}

int port_of(std::string_view text) {
  const std::string_view digits = trimmed(text);
  int port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc() || end != digits.data() + digits.size() || port < 1 ||
      port > last_port) {
    throw std::invalid_argument("\"" + shown(text) + "\" is no port; one is 1 to 65535");
  }
  return port;
}

void run_messenger(udp_socket& socket, std::istream& in, std::ostream& out, std::ostream& err) {
  messenger(socket, in, out, err).run();
}

}  // namespace ref
