// POSIX message queues (mq_overview(7)) as a testee: an unlinked queue whose descriptor children
// inherit. Attributes are those that any user may ask for: at most 10 messages of at most 8192
// bytes, where /proc/sys/fs/mqueue stands as the kernel sets it.
#include <fcntl.h>
#include <mqueue.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "conformance/testees/queue_ops.h"

namespace {

using assay::testees::patience;
using namespace std::chrono_literals;

constexpr long most_messages = 10;
constexpr long most_bytes = 8192;

[[noreturn]] void fail(const char* call) {
  if (errno == EBADF) throw assay::sdk::raised("Closed", "the descriptor is closed");
  throw std::system_error(errno, std::generic_category(), call);
}

// These calls count their time by the clock that can be set.
timespec end_of(std::chrono::nanoseconds how_long) {
  timespec end{};
  ::clock_gettime(CLOCK_REALTIME, &end);
  const auto total = std::chrono::nanoseconds(end.tv_nsec) + how_long % 1s;
  end.tv_sec += static_cast<time_t>(how_long / 1s + total / 1s);
  end.tv_nsec = static_cast<long>((total % 1s).count());
  return end;
}

class queue : public assay::testees::byte_queue {
 public:
  explicit queue(std::int64_t maxsize) {
    static int count = 0;
    const std::string name = "/assay-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    mq_attr wanted{};
    wanted.mq_maxmsg = maxsize > 0 ? maxsize : most_messages;
    wanted.mq_msgsize = most_bytes;
    descriptor_ = ::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &wanted);
    if (descriptor_ < 0) fail("mq_open");
    ::mq_unlink(name.c_str());
  }
  ~queue() override { static_cast<void>(::mq_close(descriptor_)); }

  bool put(std::string_view item, patience how_long) override {
    const auto once = [&] {
      if (!how_long) return ::mq_send(descriptor_, item.data(), item.size(), 0);
      const timespec end = end_of(*how_long);
      return ::mq_timedsend(descriptor_, item.data(), item.size(), 0, &end);
    };
    if (once() == 0) return true;
    if (errno == ETIMEDOUT) return false;
    fail("mq_send");
  }

  std::optional<std::string> get(patience how_long) override {
    std::string item(most_bytes, '\0');
    const auto once = [&] {
      if (!how_long) return ::mq_receive(descriptor_, item.data(), item.size(), nullptr);
      const timespec end = end_of(*how_long);
      return ::mq_timedreceive(descriptor_, item.data(), item.size(), nullptr, &end);
    };
    const ssize_t size = once();
    if (size < 0 && errno == ETIMEDOUT) return std::nullopt;
    if (size < 0) fail("mq_receive");
    item.resize(static_cast<std::size_t>(size));
    return item;
  }

  std::int64_t size() override { return attributes().mq_curmsgs; }
  std::int64_t capacity() override { return attributes().mq_maxmsg; }
  void close() override {
    if (::mq_close(std::exchange(descriptor_, -1)) != 0) fail("mq_close");
  }

 private:
  mq_attr attributes() const {
    mq_attr known{};
    if (::mq_getattr(descriptor_, &known) != 0) fail("mq_getattr");
    return known;
  }

  mqd_t descriptor_;
};

std::string kernel_release() {
  utsname system{};
  ::uname(&system);
  return std::string(system.sysname) + " " + system.release;
}

}  // namespace

int main() {
  assay::sdk::adapter adapter{"POSIX mqueue", kernel_release(), "C"};
  // What needs more than the attributes: no limit, fifty messages, larger ones.
  adapter.supports({
      "queue",
      "-queue.open/unbounded-by-default",
      "-queue.open/zero-is-unbounded",
      "-queue.open/negative-is-unbounded",
      "-queue.size/unbounded-is-never-full",
      "-queue.items/sixteen-mebibytes-pass",
      "-queue.process/large-items-pass",
      "-queue.process/producer-may-end-before-its-items-are-read",
      "-queue.many/producers-keep-their-order",
      "-queue.many/producers-lose-nothing",
      "-queue.death/consumer-killed-in-the-middle-of-get",
      "-queue.death/producer-killed-in-the-middle-of-put",
      "-queue.death/an-item-outlives-its-producer",
  });
  assay::testees::add_queue_ops_of<queue>(adapter);
  return adapter.run();
}
