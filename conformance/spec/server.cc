// A server as a process: its start and end, and what the kernel says of it.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>

#include "conformance/harness/actor.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/harness/server_testee.h"
#include "conformance/spec/probe.h"

namespace assay {
namespace {

bool has_epoll(pid_t pid) {
  const auto open = proc::descriptors(pid);
  return std::find(open.begin(), open.end(), "anon_inode:[eventpoll]") != open.end();
}

REQUIREMENT(server_start, usage_line, may,
            "without a port the program prints how to call it and ends with status 0",
            covers("SRV-01"), notes("web static server")) {
  const auto end = run_server_program({}, 2s);
  ASSERT_TRUE(end) << "it runs on";
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_FALSE((end->out + end->err).empty()) << "it says nothing";
}

REQUIREMENT(server_start, bad_port_refused, should,
            "a port that is no number from 0 to 65535 ends the program with an error",
            covers("SRV-02"), notes("web static server")) {
  for (const char* port : {"abc", "70000", "-1", ""}) {
    const auto end = run_server_program({port}, 2s);
    ASSERT_TRUE(end) << "it runs on with port " << port;
    EXPECT_NE(end->exit_code.value_or(-1), 0) << "port " << port;
  }
}

REQUIREMENT(server_start, banner_names_the_port, may, "at its start it prints its port",
            covers("SRV-03", "SRV-33"), notes("web static server")) {
  auto own = start_server();
  get(own, "/a.txt");
  own.stop(SIGTERM, 2s);
  EXPECT_NE((own.out() + own.err()).find(std::to_string(own.port())), std::string::npos)
      << own.out() << own.err();
}

REQUIREMENT(server_process, restarts_at_once, must,
            "a new instance takes over the port at once, though old connections wait in TIME_WAIT",
            covers("SRV-04"), man("socket(7)")) {
  auto first = start_server();
  auto client = first.connect();
  client.send(get_request("/a.txt"));
  EXPECT_EQ(client.read_response().status, 200);
  first.stop(SIGKILL, 2s);
  auto second = start_server({.port = first.port()});
  EXPECT_EQ(get(second, "/a.txt").status, 200);
}

REQUIREMENT(server_process, ends_on_sigterm, must,
            "SIGTERM ends it within two seconds, open connections or not, and frees the port",
            man("signal(7)")) {
  auto own = start_server();
  auto idle = own.connect();
  idle.send(get_request("/a.txt"));
  EXPECT_EQ(idle.read_response().status, 200);
  EXPECT_TRUE(own.stop(SIGTERM, 2s)) << "it still runs";
  EXPECT_THROW(own.connect(), std::exception) << "the port is still open";
}

REQUIREMENT(server_process, one_process_one_thread, may,
            "one process with one thread serves many connections", covers("SRV-23", "SRV-31"),
            notes("web static server")) {
  std::vector<http_connection> clients;
  while (clients.size() < 20) clients.push_back(connect_in_turn());
  expect_served();
  ASSERT_EQ(server().pids().size(), 1u);
  ASSERT_EQ(proc::threads(server().pid()).size(), 1u);
  while (clients.size() < 200) clients.push_back(connect_in_turn());
  for (std::size_t i = 0; i < clients.size(); i += 4) {
    clients[i].send(get_request("/a.txt"));
    EXPECT_EQ(clients[i].read_response().status, 200);
  }
  EXPECT_EQ(server().pids().size(), 1u);
  EXPECT_EQ(proc::threads(server().pid()).size(), 1u);
}

REQUIREMENT(server_process, waits_in_epoll, may,
            "it holds an epoll descriptor and answers new and old connections by it",
            covers("SRV-24", "SRV-25", "SRV-26"), man("epoll(7)")) {
  expect_served();
  const auto pids = server().pids();
  EXPECT_TRUE(std::any_of(pids.begin(), pids.end(), has_epoll));
}

REQUIREMENT(server_process, shares_no_memory_with_the_kernel, may,
            "no epoll descriptor is mapped into its memory", covers("SRV-29"), man("epoll(7)"),
            erratum("The notes say that epoll shares memory with the kernel; mmap of an epoll "
                    "descriptor is ENODEV, and events are copied out by each call.")) {
  expect_served();
  const auto pids = server().pids();
  ASSERT_TRUE(std::any_of(pids.begin(), pids.end(), has_epoll)) << "there is no epoll descriptor";
  for (const pid_t pid : pids) {
    std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
    for (std::string line; std::getline(maps, line);) {
      EXPECT_EQ(line.find("eventpoll"), std::string::npos) << line;
    }
  }
}

REQUIREMENT(server_process, idle_connections_cost_nothing, should,
            "with 500 idle connections it takes no processor time while nothing comes, and the "
            "requests of another cost what they did before",
            covers("SRV-30"), man("epoll(7)")) {
  const auto cost_of_requests = [] {
    const auto before = server_cpu_time();
    // A server may close after each response, or after a number of them.
    auto client = server().connect();
    for (int i = 0; i < 200; ++i) {
      client.send(get_request("/a.txt", "Connection: keep-alive\r\n"));
      if (closes(client.read_response())) client = connect_in_turn();
    }
    return server_cpu_time() - before;
  };
  const auto alone = cost_of_requests();
  const auto idle = connect_many(server(), 500);
  expect_served();
  expect_idle();
  EXPECT_LE(cost_of_requests(), 4 * alone + scaled(100ms));
}

REQUIREMENT(server_process, leaks_no_descriptor, must,
            "after 300 connections that came and went it holds no more descriptors than before",
            covers("SRV-10"), man("close(2)"),
            erratum("The notes' server closes before it unregisters, and since Python 3.9 dies of "
                    "it at the first client that leaves.")) {
  expect_served();
  const auto before = proc::descriptors(server().pid()).size();
  for (int i = 0; i < 300; ++i) {
    auto client = server().connect();
    if (i % 2 == 0) client.send(get_request("/a.txt"));
    if (i % 2 == 0) client.read_response();
  }
  expect_served();
  const auto now = [] { return proc::descriptors(server().pid()).size(); };
  // The last ones are closed a moment after the client's own end.
  await([&] { return now() <= before + 8; });
  EXPECT_LE(now(), before + 8);
}

}  // namespace
}  // namespace assay
