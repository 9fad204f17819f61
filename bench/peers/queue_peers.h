// Other ways to pass messages between processes, behind the one interface that the queue benchmarks
// use: `put(std::string_view)` and `std::string_view get()`, both blocking, inherited by fork. All
// messages have the size that is given at first; what `get` returns holds until the next one.
#pragma once

#include <mqueue.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"
#include "impl/queue/queue.h"

namespace assay::bench {

/// A name for objects that live in a name space of the whole machine.
inline std::string unique_name(std::string_view kind) {
  static int counter = 0;
  return "/assay-" + std::string(kind) + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(++counter);
}

class reference_queue {
 public:
  reference_queue(std::size_t bound, std::size_t) : queue_(static_cast<std::int64_t>(bound)) {}
  void put(std::string_view message) { queue_.put(message); }
  std::string_view get() {
    queue_.try_get_into(item_, ref::deadline::never());
    return item_;
  }

 private:
  ref::queue queue_;
  std::string item_;
};

class boost_message_queue {
 public:
  boost_message_queue(std::size_t bound, std::size_t bytes)
      : name_(unique_name("boost").substr(1)),
        queue_(boost::interprocess::create_only, name_.c_str(), bound, bytes),
        message_(bytes, '\0') {
    // Forked processes share the mapping; the name is not needed any more.
    boost::interprocess::message_queue::remove(name_.c_str());
  }
  void put(std::string_view message) { queue_.send(message.data(), message.size(), 0); }
  std::string_view get() {
    boost::interprocess::message_queue::size_type received = 0;
    unsigned priority = 0;
    queue_.receive(message_.data(), message_.size(), received, priority);
    return {message_.data(), received};
  }

 private:
  std::string name_;
  boost::interprocess::message_queue queue_;
  std::string message_;
};

/// The bound is the pipe's capacity, which is set to hold `bound` messages, or as many as one may
/// have. Messages of at most PIPE_BUF bytes are written and read whole; longer ones of several
/// writers would be mixed.
class pipe_channel {
 public:
  pipe_channel(std::size_t bound, std::size_t bytes) : message_(bytes, '\0') {
    int ends[2];
    ref::check(::pipe2(ends, O_CLOEXEC), "pipe2");
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    constexpr std::size_t allowed = 1 << 20;
    ref::check(::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(std::min(bound * bytes, allowed))),
               "fcntl F_SETPIPE_SZ");
  }
  void put(std::string_view message) {
    while (!message.empty()) {
      message.remove_prefix(static_cast<std::size_t>(
          ref::check(::write(write_end_.get(), message.data(), message.size()), "write")));
    }
  }
  std::string_view get() {
    for (std::size_t have = 0; have < message_.size();) {
      have += static_cast<std::size_t>(ref::check(
          ::read(read_end_.get(), message_.data() + have, message_.size() - have), "read"));
    }
    return message_;
  }

 private:
  ref::file_descriptor read_end_;
  ref::file_descriptor write_end_;
  std::string message_;
};

/// The bound is what the system allows an ordinary user, if that is less (10 by default).
class posix_message_queue {
 public:
  posix_message_queue(std::size_t bound, std::size_t bytes) : message_(bytes, '\0') {
    const std::string name = unique_name("mqueue");
    for (const std::size_t most : {bound, allowed()}) {
      mq_attr attributes{};
      attributes.mq_maxmsg = static_cast<long>(most);
      attributes.mq_msgsize = static_cast<long>(bytes);
      queue_ = ::mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
      if (queue_ != -1) break;
    }
    ref::check(queue_, "mq_open", name);
    ::mq_unlink(name.c_str());
  }
  ~posix_message_queue() { ::mq_close(queue_); }
  posix_message_queue(const posix_message_queue&) = delete;
  posix_message_queue& operator=(const posix_message_queue&) = delete;
  void put(std::string_view message) {
    ref::check(::mq_send(queue_, message.data(), message.size(), 0), "mq_send");
  }
  std::string_view get() {
    ref::check(::mq_receive(queue_, message_.data(), message_.size(), nullptr), "mq_receive");
    return message_;
  }

 private:
  static std::size_t allowed() {
    std::size_t most = 10;
    if (std::FILE* file = std::fopen("/proc/sys/fs/mqueue/msg_max", "r")) {
      if (std::fscanf(file, "%zu", &most) != 1) most = 10;
      std::fclose(file);
    }
    return most;
  }
  mqd_t queue_ = -1;
  std::string message_;
};

}  // namespace assay::bench
