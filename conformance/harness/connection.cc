#include "conformance/harness/connection.h"

#include <fmt/core.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "conformance/harness/patience.h"
#include "conformance/harness/proc.h"
#include "conformance/protocol/type.h"

namespace assay {
namespace {

std::string seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.3g} s", std::chrono::duration<double>(time).count());
}

}  // namespace

actor::impl::impl(const connection_context& its_context, int socket, line_reader reader)
    : context(its_context), descriptor(socket), reader_(std::move(reader)) {}

actor::impl::~impl() { hang_up(); }

void actor::impl::hang_up() {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
  ended_ = true;
}

void actor::impl::fail(const char* verdict, const std::string& message) {
  broken = true;
  context.log.add(name, "!", fmt::format("{}: {}", verdict, message));
  throw testee_failure(verdict, message);
}

void actor::impl::fail_crashed() {
  const std::string during =
      waiting.empty() ? std::string("between two ops") : "during " + waiting.front().op;
  const std::string ending = context.ending_of(pid);
  if (ending.empty()) {
    fail("malformed reply",
         fmt::format("actor {} closed its connection {} and its process goes on", name, during));
  }
  fail("crash", fmt::format("actor {} {} {}{}", name, ending, during, context.last_words()));
}

void actor::impl::fail_hung(const std::string& what, std::chrono::nanoseconds after) {
  const auto state = proc::state(pid, tid);
  const std::string channel = proc::wait_channel(pid, tid);
  const std::string seen = !state ? std::string("its thread is gone")
                                  : fmt::format("its thread is in state {}{}", *state,
                                                channel.empty() ? "" : " in " + channel);
  fail("hang", fmt::format("actor {}: {} within {}; {}{}", name, what, seconds(after), seen,
                           context.last_words()));
}

std::int64_t actor::impl::enqueue(std::string_view op, const json& params) {
  if (killed) throw std::logic_error(fmt::format("the spec calls actor {}, which it killed", name));
  if (broken || descriptor < 0) {
    throw testee_failure("fail", fmt::format("actor {} is no longer there for {}", name, op));
  }
  if (const auto why = context.rules.check_params(op, params)) throw std::logic_error(*why);
  std::string text;
  append_json(text, params);
  context.log.add(name, ">",
                  fmt::format("{} {}", op, clip(std::string_view(text), transcript::line_bytes)));
  if (written_ == outgoing_.size()) {
    outgoing_.clear();
    written_ = 0;
  }
  outgoing_ += fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":)", ++last_id_, op);
  outgoing_ += text;
  outgoing_ += "}\n";
  if (op == "actor.exit" || op == "actor.raise") exiting = true;
  waiting.push_back({last_id_, std::string(op), clock::now()});
  return last_id_;
}

// How long to wait for an actor: some time from the last byte that moved, because a long line takes
// many turns where processors are short; and not for ever, because a line may also dribble.
class actor::impl::line_patience {
 public:
  line_patience(const impl& with, std::chrono::nanoseconds timeout)
      : with_(with), timeout_(timeout), moved_(with.moved_), line_(timeout), all_(4 * timeout) {}

  bool is_over() {
    if (with_.moved_ != moved_) {
      moved_ = with_.moved_;
      line_ = patience(timeout_);
    }
    const bool all_is_over = all_.is_over();
    return line_.is_over() || all_is_over;
  }
  clock::time_point next_look() const { return std::min(line_.next_look(), all_.next_look()); }
  std::chrono::nanoseconds waited() const { return all_.waited(); }
  std::chrono::nanoseconds starved() { return all_.starved(); }

 private:
  const impl& with_;
  const std::chrono::nanoseconds timeout_;
  std::uint64_t moved_;
  patience line_;  // since the last byte
  patience all_;
};

void actor::impl::read_available() {
  const auto before = reader_.buffered();
  const auto status = reader_.fill();
  moved_ += reader_.buffered() - before;
  if (status == read_status::end) ended_ = true;
  take_lines();
}

void actor::impl::count_sent(ssize_t bytes) {
  written_ += static_cast<std::size_t>(bytes);
  moved_ += static_cast<std::uint64_t>(bytes);
}

