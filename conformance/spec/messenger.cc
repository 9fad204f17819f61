// Area messenger: the notes' menu program, met by what is typed, what it says and its datagrams.
//
// Typed are lines: "1", a text, an address and a port, in this order, to send; "2" to receive.
// What it says may be in any language and on either output; what is judged is that an error is
// said at all, that it goes on, and what passes over the network.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "conformance/harness/actor.h"
#include "conformance/harness/messenger_testee.h"
#include "conformance/harness/requirement.h"

namespace assay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

source example() { return notes("UDP"); }

std::string lines_to(const std::string& text, const std::string& host, const std::string& port) {
  return "1\n" + text + "\n" + host + "\n" + port + "\n";
}

std::string lines_to(const std::string& text, const udp_peer& peer) {
  return lines_to(text, "127.0.0.1", std::to_string(peer.port()));
}

// One that has said its first words and waits for what is typed.
messenger_process ready_messenger() {
  auto messenger = start_messenger();
  messenger.port();
  EXPECT_TRUE(messenger.await([&] { return !messenger.said().empty(); }))
      << "it says nothing at the start";
  EXPECT_TRUE(messenger.await_asleep()) << messenger.said();
  return messenger;
}

// Sends "still here" as the next thing that the peer gets: nothing came before, and it goes on.
void expect_goes_on(const messenger_process& messenger, const udp_peer& peer) {
  messenger.type(lines_to("still here", peer));
  EXPECT_EQ(peer.receive(messenger).data, "still here");
}

// What it says to these lines more than to lines that are right, beyond the prompts.
void expect_error_and_goes_on(const std::string& lines) {
  const udp_peer peer;
  const auto messenger = ready_messenger();
  const std::string prompt = messenger.out().substr(messenger.out().rfind('\n') + 1);
  messenger.type(lines);
  ASSERT_TRUE(messenger.await_asleep()) << "it has ended: " << messenger.said();
  std::string last = messenger.out();
  ASSERT_TRUE(last.ends_with(prompt)) << "it does not ask again: " << last;
  last.resize(last.size() - prompt.size());
  const bool says_more = !messenger.err().empty() || last.ends_with('\n');
  EXPECT_TRUE(says_more) << "no error is told: " << messenger.said();
  expect_goes_on(messenger, peer);
}

// ---- the menu -----------------------------------------------------------------------------------

REQUIREMENT(messenger_menu, thirty_asterisks, may,
            "the menu is a line of thirty asterisks, a line for 1, a line for 2 and the asterisks "
            "again",
            covers("UDP-21"), example()) {
  const auto messenger = ready_messenger();
  const std::string asterisks = std::string(30, '*') + "\n";
  const std::string out = "\n" + messenger.out();
  const auto begin = out.find("\n" + asterisks);
  ASSERT_NE(begin, std::string::npos) << out;
  EXPECT_THAT(out.substr(begin + 1 + asterisks.size()),
              ::testing::MatchesRegex("[^\n]*1[^\n]*\n[^\n]*2[^\n]*\n[*]{30}\n(.|\n)*"));
}

REQUIREMENT(messenger_menu, unknown_choice_asks_again, must,
            "anything but 1 and 2 is answered by an error message, and it asks again",
            covers("UDP-21"), example()) {
  expect_error_and_goes_on("9\n");
}

REQUIREMENT(messenger_menu, word_for_a_number, must,
            "a word where a number is asked for is a wrong choice like any other", covers("UDP-21"),
            example()) {
  expect_error_and_goes_on("send\n");
}

REQUIREMENT(messenger_menu, empty_line_asks_again, should, "so is an empty line", covers("UDP-21"),
            example()) {
  expect_error_and_goes_on("\n");
}

// ---- sending ------------------------------------------------------------------------------------

REQUIREMENT(messenger_send, text_as_typed, must,
            "1 sends the text that is typed, without the end of its line, to the address and port "
            "that are typed",
            covers("UDP-21"), example()) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  messenger.type(lines_to("a text of several words", peer));
  EXPECT_EQ(peer.receive(messenger).data, "a text of several words");
}

REQUIREMENT(messenger_send, utf8, must, "text beyond ASCII is sent in UTF-8", covers("UDP-21"),
            example()) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  messenger.type(lines_to("你好, wörld \xf0\x9f\x98\x80", peer));
  EXPECT_EQ(peer.receive(messenger).data, "你好, wörld \xf0\x9f\x98\x80");
}

