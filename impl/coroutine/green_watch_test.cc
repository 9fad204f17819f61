#include "impl/coroutine/green_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace ref {
namespace {

using namespace std::chrono_literals;

class green_watch_test : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0);
  }
  void TearDown() override {
    for (const int each : ends_) {
      if (each >= 0) ::close(each);
    }
  }
  void send(const std::string& text) {
    ASSERT_EQ(::send(ends_[1], text.data(), text.size(), 0), ssize_t(text.size()));
  }
  void close_other_end() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }
  // Everything up to the end of the stream; counts how often it had to wait.
  std::string read_all(green_watch& watch, int& waits) {
    std::string all;
    for (;;) {
      char some[16];
      const ssize_t got = ::recv(ends_[0], some, sizeof some, 0);
      if (got == 0) return all;
      if (got > 0) {
        all.append(some, static_cast<std::size_t>(got));
      } else {
        EXPECT_EQ(errno, EAGAIN);
        ++waits;
        watch.wait(POLLIN);
      }
    }
  }
  int ends_[2] = {-1, -1};
};

TEST_F(green_watch_test, lets_others_run_until_something_comes) {
  std::string got;
  int waits = 0;
  const auto reader = green::spawn([&] {
    green_watch watch(ends_[0]);
    got = read_all(watch, waits);
    return std::any();
  });
  const auto writer = green::spawn([&] {
    for (int i = 0; i < 50; ++i) {
      send(std::to_string(i % 10));
      green::yield();
    }
    close_other_end();
    return std::any();
  });
  reader->join();
  writer->join();
  EXPECT_EQ(got.size(), 50u);
  EXPECT_GT(waits, 0);
}

TEST_F(green_watch_test, remembers_what_happened_while_nobody_waited) {
  const auto one = green::spawn([&] {
    green_watch watch(ends_[0]);
    char byte = 0;
    EXPECT_FALSE(watch.wait(POLLIN, 1ms));
    send("x");
    green::sleep(1ms);  // the hub looks at its descriptors
    EXPECT_TRUE(watch.wait(POLLIN, 5s));
    EXPECT_EQ(::recv(ends_[0], &byte, 1, 0), 1);
    EXPECT_FALSE(watch.wait(POLLIN, 1ms)) << "one event was told twice";
    return std::any();
  });
  one->get();
}

TEST_F(green_watch_test, reader_and_writer_wait_at_once) {
  const std::string much(1 << 20, 'm');
  std::string got;
  const auto both = green::spawn([&] {
    green_watch watch(ends_[0]);
    const auto writer = green::spawn([&] {
      std::size_t sent = 0;
      while (sent < much.size()) {
        const ssize_t some = ::send(ends_[0], much.data() + sent, much.size() - sent, 0);
        if (some > 0) sent += static_cast<std::size_t>(some);
        if (some < 0) watch.wait(POLLOUT);
      }
      ::shutdown(ends_[0], SHUT_WR);
      return std::any();
    });
    int waits = 0;
    EXPECT_EQ(read_all(watch, waits), "done");
    writer->join();
    return std::any();
  });
  const auto other = green::spawn([&] {
    green_watch watch(ends_[1]);
    std::string some(4096, '\0');
    for (;;) {
      const ssize_t size = ::recv(ends_[1], some.data(), some.size(), 0);
      if (size == 0) break;
      if (size < 0) {
        watch.wait(POLLIN);
      } else {
        got.append(some.data(), static_cast<std::size_t>(size));
      }
    }
    send("done");
    ::shutdown(ends_[1], SHUT_WR);
    return std::any();
  });
  both->get();
  other->get();
  EXPECT_EQ(got, much);
}

TEST_F(green_watch_test, a_hang_up_stays) {
  const auto one = green::spawn([&] {
    green_watch watch(ends_[0]);
    close_other_end();
    EXPECT_TRUE(watch.wait(POLLIN, 5s));
    EXPECT_TRUE(watch.wait(POLLIN, 5s));
    return std::any();
  });
  one->get();
}

TEST_F(green_watch_test, who_is_killed_waits_no_more) {
  const auto waits = green::spawn([&] {
    green_watch watch(ends_[0]);
    watch.wait(POLLIN);
    return std::any();
  });
  green::yield();
  waits->kill();
  EXPECT_TRUE(waits->join(5s));
  EXPECT_THROW(green_queue().get(), green_stuck) << "somebody still counts as waiting";
}

TEST_F(green_watch_test, of_a_file_on_a_disk_is_refused) {
  const int file = ::open("/proc/self/exe", O_RDONLY);
  EXPECT_THROW(green_watch{file}, std::system_error);
  ::close(file);
}

}  // namespace
}  // namespace ref
