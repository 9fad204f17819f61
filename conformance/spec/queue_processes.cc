// Area queue, between processes: hand-over, waiting for each other, many on each side, death.
//
// The deaths are by SIGKILL, so that no clean-up code runs. What they may cost is the one item in
// hand, and never anybody else's progress.
#include <signal.h>

#include <algorithm>
#include <map>
#include <set>

#include "conformance/harness/matchers.h"
#include "conformance/harness/other_actor.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/queue_steps.h"

namespace assay {
namespace {

using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::UnorderedElementsAre;

source docs(std::string_view method = "") {
  return python_docs("multiprocessing.Queue" + (method.empty() ? "" : "." + std::string(method)));
}

// More than a pipe holds (64 KiB), so that an implementation over a pipe cannot put it aside.
constexpr std::size_t more_than_a_pipe = 1 << 20;

// ---- hand-over ----------------------------------------------------------------------------------

REQUIREMENT(queue_process, child_to_parent, must, "the parent gets what its child puts",
            covers("QUE-19"), docs(), notes("Queue")) {
  auto queue = open_queue();
  queue.on(start("producer")).put("from the child");
  EXPECT_THAT(queue.get({.timeout = 5s}), returned("from the child"));
}

REQUIREMENT(queue_process, parent_to_child, must, "a child gets what its parent puts",
            covers("QUE-19"), docs(), notes("Queue")) {
  auto queue = open_queue();
  auto consumer = queue.on(start("consumer"));
  queue.put("from the parent");
  EXPECT_THAT(consumer.get({.timeout = 5s}), returned("from the parent"));
}

REQUIREMENT(queue_process, sibling_to_sibling, must, "a child gets what another child puts",
            covers("QUE-19"), docs(), notes("Queue")) {
  auto queue = open_queue();
  auto consumer = queue.on(start("consumer"));
  queue.on(start("producer")).put("from the sibling");
  EXPECT_THAT(consumer.get({.timeout = 5s}), returned("from the sibling"));
}

REQUIREMENT(queue_process, items_put_before_the_start_are_seen, must,
            "a process started later gets what was put before it existed", covers("QUE-29"), docs(),
            notes("crawler")) {
  auto queue = open_queue();
  queue.put("early");
  queue.await_item();
  EXPECT_THAT(queue.on(start("consumer")).get({.timeout = 5s}), returned("early"));
}

REQUIREMENT(queue_process, reached_by_inheritance_only, may,
            "a process does not have a queue that was opened after it was started",
            covers("QUE-29"), docs(),
            erratum("The notes hand queues around freely. A multiprocessing.Queue is shared by "
                    "inheritance: an argument of a Process works, one of a Pool's task raises "
                    "RuntimeError.")) {
  actor& early = start("early");
  auto queue = open_queue();
  EXPECT_THAT(queue.on(early).qsize(), raised("NoSuchObject"));
}

REQUIREMENT(queue_process, counts_are_shared, must, "qsize and full are the same in every process",
            covers("QUE-04", "QUE-06"), docs("qsize")) {
  auto queue = open_queue(2);
  auto other = queue.on(start("other"));
  queue.put_all({1, 2});
  EXPECT_THAT(other.qsize(), returned(2));
  EXPECT_THAT(other.full(), returned(true));
}

REQUIREMENT(queue_process, large_items_pass, must,
            "an item larger than a pipe's buffer passes between processes", covers("QUE-25"),
            docs()) {
  auto queue = open_queue();
  const json item = bytes_item(5 << 20, 'L');
  queue.on(start("producer")).put(item);
  EXPECT_TRUE(queue.get().result() == item);
}

REQUIREMENT(queue_process, producer_may_end_before_its_items_are_read, should,
            "a process that has put a large item can end before anybody reads it", covers("QUE-27"),
            docs("join_thread"),
            erratum("The notes join the producer and read afterwards. In CPython that waits for "
                    "ever where items fill the pipe: a 1 MB item did, a 100-byte one did not.")) {
  auto queue = open_queue();
  actor& producer = start("producer");
  ASSERT_THAT(queue.on(producer).put(bytes_item(more_than_a_pipe, 'L')), returned());
  producer.call("actor.exit");
  EXPECT_TRUE(await([&] { return producer.is_dead(); }, 2s));
}

// ---- waiting for each other ---------------------------------------------------------------------

REQUIREMENT(queue_get, blocks_until_a_put, must,
            "get without a timeout waits until another process or thread puts an item",
            covers("QUE-08"), docs("get"), notes("Queue")) {
  auto queue = open_queue();
  pending_call get = queue.on(start_other("consumer")).begin_get({.block = true});
  ASSERT_TRUE(get.is_blocked());
  queue.put("at last");
  EXPECT_THAT(get.finish(), returned("at last"));
}

REQUIREMENT(queue_get, blocks_by_default, must, "get without arguments blocks", covers("QUE-17"),
            docs("get"), notes("Queue")) {
  auto queue = open_queue();
  pending_call get = queue.on(start_other("consumer")).begin_get();
  EXPECT_TRUE(get.is_blocked());
}

REQUIREMENT(queue_get, timeout_ends_with_a_put, must,
            "get with a long timeout returns as soon as another process or thread puts an item",
            covers("QUE-09"), docs("get"), notes("Queue")) {
  auto queue = open_queue();
  pending_call get = queue.on(start_other("consumer")).begin_get({.timeout = 60s});
  ASSERT_TRUE(get.is_blocked());
  queue.put("at last");
  EXPECT_THAT(get.finish(), returned("at last"));
}

REQUIREMENT(queue_get, each_waiting_process_gets_an_item, must,
            "of several processes or threads that wait in get, each put lets one go on",
            covers("QUE-21"), docs("get")) {
  auto queue = open_queue();
  std::vector<pending_call> gets;
  for (const char* name : {"first", "second", "third"}) {
    gets.push_back(queue.on(start_other(name)).begin_get());
    ASSERT_TRUE(gets.back().is_blocked());
  }
  queue.put_all({1, 2, 3});
  std::vector<json> items;
  for (auto& get : gets) items.push_back(get.finish().result());
  EXPECT_THAT(items, UnorderedElementsAre(1, 2, 3));
}

REQUIREMENT(
    queue_put, blocks_while_full, must,
    "put waits while the queue is full and goes on when another process or thread takes an item",
    covers("QUE-13"), docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("first");
  pending_call put = queue.on(start_other("producer")).begin_put("second", {.block = true});
  ASSERT_TRUE(put.is_blocked());
  queue.get();
  EXPECT_THAT(put.finish(), returned(nullptr));
  EXPECT_THAT(queue.get({.timeout = 5s}), returned("second"));
}

REQUIREMENT(queue_put, blocks_by_default, must, "put without arguments blocks while full",
            covers("QUE-17"), docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("first");
  pending_call put = queue.on(start_other("producer")).begin_put("second");
  EXPECT_TRUE(put.is_blocked());
}

REQUIREMENT(queue_put, timeout_ends_with_a_get, must,
            "put with a long timeout returns as soon as another process or thread takes an item",
            covers("QUE-14"), docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("first");
  pending_call put = queue.on(start_other("producer")).begin_put("second", {.timeout = 60s});
  ASSERT_TRUE(put.is_blocked());
  queue.get();
  EXPECT_THAT(put.finish(), returned(nullptr));
}

// ---- many on each side --------------------------------------------------------------------------

constexpr int items_each = 300;

// Starts producers, each of which puts [its number, 0], [its number, 1], …
std::vector<pending_call> start_producers(queue_of_actor& queue, int how_many) {
  std::vector<pending_call> running;
  for (int number = 0; number < how_many; ++number) {
    auto producer = queue.on(start_other("producer-" + std::to_string(number)));
    std::vector<json> steps;
    for (int i = 0; i < items_each; ++i) {
      steps.push_back(producer.step("queue.put", {{"item", {number, i}}}));
    }
    running.push_back(producer.begin_run(steps, 1));
  }
  return running;
}

std::vector<json> gotten_by(queue_of_actor queue, int how_many) {
  return results_of(queue.run({queue.step("queue.get", {{"timeout", 5}})}, how_many), 0);
}

REQUIREMENT(queue_many, producers_keep_their_order, must,
            "with several producers the items of each come in the order in which it put them",
            covers("QUE-20"), docs(), notes("Queue")) {
  auto queue = open_queue(50);
  auto producers = start_producers(queue, 3);
  std::map<int, std::vector<int>> by_producer;
  for (const auto& item : gotten_by(queue, 3 * items_each)) {
    ASSERT_TRUE(item.is_array());
    by_producer[item[0]].push_back(item[1]);
  }
  for (const auto& [number, order] : by_producer) {
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << "producer " << number;
  }
}

REQUIREMENT(queue_many, producers_lose_nothing, must,
            "with several producers each item put is gotten exactly once", covers("QUE-20"), docs(),
            notes("Queue")) {
  auto queue = open_queue(50);
  auto producers = start_producers(queue, 3);
  const auto items = gotten_by(queue, 3 * items_each);
  EXPECT_EQ(std::set<json>(items.begin(), items.end()).size(), 3u * items_each);
  EXPECT_THAT(queue.qsize(), returned(0));
}

REQUIREMENT(queue_many, consumers_take_each_item_once, must,
            "with several consumers each item is taken by exactly one of them", covers("QUE-21"),
            docs(), notes("Queue")) {
  auto queue = open_queue();
  std::vector<pending_call> running;
  for (const char* name : {"first", "second", "third"}) {
    auto consumer = queue.on(start_other(name));
    running.push_back(
        consumer.begin_run({consumer.step("queue.get", {{"timeout", 5}})}, items_each));
  }
  std::vector<json> steps;
  for (int i = 0; i < 3 * items_each; ++i) {
    steps.push_back(queue.step("queue.put", {{"item", i}}));
  }
  queue.run(steps);
  std::vector<json> taken;
  for (auto& consumer : running) {
    const auto part = results_of(consumer.finish().result(), 0);
    taken.insert(taken.end(), part.begin(), part.end());
  }
  EXPECT_EQ(taken.size(), 3u * items_each);
  EXPECT_EQ(std::set<json>(taken.begin(), taken.end()).size(), 3u * items_each);
}

// ---- close --------------------------------------------------------------------------------------

REQUIREMENT(queue_close, is_for_one_process, should,
            "a queue that one process has closed goes on working for the others", covers("QUE-28"),
            docs("close")) {
  auto queue = open_queue();
  auto other = queue.on(start("other"));
  other.close();
  queue.put("still here");
  EXPECT_THAT(queue.get({.timeout = 5s}), returned("still here"));
}

REQUIREMENT(queue_close, keeps_the_items, should, "items put before close reach other processes",
            covers("QUE-28"), docs("close")) {
  auto queue = open_queue();
  auto producer = queue.on(start("producer"));
  producer.put("before");
  producer.close();
  EXPECT_THAT(queue.get({.timeout = 5s}), returned("before"));
}

// ---- death --------------------------------------------------------------------------------------

REQUIREMENT(queue_death, consumer_killed_while_waiting, must,
            "after a process is killed that waited in get, the others put and get as before",
            covers("QUE-30"), docs("get"), man("signal(7)"),
            erratum("A process that waits in CPython's get holds the readers' lock; when it is "
                    "killed the lock is never released, and every later get waits for ever.")) {
  auto queue = open_queue();
  actor& victim = start("victim");
  pending_call get = queue.on(victim).begin_get();
  ASSERT_TRUE(get.is_blocked());
  victim.kill(SIGKILL);
  queue.put("for the living");
  EXPECT_THAT(queue.get({.timeout = 2s}), returned("for the living"));
}

REQUIREMENT(queue_death, one_of_two_waiting_consumers_is_killed, must,
            "when one of two processes that wait in get is killed, the next put wakes the other",
            covers("QUE-30"), docs("get"), man("signal(7)")) {
  auto queue = open_queue();
  actor& victim = start("victim");
  pending_call lost = queue.on(victim).begin_get();
  ASSERT_TRUE(lost.is_blocked());
  pending_call get = queue.on(start("survivor")).begin_get();
  ASSERT_TRUE(get.is_blocked());
  victim.kill(SIGKILL);
  queue.put("for the living");
  EXPECT_THAT(get.finish(scaled(2s)), returned("for the living"));
}

REQUIREMENT(queue_death, consumer_killed_in_the_middle_of_get, must,
            "a process that is killed while it gets costs at most the one item in its hands",
            covers("QUE-21"), docs("get"), man("signal(7)")) {
  constexpr int items = 16;
  const std::string padding(200 << 10, 'x');
  for (int round = 0; round < 5; ++round) {
    auto queue = open_queue(0, "q" + std::to_string(round));
    auto taken = open_queue(0, "taken" + std::to_string(round));
    for (int i = 0; i < items; ++i) queue.put({i, padding});
    actor& victim = start("victim-" + std::to_string(round));
    // Nothing but gets, with a mark after each; half of them are over when the signal comes.
    queue.on(victim).begin_run({queue.step("queue.get"), taken.step("queue.put", {{"item", 1}})},
                               items);
    queue.await_qsize(items / 2);
    victim.kill(SIGKILL);
    std::vector<int> left;
    for (const auto& item : queue.drain()) left.push_back(item.at(0));
    EXPECT_TRUE(std::is_sorted(left.begin(), left.end()));
    EXPECT_THAT(static_cast<int>(left.size()) + taken.qsize().result().get<int>(), Ge(items - 1));
  }
}

REQUIREMENT(queue_death, producer_killed_while_waiting, must,
            "after a process is killed that waited in put, the others put and get as before",
            covers("QUE-30"), docs("put"), man("signal(7)")) {
  auto queue = open_queue(1);
  queue.put("first");
  actor& victim = start("victim");
  pending_call put = queue.on(victim).begin_put("never");
  ASSERT_TRUE(put.is_blocked());
  victim.kill(SIGKILL);
  EXPECT_THAT(queue.get({.timeout = 2s}), returned("first"));
  EXPECT_THAT(queue.put("second", {.timeout = 2s}), returned(nullptr));
  EXPECT_THAT(queue.get({.timeout = 2s}), returned("second"));
}

REQUIREMENT(queue_death, producer_killed_in_the_middle_of_put, must,
            "a process that is killed while it puts leaves no item in part and harms no other's",
            covers("QUE-30"), docs("put"), man("signal(7)")) {
  const json item = bytes_item(100'000, 'V');
  for (int round = 0; round < 3; ++round) {
    auto queue = open_queue(0, "q" + std::to_string(round));
    actor& victim = start("victim-" + std::to_string(round));
    // Nothing but puts; some of them are over when the signal comes.
    queue.on(victim).begin_run({queue.step("queue.put", {{"item", item}})}, 1'000'000);
    queue.await_qsize_from(20);
    ASSERT_GE(queue.qsize().result().get<int>(), 20);
    victim.kill(SIGKILL);
    queue.put("of the living");
    std::vector<json> items = queue.drain();
    ASSERT_FALSE(items.empty());
    EXPECT_EQ(items.back(), "of the living");
    items.pop_back();
    EXPECT_TRUE(std::all_of(items.begin(), items.end(), [&](const json& i) { return i == item; }));
  }
}

REQUIREMENT(queue_death, an_item_outlives_its_producer, should,
            "an item is complete when put has returned: it comes although its producer was killed",
            covers("QUE-23"), docs("put"), man("signal(7)"),
            erratum("In CPython put only notes the object and a thread serialises it later: what "
                    "happens to the putter meanwhile counts. An object changed after put was "
                    "received changed in 500 of 500 trials.")) {
  auto queue = open_queue();
  actor& producer = start("producer");
  const json item = bytes_item(more_than_a_pipe, 'L');
  ASSERT_THAT(queue.on(producer).put(item), returned());
  producer.kill(SIGKILL);
  pending_call get = queue.begin_get({.timeout = 2s});
  ASSERT_TRUE(await([&] { return get.is_done(); }, 3s))
      << "get returns neither the item nor after its timeout";
  const outcome got = get.finish();
  EXPECT_TRUE(got.ok() && got.result() == item);
}

REQUIREMENT(queue_death, a_waiting_get_outlasts_the_producer, should,
            "a get that waits is not ended by the death of a producer: another's item ends it",
            covers("QUE-30"), docs("get"), notes("crawler"),
            erratum("The notes' consumer waits for ever once its producer has died. A queue cannot "
                    "know that nobody will put again; a timeout or an end mark can.")) {
  auto queue = open_queue();
  actor& producer = start("producer");
  pending_call get = queue.on(start("consumer")).begin_get();
  ASSERT_TRUE(get.is_blocked());
  producer.kill(SIGKILL);
  EXPECT_TRUE(get.is_blocked());
  queue.put("from another");
  EXPECT_THAT(get.finish(), returned("from another"));
}

}  // namespace
}  // namespace assay
