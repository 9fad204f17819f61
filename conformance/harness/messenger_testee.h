// A messenger under test: a menu program over UDP, met by its lines of text and its datagrams.
//
//   udp_peer peer;
//   messenger_process messenger = start_messenger();
//   messenger.type("1\nhello\n127.0.0.1\n" + std::to_string(peer.port()) + "\n");
//   EXPECT_EQ(peer.receive(messenger).data, "hello");
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/server_testee.h"

namespace assay {

class messenger_process;

/// A UDP socket of the test's own, at a port of 127.0.0.1 that the kernel picked.
class udp_peer {
 public:
  struct datagram {
    std::string data;
    std::uint16_t from = 0;  ///< the sender's port
  };

  udp_peer();
  ~udp_peer();
  udp_peer(const udp_peer&) = delete;
  udp_peer& operator=(const udp_peer&) = delete;

  std::uint16_t port() const { return port_; }
  void send(std::string_view data, std::uint16_t to) const;
  /// The next datagram. The test fails when `from_it` will send none
  /// (`messenger_process::await`).
  datagram receive(const messenger_process& from_it) const;
  /// Whether one is there now.
  bool has_datagram() const;

 private:
  int descriptor_ = -1;
  std::uint16_t port_ = 0;
};

/// A messenger that runs. Owns the program and all its descendants.
class messenger_process {
 public:
  struct impl;
  explicit messenger_process(std::unique_ptr<impl> state);
  messenger_process(messenger_process&&) noexcept;
  ~messenger_process();

  pid_t pid() const;
  /// Where it receives, as the kernel has it. Ends the test when it has no socket in time.
  std::uint16_t port() const;
  /// What it has written to standard output and standard error so far.
  std::string out() const;
  std::string err() const;
  std::string said() const { return out() + err(); }
  /// Waits until the condition holds; false when it does not within `call_timeout()`, when the
  /// program has ended, or when it has slept for a second (scaled) and nothing woke it.
  bool await(const std::function<bool()>& condition) const;
  /// Waits until it has said this; false as `await`.
  bool await_said(std::string_view text) const;
  /// Waits until it has taken all that was typed and sleeps; false when that does not come, as when
  /// it has ended.
  bool await_asleep() const;
  bool is_running() const;
  void type(std::string_view text) const;
  void end_input();
  void signal(int number) const;
  /// Waits for its end; the test ends as a hang when that does not come within `call_timeout()`.
  ending finish();

 private:
  std::unique_ptr<impl> impl_;
};

/// Starts `[messenger] command` of the testee, its input open, at this port; 0: one that is free.
messenger_process start_messenger(const std::string& port = "0");

}  // namespace assay
