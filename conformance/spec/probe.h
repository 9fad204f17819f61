// Probes of a server: tables of requests and of what a server may do with them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/server_testee.h"

namespace assay {

/// Sends the running requirement's rows of fixtures/http/probe_<table>.jsonl, all at the same time
/// and each on a connection of its own, and judges what comes back.
void check_probes(const std::string& table);

/// A whole GET of HTTP/1.1 with these further field lines.
std::string get_request(const std::string& target, const std::string& fields = "");

/// GET on a connection of its own.
http_response get(const server_process& from, const std::string& target,
                  const std::string& fields = "");
http_response get(const std::string& target, const std::string& fields = "");

/// Whether the response says that the connection ends with it.
bool closes(const http_response& response);

/// What the server's document root holds.
std::string site_file(const std::string& name);

/// A connection to the shared server that waits its turn: servers with the shortest backlogs (five
/// in Python's socketserver) drop a client that comes among many, and the kernel asks again after a
/// whole second. For requirements that are about something else.
http_connection connect_in_turn();

/// That many connections at once, each of which sends these bytes first. Throws http_failure when
/// they take longer than 5 s (scaled): a full backlog lets each client wait for a second or more.
std::vector<http_connection> connect_many(const server_process& to, int count,
                                          std::string_view first_bytes = {});

/// Fails unless the shared server answers a new client now.
void expect_served();

/// Processor time of the shared server, its descendants included.
std::chrono::nanoseconds server_cpu_time();

/// Fails when the shared server, which nothing is sent to for 300 ms, takes half of that or more of
/// processor time.
void expect_idle();

}  // namespace assay