REQUIREMENT(messenger_send, from_its_own_port, must,
            "the sender's port is the one at which it receives: an answer finds it",
            covers("UDP-21"), example()) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  messenger.type(lines_to("a", peer));
  EXPECT_EQ(peer.receive(messenger).from, messenger.port());
}

REQUIREMENT(messenger_send, empty_text, should, "an empty text is an empty datagram",
            man("udp(7)")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  messenger.type(lines_to("", peer));
  EXPECT_EQ(peer.receive(messenger).data, "");
}

REQUIREMENT(messenger_send, several_in_turn, must, "it can send again and again, to several peers",
            covers("UDP-21"), example()) {
  const udp_peer one;
  const udp_peer other;
  const auto messenger = start_messenger();
  messenger.type(lines_to("1", one) + lines_to("2", other) + lines_to("3", one));
  EXPECT_EQ(one.receive(messenger).data, "1");
  EXPECT_EQ(other.receive(messenger).data, "2");
  EXPECT_EQ(one.receive(messenger).data, "3");
}

constexpr const char* dies_of_it =
    "The notes convert and send without a guard: the program ends with a traceback and status 1.";

REQUIREMENT(messenger_send, port_is_no_number, must,
            "a port that is no number is answered by an error message, and it goes on",
            covers("UDP-22"), example(), erratum(dies_of_it)) {
  expect_error_and_goes_on(lines_to("lost", "127.0.0.1", "abc"));
}

REQUIREMENT(messenger_send, port_out_of_range, must, "so is one beyond 65535", covers("UDP-22"),
            man("ip(7)"), erratum(dies_of_it)) {
  expect_error_and_goes_on(lines_to("lost", "127.0.0.1", "65536"));
}

REQUIREMENT(messenger_send, negative_port, must, "and one below zero", covers("UDP-22"),
            man("ip(7)"), erratum(dies_of_it)) {
  expect_error_and_goes_on(lines_to("lost", "127.0.0.1", "-1"));
}

REQUIREMENT(messenger_send, bad_address, must,
            "an address that is none is answered by an error message, and it goes on",
            man("getaddrinfo(3)"), erratum(dies_of_it)) {
  // No name server is asked: a label has 63 characters at most.
  expect_error_and_goes_on(lines_to("lost", std::string(64, 'x'), "9"));
}

