// The notes' menu program: sends and receives datagrams as lines of text ask it to.
//
//   ref::udp_socket socket;
//   socket.bind("127.0.0.1", 0);
//   ref::run_messenger(socket, std::cin, std::cout, std::cerr);
//
// Lines of input: "1", then a text, an address and a port, sends; "2" waits for one datagram and
// shows it; anything else is an error, as is an address or a port that is none. After an error it
// asks again: no input ends it but its end. Every prompt is flushed, so that it works over pipes.
// One thread; after a fork only one of the two may go on. Source: the notes, UDP; udp(7).
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "impl/net/udp_socket.h"

namespace ref {

/// What a terminal may be given of a text that came from anywhere: printable UTF-8 as it is, every
/// other byte and every control character as \xHH, a backslash doubled, so that each text has a
/// picture of its own.
std::string shown(std::string_view text);

/// A port in decimal digits, 1 to 65535, spaces around it allowed; throws std::invalid_argument,
/// which names what was typed.
int port_of(std::string_view text);

/// Until the input ends. Errors of sending and receiving are told on `err`; a failure of the
/// streams themselves ends it as the end of input does.
void run_messenger(udp_socket& socket, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace ref
