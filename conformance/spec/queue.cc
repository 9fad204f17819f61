// Area queue, in one process: capacity, size, order, put and get in all their forms, items, close.
//
// A queue hands items from processes to processes, first in, first out. Its terms are those of
// Python's multiprocessing.Queue; where that and the notes differ, or where its documentation calls
// an answer unreliable, an erratum says so. More than one process: queue_processes.cc.
#include "conformance/harness/matchers.h"
#include "conformance/harness/proc.h"
#include "conformance/harness/requirement.h"
#include "conformance/spec/queue_steps.h"
#include "conformance/spec/steps.h"

namespace assay {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Lt;

source docs(std::string_view method = "") {
  return python_docs("multiprocessing.Queue" + (method.empty() ? "" : "." + std::string(method)));
}

// ---- capacity -----------------------------------------------------------------------------------

REQUIREMENT(queue_open, unbounded_by_default, must,
            "a queue opened without a size takes 100,000 items that nobody reads", covers("QUE-01"),
            docs(), notes("Queue"),
            erratum("The notes say that it takes items to the end of memory. Python's own has a "
                    "limit of 2,147,483,647 items, that of a semaphore.")) {
  auto queue = open_queue();
  const auto put = queue.step("queue.put", {{"item", 1}});
  main_actor().call("script.run", {{"steps", {put}}, {"repeat", 100'000}, {"log", false}},
                    3 * call_timeout());
  EXPECT_THAT(queue.qsize(), returned(100'000));
}

REQUIREMENT(queue_open, zero_is_unbounded, must, "a size of zero sets no limit", covers("QUE-01"),
            docs(), notes("Queue")) {
  auto queue = open_queue(0);
  EXPECT_THAT(errors_of(queue.run({queue.step("queue.put_nowait", {{"item", 1}})}, 2000)),
              IsEmpty());
}

REQUIREMENT(queue_open, negative_is_unbounded, must, "a negative size sets no limit",
            covers("QUE-01"), docs(), notes("Queue")) {
  auto queue = open_queue(-3);
  EXPECT_THAT(errors_of(queue.run({queue.step("queue.put_nowait", {{"item", 1}})}, 2000)),
              IsEmpty());
}

REQUIREMENT(queue_open, holds_maxsize_items, must, "a queue of size n takes n items and no more",
            covers("QUE-02"), docs(), notes("Queue")) {
  auto queue = open_queue(3);
  queue.put_all({1, 2, 3});
  EXPECT_THAT(queue.put_nowait(4), raised("Full"));
}

REQUIREMENT(queue_open, rejects_text, should, "a size that is text is a type error",
            covers("QUE-03"), docs()) {
  EXPECT_THAT(try_open_queue("3"), raised("TypeError"));
}

REQUIREMENT(queue_open, rejects_a_fraction, should, "a size that is no integer is a type error",
            covers("QUE-03"), docs()) {
  EXPECT_THAT(try_open_queue(1.5), raised("TypeError"));
}

REQUIREMENT(queue_open, rejects_too_large_a_size, should,
            "a size beyond the limit of a semaphore, 2,147,483,647, is an overflow error",
            covers("QUE-03"), docs(), man("sem_init(3)")) {
  EXPECT_THAT(try_open_queue(std::int64_t{1} << 31), raised("OverflowError"));
}

// ---- size ---------------------------------------------------------------------------------------

REQUIREMENT(queue_size, counts_items_put, must, "qsize is the number of items put and not taken",
            covers("QUE-04"), docs("qsize"), notes("Queue")) {
  auto queue = open_queue();
  queue.put_all({"a", "b", "c"});
  EXPECT_THAT(queue.qsize(), returned(3));
}

REQUIREMENT(queue_size, counts_down_on_get, must, "qsize is one less after each get",
            covers("QUE-04"), docs("qsize"), notes("Queue")) {
  auto queue = open_queue();
  queue.put_all({"a", "b", "c"});
  queue.get_all(2);
  EXPECT_THAT(queue.qsize(), returned(1));
}

REQUIREMENT(queue_size, is_exact_right_after_put, must,
            "qsize counts an item as soon as its put has returned", covers("QUE-04"), docs("qsize"),
            notes("Queue")) {
  auto queue = open_queue();
  const json script = queue.run(
      {queue.step("queue.put", {{"item", 1}}), queue.step("queue.qsize"), queue.step("queue.get")},
      100);
  EXPECT_THAT(results_of(script, 1), Each(json(1)));
}

REQUIREMENT(queue_size, empty_when_new, must, "empty is true for a queue that never had an item",
            covers("QUE-05"), docs("empty"), notes("Queue")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.empty(), returned(true));
}

REQUIREMENT(queue_size, empty_when_drained, must,
            "empty is true again after the last item is taken", covers("QUE-05"), docs("empty"),
            notes("Queue")) {
  auto queue = open_queue();
  queue.put("only");
  queue.get();
  EXPECT_THAT(queue.empty(), returned(true));
}

REQUIREMENT(queue_size, not_empty_when_filled, must,
            "empty becomes false for a queue that holds an item, within bounded time",
            covers("QUE-05"), docs("empty"), notes("Queue")) {
  auto queue = open_queue();
  queue.put("item");
  queue.await_item();
  EXPECT_THAT(queue.empty(), returned(false));
}

REQUIREMENT(queue_size, empty_after_put, should, "empty is false as soon as a put has returned",
            covers("QUE-05"), docs("empty"), notes("Queue"),
            erratum("The notes let empty decide whether to get. In CPython a thread behind the "
                    "queue does the work of put later: right after put, empty was still true in "
                    "354 of 500 trials, and the documentation calls it not reliable.")) {
  auto queue = open_queue();
  const json script = queue.run(
      {queue.step("queue.put", {{"item", 1}}), queue.step("queue.empty"), queue.step("queue.get")},
      500);
  EXPECT_THAT(results_of(script, 1), Each(json(false)));
}

REQUIREMENT(queue_size, full_at_capacity, must, "full is true when maxsize items are held",
            covers("QUE-06"), docs("full"), notes("Queue")) {
  auto queue = open_queue(3);
  queue.put_all({1, 2, 3});
  EXPECT_THAT(queue.full(), returned(true));
}

REQUIREMENT(queue_size, not_full_below_capacity, must,
            "full is false while fewer than maxsize items are held", covers("QUE-06"), docs("full"),
            notes("Queue")) {
  auto queue = open_queue(3);
  queue.put_all({1, 2});
  EXPECT_THAT(queue.full(), returned(false));
}

REQUIREMENT(queue_size, not_full_after_get, must, "full is false again once an item is taken",
            covers("QUE-06"), docs("full"), notes("Queue")) {
  auto queue = open_queue(2);
  queue.put_all({1, 2});
  queue.get();
  EXPECT_THAT(queue.full(), returned(false));
}

REQUIREMENT(queue_size, unbounded_is_never_full, must, "full is false for a queue without a limit",
            covers("QUE-06"), docs("full")) {
  auto queue = open_queue(0);
  queue.run({queue.step("queue.put", {{"item", 1}})}, 1000);
  EXPECT_THAT(queue.full(), returned(false));
}

// ---- get ----------------------------------------------------------------------------------------

REQUIREMENT(queue_get, first_in_first_out, must, "get returns the oldest item", covers("QUE-07"),
            docs("get"), notes("Queue")) {
  auto queue = open_queue();
  queue.put_all({1, 2, 3});
  EXPECT_THAT(queue.get_all(3), ElementsAre(1, 2, 3));
}

REQUIREMENT(queue_get, removes_the_item, must, "get removes the item that it returns",
            covers("QUE-07"), docs("get"), notes("Queue")) {
  auto queue = open_queue();
  queue.put("only");
  queue.get();
  EXPECT_THAT(queue.get_nowait(), raised("Empty"));
}

REQUIREMENT(queue_get, timeout_raises_empty, must,
            "get with a timeout raises Empty once the timeout has passed, never before it",
            covers("QUE-09"), docs("get"), notes("Queue")) {
  auto queue = open_queue();
  for (int i = 0; i < steps::trials_of_early; ++i) {
    EXPECT_THAT(queue.get({.block = true, .timeout = 50ms}), raised("Empty").after(at_least(50ms)));
  }
}

REQUIREMENT(queue_get, timeout_with_an_item_returns_it, must,
            "get with a timeout returns an item that is there without waiting", covers("QUE-09"),
            docs("get"), notes("Queue")) {
  auto queue = open_queue();
  queue.put("item");
  queue.await_item();
  EXPECT_THAT(queue.get({.timeout = 5s}), returned("item").after(at_once()));
}

REQUIREMENT(queue_get, block_false_raises_empty, must, "get(block=False) raises Empty at once",
            covers("QUE-10"), docs("get"), notes("Queue")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.get({.block = false}), raised("Empty").after(at_once()));
}

REQUIREMENT(queue_get, block_false_ignores_timeout, must,
            "get(block=False) raises Empty at once whatever the timeout", covers("QUE-11"),
            docs("get"), notes("Queue")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.get({.block = false, .timeout = 5s}), raised("Empty").after(at_once()));
}

REQUIREMENT(queue_get, nowait_raises_empty, must, "get_nowait raises Empty at once",
            covers("QUE-12"), docs("get_nowait"), notes("Queue")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.get_nowait(), raised("Empty").after(at_once()));
}

REQUIREMENT(queue_get, nowait_returns_the_oldest, must,
            "get_nowait returns the oldest item where there is one", covers("QUE-12"),
            docs("get_nowait"), notes("Queue")) {
  auto queue = open_queue();
  queue.put_all({"first", "second"});
  queue.await_item();
  EXPECT_THAT(queue.get_nowait(), returned("first"));
}

REQUIREMENT(queue_get, nowait_right_after_put, should,
            "get_nowait finds an item as soon as its put has returned", covers("QUE-22"),
            docs("get_nowait"), notes("Queue"),
            erratum("In CPython get_nowait raised Empty right after a put in 342 of 500 trials: "
                    "the item is on its way through a thread.")) {
  auto queue = open_queue();
  const json script =
      queue.run({queue.step("queue.put", {{"item", 1}}), queue.step("queue.get_nowait")}, 500);
  EXPECT_THAT(errors_of(script), IsEmpty());
}

REQUIREMENT(queue_get, zero_timeout_does_not_wait, should,
            "get with a timeout of zero does not wait", covers("QUE-18"), docs("get"),
            notes("Queue")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.get({.timeout = 0s}), raised("Empty").after(at_once()));
}