REQUIREMENT(messenger_send, too_long, should,
            "a text that fits no datagram is answered by an error message, and it goes on",
            man("udp(7)"), erratum(dies_of_it)) {
  expect_error_and_goes_on(lines_to(std::string(65'508, 'a'), "127.0.0.1", "9"));
}

// ---- receiving ----------------------------------------------------------------------------------

REQUIREMENT(messenger_receive, shows_text_and_sender, must,
            "2 shows the text of a datagram, and the address and port of its sender",
            covers("UDP-21"), example()) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send("a text from the peer", messenger.port());
  messenger.type("2\n");
  EXPECT_TRUE(messenger.await_said("a text from the peer")) << messenger.said();
  EXPECT_TRUE(messenger.await_said("127.0.0.1")) << messenger.said();
  EXPECT_TRUE(messenger.await_said(std::to_string(peer.port()))) << messenger.said();
}

REQUIREMENT(messenger_receive, waits_for_one, must, "2 waits until a datagram comes",
            covers("UDP-21"), example()) {
  const udp_peer peer;
  const auto messenger = ready_messenger();
  messenger.type("2\n");
  ASSERT_TRUE(messenger.await_asleep()) << "it has ended: " << messenger.said();
  peer.send("at last", messenger.port());
  EXPECT_TRUE(messenger.await_said("at last")) << messenger.said();
}

REQUIREMENT(messenger_receive, what_came_before_is_kept, must,
            "datagrams that came before 2 was typed are shown, one for each 2, in order",
            covers("UDP-21"), man("udp(7)")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send("the first", messenger.port());
  peer.send("the second", messenger.port());
  messenger.type("2\n");
  EXPECT_TRUE(messenger.await_said("the first")) << messenger.said();
  EXPECT_THAT(messenger.said(), Not(HasSubstr("the second")));
  messenger.type("2\n");
  EXPECT_TRUE(messenger.await_said("the second")) << messenger.said();
}

REQUIREMENT(messenger_receive, utf8, must, "text beyond ASCII is shown as it was sent",
            covers("UDP-21"), example()) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send("你好, wörld", messenger.port());
  messenger.type("2\n");
  EXPECT_TRUE(messenger.await_said("你好, wörld")) << messenger.said();
}

REQUIREMENT(messenger_receive, long_text, should, "a datagram of 9,000 bytes is shown whole",
            man("udp(7)"),
            erratum("The notes receive 1024 bytes at most; the rest of a datagram is lost.")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send(std::string(8'990, 'a') + "the end.", messenger.port());
  messenger.type("2\n");
  ASSERT_TRUE(messenger.await_said("aaa"));
  EXPECT_TRUE(messenger.await_asleep());
  EXPECT_THAT(messenger.said(), HasSubstr("the end."));
}

REQUIREMENT(messenger_receive, empty_datagram, should,
            "an empty datagram is shown by its sender, and it goes on", man("udp(7)")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send("", messenger.port());
  messenger.type("2\n");
  EXPECT_TRUE(messenger.await_said(std::to_string(peer.port()))) << messenger.said();
  expect_goes_on(messenger, peer);
}

REQUIREMENT(messenger_receive, bytes_that_are_no_text, must,
            "bytes that are no UTF-8 do not end it: anybody may send them", man("udp(7)"),
            erratum("The notes decode without a guard: one datagram from anywhere ends the "
                    "program with UnicodeDecodeError.")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send("\xff\xfe", messenger.port());
  messenger.type("2\n");
  ASSERT_TRUE(messenger.await_asleep()) << "it has ended: " << messenger.said();
  expect_goes_on(messenger, peer);
}

REQUIREMENT(messenger_receive, control_characters, should,
            "what a terminal would obey is not passed on: no escape from a datagram reaches it",
            man("console_codes(4)"),
            erratum("The notes print what came; a sender can clear the screen or worse.")) {
  const udp_peer peer;
  const auto messenger = start_messenger();
  peer.send(
      "before\x1b[2J\x07"
      "after",
      messenger.port());
  messenger.type("2\n");
  ASSERT_TRUE(messenger.await_said("after")) << messenger.said();
  EXPECT_THAT(messenger.said(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(messenger.said(), Not(HasSubstr("\x07")));
}

// ---- its end ------------------------------------------------------------------------------------

REQUIREMENT(messenger_end, with_the_input, must,
            "the end of the input ends it, with status 0 and without an error message",
            covers("UDP-22"), example(),
            erratum("The notes' program ends with EOFError, a traceback and status 1.")) {
  auto messenger = ready_messenger();
  messenger.end_input();
  const ending seen = messenger.finish();
  EXPECT_EQ(seen.exit_code, 0);
  EXPECT_EQ(seen.err, "");
}

REQUIREMENT(messenger_end, within_a_message, must,
            "input that ends before the port is typed sends nothing", covers("UDP-22"), example()) {
  const udp_peer peer;
  auto messenger = start_messenger();
  messenger.type(lines_to("whole", peer) + "1\nhalf\n127.0.0.1\n");
  messenger.end_input();
  EXPECT_EQ(peer.receive(messenger).data, "whole");
  messenger.finish();
  EXPECT_FALSE(peer.has_datagram());
}

REQUIREMENT(messenger_end, by_sigint, should, "SIGINT ends it while it waits for a datagram",
            man("signal(7)")) {
  auto messenger = ready_messenger();
  messenger.type("2\n");
  ASSERT_TRUE(messenger.await_asleep());
  messenger.signal(SIGINT);
  const ending seen = messenger.finish();
  EXPECT_TRUE(seen.signal_number == SIGINT || seen.exit_code.value_or(0) != 0);
}

REQUIREMENT(messenger_start, port_in_use, must,
            "a port that another has is told at the start, and the status is not 0",
            man("bind(2)")) {
  const udp_peer holder;
  auto messenger = start_messenger(std::to_string(holder.port()));
  messenger.end_input();
  const ending seen = messenger.finish();
  EXPECT_NE(seen.exit_code, 0);
  EXPECT_NE(seen.err, "");
}

}  // namespace
}  // namespace assay
