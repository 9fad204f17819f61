// Network namespaces: two hosts in one machine, each with an interface whose packets this program
// carries (network_namespaces(7), tun.c of the kernel's documentation).
//
//   const auto [near, far] = make_network_pair();   // 10.77.0.1 and 10.77.0.2
//   launch_options options;
//   options.network = near.get();                    // the program's sockets belong to it
//   ::read(near->tun(), packet, sizeof packet);      // what it sends, as IP packets
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace assay {

/// This machine has no network namespaces for us, or no TUN devices. The message says what was
/// tried and what the kernel answered.
class network_unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One namespace with its loopback interface and a point-to-point one, both up. Owns descriptors
/// alone: the kernel takes the namespace away once these are closed and its processes have ended.
class network_namespace {
 public:
  /// Takes the descriptors over. `user` is -1 when the namespace belongs to assay's own user
  /// namespace.
  network_namespace(int user, int network, int control, int tun, std::string address);
  ~network_namespace();
  network_namespace(const network_namespace&) = delete;
  network_namespace& operator=(const network_namespace&) = delete;

  const std::string& address() const { return address_; }
  /// Reads give what is sent through the interface, one IP packet each; writes arrive at it. Does
  /// not block.
  int tun() const { return tun_; }
  /// Takes the interface down or up again. Throws std::system_error.
  void set_up(bool up) const;
  /// Moves the calling process, which must have one thread, into it. Async-signal-safe, as what
  /// runs between fork and exec has to be. False with errno set when the kernel refuses.
  bool enter() const;

 private:
  int user_;
  int network_;
  int control_;
  int tun_;
  std::string address_;
};

using network_pair =
    std::pair<std::shared_ptr<network_namespace>, std::shared_ptr<network_namespace>>;

/// Makes two namespaces on one network, 10.77.0.1/30 and 10.77.0.2/30. Needs root or a kernel that
/// lets anybody make user namespaces, and /dev/net/tun. Throws network_unavailable.
network_pair make_network_pair();

}  // namespace assay
