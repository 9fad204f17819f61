#include <unistd.h>

#include <system_error>

#include "bench/peers/echo.h"
#include "bench/peers/echo_asio.h"
#include "bench/peers/echo_floor.h"
#include "bench/peers/echo_reference.h"
#include "impl/base/system_call.h"
#ifdef ASSAY_WITH_LIBUV
#include "bench/peers/echo_libuv.h"
#endif

namespace assay::bench {
namespace {

constexpr const char* python = "/usr/bin/python3";

bool imports(const char* library) {
  if (::access(python, X_OK) != 0) return false;
  const std::string command = std::string(python) + " -c 'import " + library + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

// CPython, and gevent where it is installed.
void add_python(std::vector<echo_server>& all, const std::string& kind) {
  const auto add = [&](const std::string& name, const std::string& library) {
    all.push_back({name, [library, kind](std::uint16_t port) {
                     const std::string number = std::to_string(port);
                     ::execl(python, python, ASSAY_ECHO_PYTHON, library.c_str(), kind.c_str(),
                             number.c_str(), nullptr);
                     ref::throw_system_error(errno, "execl", python);
                   }});
  };
  if (imports("sys")) add("CPython", "cpython");
  if (imports("gevent")) add("gevent", "gevent");
}

}  // namespace

std::vector<echo_server> udp_echo_servers() {
  std::vector<echo_server> all{{"reference", reference::udp_batches},
                               {"reference, one at a time", reference::udp_one_by_one},
                               {"Boost.Asio", asio_echo::udp},
#ifdef ASSAY_WITH_LIBUV
                               {"libuv", libuv_echo::udp},
#endif
                               {"floor recvmmsg and sendmmsg", floors::udp_batches},
                               {"floor blocking calls", floors::udp_blocking}};
  add_python(all, "udp");
  return all;
}

std::vector<echo_server> tcp_echo_servers() {
  std::vector<echo_server> all{{"reference green threads", reference::tcp_green},
                               {"Boost.Asio", asio_echo::tcp},
#ifdef ASSAY_WITH_LIBUV
                               {"libuv", libuv_echo::serve<libuv_echo::on_echo>},
#endif
                               {"floor epoll", floors::tcp_epoll}};
  add_python(all, "tcp");
  return all;
}

std::vector<echo_server> tcp_sink_servers() {
  std::vector<echo_server> all{{"reference", reference::tcp_sink},
                               {"Boost.Asio", asio_echo::sink},
#ifdef ASSAY_WITH_LIBUV
                               {"libuv", libuv_echo::serve<libuv_echo::on_sink>},
#endif
                               {"floor recv", floors::tcp_sink}};
  add_python(all, "sink");
  return all;
}

}  // namespace assay::bench
