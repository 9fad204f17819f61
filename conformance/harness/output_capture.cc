#include "conformance/harness/output_capture.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace assay {

void bounded_text::append(std::string_view bytes) {
  const std::size_t room = std::min(part - std::min(part, first_.size()), bytes.size());
  first_.append(bytes.substr(0, room));
  last_.append(bytes.substr(room));
  if (last_.size() <= 2 * part) return;
  left_out_ += last_.size() - part;
  last_.erase(0, last_.size() - part);
}

std::string bounded_text::text() const {
  const std::size_t surplus = last_.size() - std::min(part, last_.size());
  const std::size_t left_out = left_out_ + surplus;
  if (left_out == 0) return first_ + last_;
  return first_ + fmt::format("\n… ({} bytes left out) …\n", left_out) + last_.substr(surplus);
}

output_capture::output_capture(int out, int err) {
  out_.descriptor = out;
  err_.descriptor = err;
  for (int each : {out, err}) ::fcntl(each, F_SETFL, O_NONBLOCK);
  stop_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  // Signals are for the thread that runs the tests.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

output_capture::~output_capture() {
  finish();
  ::close(stop_);
}

void output_capture::finish() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_, &one, sizeof one);
  thread_.join();
  for (stream* each : {&out_, &err_}) {
    if (each->descriptor >= 0) ::close(each->descriptor);
    each->descriptor = -1;
  }
}

std::string output_capture::out() const { return text_of(out_); }
std::string output_capture::err() const { return text_of(err_); }

std::string output_capture::text_of(stream& from) const {
  const std::lock_guard lock(mutex_);
  if (from.descriptor >= 0) read_available(from);
  return from.text.text();
}

// False at the end of the stream. The mutex is held: reading and keeping are one step.
bool output_capture::read_available(stream& from) {
  // A pipe holds at most a mebibyte: what came before the call is read, a flood after it is not.
  constexpr std::size_t most = 1 << 20;
  char chunk[65536];
  for (std::size_t total = 0; total < most;) {
    const ssize_t got = ::read(from.descriptor, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    total += static_cast<std::size_t>(got);
    from.text.append({chunk, static_cast<std::size_t>(got)});
  }
  return true;
}

void output_capture::run() {
  for (bool stopping = false; !stopping;) {
    pollfd polled[] = {
        {stop_, POLLIN, 0}, {out_.descriptor, POLLIN, 0}, {err_.descriptor, POLLIN, 0}};
    if (::poll(polled, 3, -1) < 0 && errno != EINTR) return;
    stopping = polled[0].revents != 0;
    const std::lock_guard lock(mutex_);
    for (stream* each : {&out_, &err_}) {
      if (each->descriptor < 0 || read_available(*each)) continue;
      ::close(each->descriptor);
      each->descriptor = -1;
    }
  }
}

}  // namespace assay
