#include "conformance/harness/lossy_wire.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

namespace assay {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int hundred = 100;
constexpr auto longest_hold = 10ms;
constexpr std::size_t largest_packet = 65536;

}  // namespace

lossy_wire::lossy_wire(const wire_faults& faults) : faults_(faults) {
  const auto all = {faults.lost, faults.doubled, faults.overtaken, faults.corrupted};
  int sum = 0;
  for (int each : all) {
    if (each < 0) throw std::invalid_argument("a wire cannot have less than no faults");
    sum += each;
  }
  if (sum > hundred) throw std::invalid_argument("a wire has more faults than packets");
  std::tie(near_, far_) = make_network_pair();
  for (int i : {0, 1}) {
    directions_[i].from = (i == 0 ? near_ : far_)->tun();
    directions_[i].to = (i == 0 ? far_ : near_)->tun();
    directions_[i].random.seed(faults.seed + static_cast<unsigned>(i));
  }
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  if (stop_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

lossy_wire::~lossy_wire() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t done = ::write(stop_, &one, sizeof one);
  thread_.join();
  ::close(stop_);
}

void lossy_wire::run() {
  std::vector<char> buffer(largest_packet);
  for (;;) {
    bool holds = false;
    for (const direction& each : directions_) holds = holds || each.held.has_value();
    pollfd polled[] = {
        {directions_[0].from, POLLIN, 0}, {directions_[1].from, POLLIN, 0}, {stop_, POLLIN, 0}};
    const int wait = holds ? static_cast<int>(longest_hold / 1ms) : -1;
    if (::poll(polled, 3, wait) < 0 && errno != EINTR) return;
    if (polled[2].revents != 0) return;
    const std::lock_guard lock(mutex_);
    for (direction& each : directions_) {
      // Where nothing follows the one that is held back it arrives late, but not out of order.
      if (each.held && clock::now() - each.held_since >= longest_hold) release(each);
      // In turns, so that neither direction waits for a flood from the other one.
      for (int i = 0; i < 16; ++i) {
        const ssize_t got = ::read(each.from, buffer.data(), buffer.size());
        if (got <= 0) break;
        std::string bytes(buffer.data(), static_cast<std::size_t>(got));
        take(each, bytes);
      }
    }
  }
}

void lossy_wire::take(direction& on, std::string& bytes) {
  const auto packet = read_packet(bytes);
  if (!packet) return;  // the kernel's own talk, as to multicast groups
  if (is_cut_) {
    ++lost_by_cut_;
    return;
  }
  if (packet->is_tcp && packet->is_opening) on.stream.open(packet->number);
  if (packet->payload.empty()) {
    pass(on, bytes, true);
  } else {
    ++on.counts.taken;
    apply(on, draw(on), *packet, bytes);
  }
}

lossy_wire::fault lossy_wire::draw(direction& on) const {
  if (on.deck.empty()) {
    on.deck.assign(hundred, fault::none);
    auto next = on.deck.begin();
    for (const auto& [count, what] : {std::pair(faults_.lost, fault::lost),
                                      {faults_.doubled, fault::doubled},
                                      {faults_.overtaken, fault::overtaken},
                                      {faults_.corrupted, fault::corrupted}}) {
      next = std::fill_n(next, count, what);
    }
    std::shuffle(on.deck.begin(), on.deck.end(), on.random);
  }
  const fault drawn = on.deck.back();
  on.deck.pop_back();
  return drawn;
}

void lossy_wire::apply(direction& on, fault what, const wire_packet& packet, std::string& bytes) {
  const std::size_t size = packet.payload.size();
  if ((what == fault::lost || what == fault::corrupted) && packet.is_tcp) {
    on.stream.damage(packet.number, size);
  }
  if (what == fault::lost) {
    ++on.counts.lost;
    return;
  }
  if (what == fault::overtaken && !on.held) {  // one at a time
    on.held = bytes;
    on.held_since = clock::now();
    return;
  }
  if (what == fault::corrupted) {
    ++on.counts.corrupted;
    const auto begin = static_cast<std::size_t>(packet.payload.data() - bytes.data());
    const std::size_t bit = on.random() % (size * 8);
    bytes[begin + bit / 8] = static_cast<char>(bytes[begin + bit / 8] ^ (1 << bit % 8));
  }
  if (what == fault::doubled) {
    ++on.counts.doubled;
    pass(on, bytes, true);
  }
  pass(on, bytes, what != fault::corrupted);
  if (release(on)) ++on.counts.overtaken;
}

void lossy_wire::pass(direction& on, const std::string& bytes, bool is_whole) {
  // An interface that is down takes nothing.
  if (::write(on.to, bytes.data(), bytes.size()) < 0) return;
  const auto packet = read_packet(bytes);
  if (!packet || packet->payload.empty()) return;
  ++on.counts.passed;
  if (!is_whole) return;
  if (packet->is_tcp) {
    on.stream.pass(packet->number, packet->payload.size());
  } else {
    on.datagrams.emplace_back(packet->payload);
  }
}

bool lossy_wire::release(direction& on) {
  if (!on.held) return false;
  pass(on, *std::exchange(on.held, std::nullopt), true);
  return true;
}

void lossy_wire::set_cut(bool cut) {
  const std::lock_guard lock(mutex_);
  is_cut_ = cut;
}

std::uint64_t lossy_wire::lost_by_cut() const {
  const std::lock_guard lock(mutex_);
  return lost_by_cut_;
}

wire_counts lossy_wire::counts(side from) const {
  const std::lock_guard lock(mutex_);
  const direction& on = directions_[from == side::near ? 0 : 1];
  wire_counts all = on.counts;
  all.repaired = on.stream.repaired();
  all.unrepaired = on.stream.unrepaired();
  return all;
}

std::vector<std::string> lossy_wire::datagrams(side from) const {
  const std::lock_guard lock(mutex_);
  return directions_[from == side::near ? 0 : 1].datagrams;
}

}  // namespace assay
