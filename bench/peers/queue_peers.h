// Other ways to pass 64-byte messages between processes, behind the one interface that the queue
// benchmarks use: `put(const char*)` and `get(char*)`, both blocking, inherited by fork.
#pragma once

#include <mqueue.h>
#include <sys/mman.h>
#include <unistd.h>

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdio>
#include <string>
#include <string_view>

#include "impl/base/file_descriptor.h"
#include "impl/base/system_call.h"
#include "impl/queue/queue.h"

namespace assay::bench {

inline constexpr std::size_t message_bytes = 64;

/// A name for objects that live in a name space of the whole machine.
inline std::string unique_name(std::string_view kind) {
  static int counter = 0;
  return "/assay-" + std::string(kind) + "-" + std::to_string(::getpid()) + "-" +
         std::to_string(++counter);
}

class reference_queue {
 public:
  explicit reference_queue(std::size_t bound) : queue_(static_cast<std::int64_t>(bound)) {}
  void put(const char* message) { queue_.put(std::string_view(message, message_bytes)); }
  void get(char* message) {
    queue_.try_get_into(item_, ref::deadline::never());
    item_.copy(message, message_bytes);
  }

 private:
  ref::queue queue_;
  std::string item_;
};

class boost_message_queue {
 public:
  explicit boost_message_queue(std::size_t bound)
      : name_(unique_name("boost").substr(1)),
        queue_(boost::interprocess::create_only, name_.c_str(), bound, message_bytes) {
    // Forked processes share the mapping; the name is not needed any more.
    boost::interprocess::message_queue::remove(name_.c_str());
  }
  void put(const char* message) { queue_.send(message, message_bytes, 0); }
  void get(char* message) {
    boost::interprocess::message_queue::size_type received = 0;
    unsigned priority = 0;
    queue_.receive(message, message_bytes, received, priority);
  }

 private:
  std::string name_;
  boost::interprocess::message_queue queue_;
};

/// Messages of 64 bytes are written and read whole: less than PIPE_BUF. The bound is the pipe's
/// capacity, which is set to hold `bound` of them.
class pipe_channel {
 public:
  explicit pipe_channel(std::size_t bound) {
    int ends[2];
    ref::check(::pipe2(ends, O_CLOEXEC), "pipe2");
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    ref::check(::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(bound * message_bytes)),
               "fcntl F_SETPIPE_SZ");
  }
  void put(const char* message) {
    ref::check(::write(write_end_.get(), message, message_bytes), "write");
  }
  void get(char* message) {
    std::size_t have = 0;
    while (have < message_bytes) {
      have += static_cast<std::size_t>(
          ref::check(::read(read_end_.get(), message + have, message_bytes - have), "read"));
    }
  }

 private:
  ref::file_descriptor read_end_;
  ref::file_descriptor write_end_;
};

/// The bound is what the system allows an ordinary user, if that is less (10 by default).
class posix_message_queue {
 public:
  explicit posix_message_queue(std::size_t bound) {
    const std::string name = unique_name("mqueue");
    for (const std::size_t most : {bound, allowed()}) {
      mq_attr attributes{};
      attributes.mq_maxmsg = static_cast<long>(most);
      attributes.mq_msgsize = message_bytes;
      queue_ = ::mq_open(name.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
      if (queue_ != -1) break;
    }
    ref::check(queue_, "mq_open", name);
    ::mq_unlink(name.c_str());
  }
  ~posix_message_queue() { ::mq_close(queue_); }
  posix_message_queue(const posix_message_queue&) = delete;
  posix_message_queue& operator=(const posix_message_queue&) = delete;
  void put(const char* message) {
    ref::check(::mq_send(queue_, message, message_bytes, 0), "mq_send");
  }
  void get(char* message) {
    ref::check(::mq_receive(queue_, message, message_bytes, nullptr), "mq_receive");
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
};

}  // namespace assay::bench