REQUIREMENT(queue_get, negative_timeout_does_not_wait, should,
            "get with a negative timeout does not wait and is no error of its own",
            covers("QUE-18"), docs("get")) {
  auto queue = open_queue();
  EXPECT_THAT(queue.get({.timeout = -1s}), raised("Empty").after(at_once()));
}

REQUIREMENT(queue_get, waiting_costs_no_processor_time, should,
            "a get that waits sleeps: it uses next to no processor time", covers("QUE-08"),
            docs("get")) {
  auto queue = open_queue();
  const auto before = proc::cpu_time(main_actor().pid());
  queue.get({.timeout = 400ms});
  EXPECT_THAT(proc::cpu_time(main_actor().pid()) - before, Lt(100ms));
}

// ---- put ----------------------------------------------------------------------------------------

REQUIREMENT(queue_put, timeout_raises_full, must,
            "put with a timeout raises Full once the timeout has passed, never before it",
            covers("QUE-14"), docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("there");
  for (int i = 0; i < steps::trials_of_early; ++i) {
    EXPECT_THAT(queue.put("more", {.block = true, .timeout = 50ms}),
                raised("Full").after(at_least(50ms)));
  }
}

REQUIREMENT(queue_put, block_false_raises_full, must, "put(block=False) raises Full at once",
            covers("QUE-15"), docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("there");
  EXPECT_THAT(queue.put("more", {.block = false}), raised("Full").after(at_once()));
}