void actor::impl::step(clock::time_point deadline) {
  const bool writes = written_ < outgoing_.size();
  pollfd polled{descriptor, static_cast<short>(POLLIN | (writes ? POLLOUT : 0)), 0};
  const auto left = deadline - clock::now();
  const timespec time{
      .tv_sec = std::max<std::int64_t>(0, left / std::chrono::seconds(1)),
      .tv_nsec = std::max<std::int64_t>(0, (left % std::chrono::seconds(1)).count())};
  if (::ppoll(&polled, 1, &time, nullptr) <= 0) return;
  if (writes && (polled.revents & POLLOUT) != 0) {
    const ssize_t sent = ::send(descriptor, outgoing_.data() + written_,
                                outgoing_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) count_sent(sent);
    // The other side is gone: what it still said can be read, then comes the end of file.
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) written_ = outgoing_.size();
  }
  if ((polled.revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_available();
}

void actor::impl::flush() {
  line_patience left(*this, call_timeout());
  while (written_ < outgoing_.size() && !ended_) {
    // Most requests fit into the socket at once.
    const ssize_t sent = ::send(descriptor, outgoing_.data() + written_,
                                outgoing_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      count_sent(sent);
    } else {
      if (left.is_over())
        fail_hung("does not read the request " + waiting.back().op, left.waited());
      step(left.next_look());
    }
  }
}

void actor::impl::take_lines() {
  std::string_view line;
  for (;;) {
    const auto status = reader_.next_line(line);
    if (status == read_status::none) return;
    if (status == read_status::too_long) {
      const std::string start(reader_.peek().substr(0, 100));
      fail("malformed reply",
           fmt::format("actor {} sends a line longer than {} bytes, which starts: {}", name,
                       context.rules.line_limit(), clip(std::string_view(start), 80)));
    }
    json reply;
    try {
      reply = parse_line(line, context.rules.nesting_limit());
    } catch (const malformed_line& error) {
      fail("malformed reply",
           fmt::format("actor {}: {}: {}", name, error.what(), escape_bytes(line, 200)));
    }
    if (waiting.empty()) {
      fail("malformed reply",
           fmt::format("actor {} says something that nobody asked for: {}", name, clip(line, 200)));
    }
    const request asked = waiting.front();
    ready.push_back(check_reply(reply, asked));
    waiting.pop_front();
    // Long results are shown as they came, because making text of them again takes time.
    context.log.add(name, "<", line.size() < 4096 ? ready.back().describe() : line);
  }
}

outcome actor::impl::check_reply(json& reply, const request& asked) {
  const auto now = clock::now();
  const auto elapsed = now - std::max(asked.sent, last_reply_);
  last_reply_ = now;
  const auto malformed = [&](const std::string& what) {
    fail("malformed reply", fmt::format("actor {}, in reply to {}: {}; got {}", name, asked.op,
                                        what, clip(reply, 300)));
  };
  if (!reply.is_object()) malformed("expected an object");
  const auto version = reply.find("jsonrpc");
  if (version == reply.end() || *version != "2.0") malformed("expected \"jsonrpc\": \"2.0\"");
  const auto id = reply.find("id");
  // Of numbers, 1.0 is equal to 1, and no integer.
  if (id == reply.end() || !id->is_number_integer() || *id != asked.id) {
    malformed(fmt::format("expected the id {}", asked.id));
  }
  const auto result = reply.find("result");
  const auto error = reply.find("error");
  if ((result == reply.end()) == (error == reply.end())) {
    malformed("expected either a result or an error");
  }
  if (error != reply.end()) return check_error(*error, asked, elapsed);
  if (const auto why = context.rules.check_result(asked.op, *result)) {
    fail("malformed reply", fmt::format("actor {}: {}", name, *why));
  }
  return outcome::of_result(std::move(*result), elapsed);
}

outcome actor::impl::check_error(const json& error, const request& asked,
                                 std::chrono::nanoseconds elapsed) {
  const auto malformed = [&](const std::string& what) {
    fail("malformed reply", fmt::format("actor {}, in reply to {}: {}; got {}", name, asked.op,
                                        what, clip(error, 300)));
  };
  if (!error.is_object() || !error.contains("code") || !error["code"].is_number_integer() ||
      !error.contains("message") || !error["message"].is_string()) {
    malformed("expected an error with an integer code and a message");
  }
  const auto code = error["code"].get<std::int64_t>();
  if (code == static_cast<int>(rpc_error::unknown_method)) {
    fail("fail", fmt::format("the testee lacks the op {}; what needs it does not belong into "
                             "`supports`",
                             asked.op));
  }
  if (code == static_cast<int>(rpc_error::bad_params)) {
    malformed("it refuses parameters that fit the protocol");
  }
  if (code != static_cast<int>(rpc_error::raised)) {
    malformed("expected the code -32000, -32601 or -32602");
  }
  const json data = error.value("data", json());
  if (const auto why = context.rules.check_error(asked.op, data)) malformed(*why);
  return outcome::of_error(data, elapsed);
}

outcome actor::impl::receive(std::chrono::nanoseconds timeout) {
  line_patience left(*this, timeout);
  while (ready.empty()) {
    if (broken) throw testee_failure("fail", fmt::format("actor {} is no longer there", name));
    if (ended_) fail_crashed();
    if (left.is_over()) fail_hung("no reply to " + waiting.front().op, left.waited());
    step(left.next_look());
  }
  outcome first = std::move(ready.front());
  ready.pop_front();
  first.set_starved(left.starved());
  return first;
}

bool actor::impl::poll_reply() {
  if (ready.empty() && !ended_ && !broken) read_available();
  return !ready.empty();
}

bool actor::impl::is_blocked() {
  // Equal counters in so many looks in a row: the thread has not run in between.
  constexpr int looks = 3;
  // One that uses the processor for so long, and neither replies nor sleeps, waits by spinning.
  const auto spinning = scaled(500ms);
  const auto used_before = proc::cpu_time(pid, tid);
  const auto start = clock::now();
  patience left(call_timeout());
  int unchanged = 0;
  bool always_asleep = true;
  std::uint64_t last = 0;
  for (;;) {
    if (poll_reply()) return false;
    if (ended_) fail_crashed();
    int unread = 0;
    const bool was_read = ::ioctl(descriptor, SIOCOUTQ, &unread) == 0 && unread == 0;
    const char state = proc::state(pid, tid).value_or('X');
    const bool sleeps = was_read && (state == 'S' || state == 'D');
    const std::uint64_t switches = proc::context_switches(pid, tid);
    unchanged = sleeps && switches == last ? unchanged + 1 : 0;
    if (was_read && !sleeps) always_asleep = false;
    last = switches;
    const auto since = clock::now() - start;
    // One that wakes now and then to look again waits, too, if it is never found running.
    const bool waits = always_asleep && sleeps && since > scaled(300ms);
    if (unchanged >= looks || waits) return !poll_reply();
    if (const auto used = proc::cpu_time(pid, tid) - used_before; used > spinning && !sleeps) {
      fail("fail",
           fmt::format("{} spins: it has used the processor for {} ms where it should sleep",
                       waiting.front().op, used / 1ms));
    }
    if (left.is_over()) {
      fail_hung(waiting.front().op + " neither replies nor sleeps", left.waited());
    }
    step(clock::now() + 1ms);
  }
}

}  // namespace assay
