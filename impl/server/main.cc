// epoll-server PORT: serves the files below a folder.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <vector>

#include "impl/server/server.h"

namespace {

ref::server::server* running = nullptr;
std::vector<pid_t> workers;

void on_stop_signal(int) {
  const int saved = errno;
  if (running != nullptr) running->stop();
  for (pid_t each : workers) ::kill(each, SIGTERM);
  errno = saved;
}

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

// As many clients as the machine allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void print_banner(const ref::server::options& chosen, std::uint16_t port) {
  std::cout << "listening on " << chosen.host << ":" << port << std::endl;
}

// Signals to stop wait until there is a server to stop.
class signals_held {
 public:
  signals_held() {
    sigset_t stops;
    ::sigemptyset(&stops);
    ::sigaddset(&stops, SIGTERM);
    ::sigaddset(&stops, SIGINT);
    ::sigprocmask(SIG_BLOCK, &stops, &before_);
  }
  ~signals_held() { release(); }
  signals_held(const signals_held&) = delete;
  signals_held& operator=(const signals_held&) = delete;
  void release() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

// Runs in the child; does not return to the caller's loop.
[[noreturn]] void run_worker(const ref::server::options& chosen, pid_t parent, signals_held& held) {
  workers.clear();
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) std::_Exit(1);
  ref::server::server mine(chosen);
  running = &mine;
  held.release();
  mine.run();
  running = nullptr;
  std::_Exit(0);
}

// The first process binds the port, also one that the kernel picks, and is a worker like the
// others.
int serve(ref::server::options chosen, int worker_count) {
  signals_held held;
  handle_signals();
  chosen.shares_port = worker_count > 1;
  auto server = std::make_unique<ref::server::server>(chosen);
  chosen.port = server->port();
  print_banner(chosen, chosen.port);
  const pid_t parent = ::getpid();
  for (int i = 1; i < worker_count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      server.reset();
      run_worker(chosen, parent, held);
    }
    if (pid > 0) workers.push_back(pid);
  }
  running = server.get();
  held.release();
  server->run();
  running = nullptr;
  for (pid_t each : workers) {
    ::kill(each, SIGTERM);
    while (::waitpid(each, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Serves the files below a folder over HTTP/1.1, in one thread with epoll."};
  app.name("epoll-server");
  ref::server::options chosen;
  int port = 0;
  int worker_count = 1;
  int header_timeout = 10;
  int idle_timeout = 60;
  app.add_option("PORT", port, "TCP port; 0: the kernel picks one")
      ->required()
      ->check(CLI::Range(0, 65535));
  app.add_option("--root", chosen.root, "folder to serve (default html)");
  app.add_option("--host", chosen.host, "address to listen at (default 0.0.0.0)");
  app.add_option("--workers", worker_count, "processes that share the port (default 1)")
      ->check(CLI::Range(1, 256));
  app.add_option("--header-timeout", header_timeout, "seconds for a request to come (default 10)")
      ->check(CLI::Range(1, 86400));
  app.add_option("--idle-timeout", idle_timeout, "seconds between requests (default 60)")
      ->check(CLI::Range(1, 86400));
  app.add_option("--body-limit", chosen.body_limit, "bytes of a request's body (default 1 MiB)");
  app.add_option("--connections", chosen.connection_limit,
                 "clients at once (default: what the limit of descriptors allows)");
  if (argc == 1) {
    // As the notes' server does.
    std::cout << "please input format run 'epoll-server 8888' (--help lists the options)\n";
    return 0;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  chosen.port = static_cast<std::uint16_t>(port);
  chosen.header_timeout = std::chrono::seconds(header_timeout);
  chosen.idle_timeout = std::chrono::seconds(idle_timeout);
  try {
    raise_descriptor_limit();
    return serve(chosen, worker_count);
  } catch (const std::exception& error) {
    std::cerr << "epoll-server: " << error.what() << "\n";
    return 1;
  }
}
