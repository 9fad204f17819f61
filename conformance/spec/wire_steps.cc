#include "conformance/spec/wire_steps.h"

#include <algorithm>

#include "conformance/harness/matchers.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

std::unique_ptr<lossy_wire> make_wire(const wire_faults& faults) {
  try {
    return std::make_unique<lossy_wire>(faults);
  } catch (const network_unavailable& error) {
    not_here(error.what());
  }
}

// Whether nothing is on its way or held back any more.
bool is_idle(const wire_counts& counts, std::size_t sent) {
  return counts.taken == sent && counts.taken + counts.doubled == counts.passed + counts.lost;
}

}  // namespace

wired::wired(const wire_faults& faults)
    : line_(make_wire(faults)),
      near_(&actor_in(line_->near(), "near")),
      far_(&actor_in(line_->far(), "far")) {}

wired_udp::wired_udp(wired& hosts)
    : hosts_(hosts), from_(hosts.near(), "sender"), to_(hosts.far(), "receiver") {
  from_.must("open");
  to_.must("open");
  to_.bind(0, hosts.line().far().address()).result();
  name_ = to_.local_name();
}

void wired_udp::exchange(int count) {
  constexpr std::size_t at_once = 20;  // far below what a socket has room for
  while (sent_.size() < static_cast<std::size_t>(count)) {
    std::vector<std::pair<std::string, json>> calls;
    for (std::size_t i = 0; i < at_once && sent_.size() < static_cast<std::size_t>(count); ++i) {
      // Different sizes, too: what is cut short or run together is none of them.
      const std::size_t padding = sent_.size() * 37 % 500;
      sent_.push_back(std::to_string(sent_.size()) + ":" + std::string(padding, 'x'));
      calls.push_back({"udp.send_to",
                       {{"socket", "sender"},
                        {"data", to_base64(sent_.back())},
                        {"host", name_.host},
                        {"port", name_.port}}});
    }
    const std::size_t first = sent_.size() - calls.size();
    const auto outcomes = hosts_.near().call_all(calls);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      EXPECT_THAT(outcomes[i], returned(sent_[first + i].size()));
    }
    ASSERT_TRUE(await([&] { return is_idle(hosts_.counts(), sent_.size()); }))
        << "the wire took " << hosts_.counts().taken << " of " << sent_.size() << " datagrams";
    receive_what_passed();
  }
  EXPECT_THAT(to_.receive(1ms), raised("TimedOut"));
}

void wired_udp::receive_what_passed() {
  const std::size_t passed = hosts_.line().datagrams(side::near).size();
  const std::pair<std::string, json> receive{"udp.receive_from",
                                             {{"socket", "receiver"}, {"timeout", 5}}};
  const std::vector calls(passed - received_.size(), receive);
  for (const outcome& each : hosts_.far().call_all(calls)) {
    received_.push_back(from_base64(each.result().at("data")));
  }
}

std::vector<int> wired_udp::numbers_of(const std::vector<std::string>& datagrams) const {
  std::vector<int> numbers;
  for (const std::string& each : datagrams) {
    const auto place = std::find(sent_.begin(), sent_.end(), each);
    numbers.push_back(place == sent_.end() ? -1 : static_cast<int>(place - sent_.begin()));
  }
  return numbers;
}

connection connected_over(wired& hosts) {
  const tcp listener(hosts.far(), "listener");
  listener.must("open");
  listener.bind(0, hosts.line().far().address()).result();
  listener.listen().result();
  const tcp client(hosts.near(), "client");
  client.must("open");
  client.connect(listener.local_name()).result();
  return {listener, client, listener.accept("served")};
}

void send_stream_over(wired& hosts, int bytes) {
  const connection made = connected_over(hosts);
  pending_call send = made.client.begin("send_stream", {{"bytes", bytes}, {"piece", 30'011}});
  const json expected = sum_of_stream(static_cast<std::size_t>(bytes));
  EXPECT_EQ(made.served.must("receive_stream", {{"limit", bytes}, {"piece", 65'537}}), expected);
  EXPECT_THAT(send.finish(), returned(expected));
}

}  // namespace assay
