// A testee for the harness's own test: assay-fake ENDING misbehaves in exactly one way. It speaks
// the protocol with raw strings, because a proper SDK would not let it do the most of this.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::string ending;

bool is(std::string_view name) { return ending == name; }

[[noreturn]] void sleep_for_ever() {
  for (;;) ::pause();
}

int connect_to_assay() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", std::getenv("ASSAY_SOCKET"));
  const int connection = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("connect");
    std::exit(9);
  }
  return connection;
}

void say(int connection, const std::string& text) {
  for (std::string_view left = text; !left.empty();) {
    const ssize_t sent = ::send(connection, left.data(), left.size(), MSG_NOSIGNAL);
    if (sent <= 0) std::exit(0);
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void say_hello(int connection, const std::string& actor) {
  const int pid = is("lies about its pid") ? 1 : ::getpid();
  const char* protocol = is("speaks another version") ? "99" : "1";
  std::string hello = R"({"jsonrpc":"2.0","method":"hello","params":{"protocol":)" +
                      std::string(protocol) + R"(,"actor":")" + actor + R"(","pid":)" +
                      std::to_string(pid) + R"(,"tid":)" + std::to_string(::getpid());
  if (actor == "main") {
    hello += R"(,"implementation":{"name":"fake","version":"1","language":"C++"})";
    hello += R"(,"supports":["queue"])";
  }
  say(connection, hello + "}}\n");
}

// The text behind `key` up to one of the characters that end it.
std::string value_of(const std::string& line, const std::string& key) {
  const auto start = line.find(key) + key.size();
  return line.substr(start, line.find_first_of(",}\"", start) - start);
}

void flood(std::FILE* out) {
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) std::fwrite(block.data(), 1, block.size(), out);
  std::fflush(out);
}

// A process that no longer has anything to do with its group, its session or its parent.
void leave_daemon() {
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      ::signal(SIGTERM, SIG_IGN);
      sleep_for_ever();
    }
    ::_exit(0);
  }
  ::wait(nullptr);
}

void serve(int connection);

void start_process(int connection, const std::string& actor) {
  if (::fork() == 0) {
    ::close(connection);
    const int own = connect_to_assay();
    say_hello(own, actor);
    serve(own);
    ::_exit(0);
  }
}

void before_reply(int connection) {
  if (is("dies by a signal")) ::raise(SIGSEGV);
  if (is("exits with a code")) ::_exit(7);
  if (is("hangs in a call")) sleep_for_ever();
  if (is("spins in a call")) {
    for (std::atomic<int> never = 0; never == 0;) {
    }
  }
  if (is("floods its output")) {
    flood(stdout);
    flood(stderr);
  }
  if (is("leaves an orphan")) leave_daemon();
  if (is("hangs up")) {
    ::close(connection);
    sleep_for_ever();
  }
  // White space before a reply is no fault, but it must come to an end.
  for (int i = 0; is("dribbles") || (is("replies in pieces") && i < 12); ++i) {
    say(connection, " ");
    ::poll(nullptr, 0, 50);
  }
  if (is("sends an endless line")) {
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 1024; ++i) say(connection, block);
  }
}

std::string reply_to(const std::string& line) {
  const std::string id = value_of(line, "\"id\":");
  const std::string start = R"({"jsonrpc":"2.0","id":)" + id + ",";
  if (is("replies with no JSON")) return R"({"jsonrpc":)";
  if (is("replies with no UTF-8")) return start + "\"result\":\"\xff\"}";
  if (is("nests deeply")) return std::string(100000, '[');
  if (is("replies to the wrong id")) return R"({"jsonrpc":"2.0","id":4711,"result":3})";
  if (is("replies to a fraction")) return R"({"jsonrpc":"2.0","id":)" + id + R"(.0,"result":3})";
  if (is("replies with the wrong type")) return start + R"("result":"three"})";
  if (is("raises an unknown error")) {
    return start + R"("error":{"code":-32000,"message":"m","data":{"type":"Odd","message":"m"}}})";
  }
  if (is("lacks an op")) return start + R"("error":{"code":-32601,"message":"no such method"}})";
  if (is("raises Empty")) {
    return start +
           R"("error":{"code":-32000,"message":"m","data":{"type":"Empty","message":"m"}}})";
  }
  if (is("fails")) return start + R"("result":4})";
  return start + R"("result":3})";
}

void serve(int connection) {
  std::string buffer;
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::recv(connection, chunk, sizeof chunk, 0);
    if (got <= 0) {
      if (is("ignores the end")) sleep_for_ever();
      if (is("dies at the end")) ::raise(SIGABRT);
      if (is("fails at the end")) ::_exit(23);
      return;
    }
    buffer.append(chunk, static_cast<std::size_t>(got));
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
      const std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      const std::string method = value_of(line, "\"method\":\"");
      const std::string id = value_of(line, "\"id\":");
      if (method == "process.start") {
        start_process(connection, value_of(line, "\"actor\":\""));
        say(connection, R"({"jsonrpc":"2.0","id":)" + id + ",\"result\":null}\n");
        continue;
      }
      if (method == "queue.get") sleep_for_ever();  // nothing ever comes
      if (method == "queue.put") {
        say(connection, R"({"jsonrpc":"2.0","id":)" + id + ",\"result\":null}\n");
        continue;
      }
      before_reply(connection);
      say(connection, reply_to(line) + "\n");
      if (is("dies between calls")) ::raise(SIGKILL);
      if (is("talks unasked")) say(connection, reply_to(line) + "\n");
    }
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: assay-fake ENDING\n", stderr);
    return 2;
  }
  ending = arguments[1];
  if (is("exits before hello")) {
    std::fputs("cannot find my library\n", stderr);
    return 3;
  }
  if (is("never connects")) sleep_for_ever();
  if (is("ignores the end")) ::signal(SIGTERM, SIG_IGN);
  const int connection = connect_to_assay();
  if (is("hangs before hello")) sleep_for_ever();
  if (is("connects again and again")) {
    for (int i = 0; i < 100; ++i) connect_to_assay();
    sleep_for_ever();
  }
  if (is("says no hello")) say(connection, "hello, world\n");
  say_hello(connection, "main");
  serve(connection);
  return 0;
}
