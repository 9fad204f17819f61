// Boost.Interprocess's message_queue as a testee. It has a greatest number of messages and a
// greatest size of each, both given when it is made, and takes the memory for all of them at once.
#include <unistd.h>

#include <boost/date_time/posix_time/posix_time_types.hpp>
#include <boost/interprocess/ipc/message_queue.hpp>

#include "conformance/testees/boost_version.h"
#include "conformance/testees/queue_ops.h"

namespace {

namespace ipc = boost::interprocess;
namespace pt = boost::posix_time;
using assay::testees::patience;

constexpr std::size_t messages_without_a_limit = 64;
constexpr std::size_t most_bytes = 256 << 10;

pt::ptime end_of(std::chrono::nanoseconds how_long) {
  return pt::microsec_clock::universal_time() +
         pt::microseconds(std::chrono::ceil<std::chrono::microseconds>(how_long).count() + 1);
}

// Named shared memory, removed once it is mapped: children inherit the mapping.
class queue : public assay::testees::byte_queue {
 public:
  explicit queue(std::int64_t maxsize)
      : queue_(ipc::create_only, new_name(),
               maxsize > 0 ? static_cast<std::size_t>(maxsize) : messages_without_a_limit,
               most_bytes) {
    ipc::message_queue::remove(new_name_.c_str());
  }

  bool put(std::string_view item, patience how_long) override {
    if (!how_long) {
      queue_.send(item.data(), item.size(), 0);
      return true;
    }
    if (how_long->count() == 0) return queue_.try_send(item.data(), item.size(), 0);
    return queue_.timed_send(item.data(), item.size(), 0, end_of(*how_long));
  }

  std::optional<std::string> get(patience how_long) override {
    std::string item(most_bytes, '\0');
    std::size_t size = 0;
    unsigned priority = 0;
    if (!how_long) {
      queue_.receive(item.data(), item.size(), size, priority);
    } else if (how_long->count() == 0
                   ? !queue_.try_receive(item.data(), item.size(), size, priority)
                   : !queue_.timed_receive(item.data(), item.size(), size, priority,
                                           end_of(*how_long))) {
      return std::nullopt;
    }
    item.resize(size);
    return item;
  }

  std::int64_t size() override { return static_cast<std::int64_t>(queue_.get_num_msg()); }
  std::int64_t capacity() override { return static_cast<std::int64_t>(queue_.get_max_msg()); }

 private:
  const char* new_name() {
    static int count = 0;
    new_name_ = "assay-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
    return new_name_.c_str();
  }

  std::string new_name_;
  ipc::message_queue queue_;
};

}  // namespace

int main() {
  assay::sdk::adapter adapter{"Boost.Interprocess message_queue", assay::testees::boost_version(),
                              "C++"};
  // Nothing is closed but by its destructor, and both limits are part of what it is. Whoever is
  // killed with the mutex in hand leaves it "not recoverable": whether a test of that meets it is
  // chance.
  adapter.supports({
      "queue",
      "-queue.close",
      "-queue.open/unbounded-by-default",
      "-queue.open/zero-is-unbounded",
      "-queue.open/negative-is-unbounded",
      "-queue.size/unbounded-is-never-full",
      "-queue.items/sixteen-mebibytes-pass",
      "-queue.process/large-items-pass",
      "-queue.process/producer-may-end-before-its-items-are-read",
      "-queue.death/consumer-killed-in-the-middle-of-get",
      "-queue.death/producer-killed-in-the-middle-of-put",
      "-queue.death/an-item-outlives-its-producer",
  });
  assay::testees::add_queue_ops_of<queue>(adapter);
  return adapter.run();
}