REQUIREMENT(queue_put, block_false_ignores_timeout, must,
            "put(block=False) raises Full at once whatever the timeout", covers("QUE-11"),
            docs("put"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("there");
  EXPECT_THAT(queue.put("more", {.block = false, .timeout = 5s}), raised("Full").after(at_once()));
}

REQUIREMENT(queue_put, nowait_raises_full, must, "put_nowait raises Full at once", covers("QUE-15"),
            docs("put_nowait"), notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("there");
  EXPECT_THAT(queue.put_nowait("more"), raised("Full").after(at_once()));
}

REQUIREMENT(queue_put, nowait_appends, must, "put_nowait appends where there is room",
            covers("QUE-15"), docs("put_nowait"), notes("Queue")) {
  auto queue = open_queue(2);
  queue.put("first");
  queue.put_nowait("second");
  EXPECT_THAT(queue.get_all(2), ElementsAre("first", "second"));
}

REQUIREMENT(queue_put, zero_timeout_does_not_wait, should,
            "put with a timeout of zero does not wait", covers("QUE-18"), docs("put"),
            notes("Queue")) {
  auto queue = open_queue(1);
  queue.put("there");
  EXPECT_THAT(queue.put("more", {.timeout = 0s}), raised("Full").after(at_once()));
}

REQUIREMENT(queue_put, negative_timeout_does_not_wait, should,
            "put with a negative timeout does not wait and is no error of its own",
            covers("QUE-18"), docs("put")) {
  auto queue = open_queue(1);
  queue.put("there");
  EXPECT_THAT(queue.put("more", {.timeout = -1s}), raised("Full").after(at_once()));
}

REQUIREMENT(
    queue_put, a_failed_put_leaves_no_trace, must,
    "a put that raises leaves no item behind and uses up no place", covers("QUE-24"), docs("put"),
    erratum("An item that CPython cannot serialise does not fail its put: the thread behind "
            "the queue logs the error and drops it later.")) {
  auto queue = open_queue(2);
  queue.put_all({"a", "b"});
  queue.put_nowait("refused");
  EXPECT_THAT(queue.get_all(2), ElementsAre("a", "b"));
  EXPECT_THAT(queue.put_nowait("c"), returned());
  EXPECT_THAT(queue.put_nowait("d"), returned());
  EXPECT_THAT(queue.get_all(2), ElementsAre("c", "d"));
}

REQUIREMENT(queue_errors, empty_and_full_differ, must,
            "nothing to take is Empty, no room is Full: two separate errors", covers("QUE-16"),
            python_docs("queue.Empty"), notes("Queue"),
            erratum("The notes call them Queue.Empty and Queue.Full, which do not exist: they are "
                    "queue.Empty and queue.Full, of the module queue.")) {
  auto queue = open_queue(1);
  EXPECT_THAT(queue.get_nowait(), raised("Empty"));
  queue.put("there");
  EXPECT_THAT(queue.put_nowait("more"), raised("Full"));
}

// ---- items --------------------------------------------------------------------------------------

REQUIREMENT(queue_items, null_is_an_item, must,
            "the null value is an ordinary item and can serve as an end mark", covers("QUE-26"),
            docs("put"), notes("crawler")) {
  auto queue = open_queue();
  queue.put(nullptr);
  EXPECT_THAT(queue.get(), returned(nullptr));
  EXPECT_THAT(queue.qsize(), returned(0));
}

REQUIREMENT(queue_items, structured_values_pass, must,
            "numbers, texts and nested values come out as they went in", covers("QUE-19"),
            docs("put"), notes("Queue")) {
  auto queue = open_queue();
  const json value = {{"list", {1, -2.5, true, nullptr}}, {"text", "列队 \u00e9 \n"}};
  queue.put(value);
  EXPECT_THAT(queue.get(), returned(value));
}

REQUIREMENT(queue_items, empty_text_is_an_item, must, "an empty text is an item of its own",
            covers("QUE-07"), docs("put")) {
  auto queue = open_queue();
  queue.put_all({"", "after"});
  EXPECT_THAT(queue.get_all(2), ElementsAre("", "after"));
}

REQUIREMENT(queue_items, empty_bytes_are_an_item, must,
            "a string of no bytes is an item of its own", covers("QUE-07"), docs("put")) {
  auto queue = open_queue();
  queue.put(to_base64(""));
  EXPECT_THAT(queue.get(), returned(to_base64("")));
}

REQUIREMENT(queue_items, binary_bytes_pass, must, "bytes of every value pass unchanged",
            covers("QUE-25"), docs("put")) {
  std::string bytes;
  for (int value = 0; value < 512; ++value) bytes += static_cast<char>(value % 256);
  auto queue = open_queue();
  queue.put(to_base64(bytes));
  EXPECT_THAT(queue.get(), returned(to_base64(bytes)));
}

REQUIREMENT(queue_items, sixteen_mebibytes_pass, must, "an item of 16 MiB passes unchanged",
            covers("QUE-25"), docs("put")) {
  const json item = bytes_item(16 << 20, 'x');
  auto queue = open_queue();
  queue.put(item);
  EXPECT_TRUE(queue.get().result() == item);
}

// ---- close --------------------------------------------------------------------------------------

REQUIREMENT(queue_close, put_raises_closed, should,
            "after close, put in that process raises Closed", covers("QUE-28"), docs("close")) {
  auto queue = open_queue();
  queue.close();
  EXPECT_THAT(queue.put("late"), raised("Closed"));
}

REQUIREMENT(queue_close, get_raises_closed, should,
            "after close, get in that process raises Closed", covers("QUE-28"), docs("close")) {
  auto queue = open_queue();
  queue.put("there");
  queue.close();
  EXPECT_THAT(queue.get_nowait(), raised("Closed"));
}

REQUIREMENT(queue_close, twice_is_no_error, should, "closing a closed queue is no error",
            covers("QUE-28"), docs("close")) {
  auto queue = open_queue();
  queue.close();
  EXPECT_THAT(queue.close(), returned());
}

}  // namespace
}  // namespace assay
