// Area pool: what becomes of results and of exceptions, one by one and many at once.
#include "conformance/harness/requirement.h"
#include "conformance/spec/pool_steps.h"

namespace assay {
namespace {

using namespace steps;
using ::testing::SizeIs;

source docs(std::string_view name = "") {
  return python_docs("multiprocessing.pool.Pool" + (name.empty() ? "" : "." + std::string(name)));
}

const body identity = {argument()};

// ---- results ------------------------------------------------------------------------------------

REQUIREMENT(pool_apply, returns_the_value, must, "apply waits for a task and returns its value",
            covers("POOL-06"), docs("apply")) {
  task_pool pool(2);
  const json value = {{"a", {1, nullptr, "中"}}};
  EXPECT_THAT(pool.apply(identity, {value}), returned(value));
}

REQUIREMENT(pool_apply, large_values, must, "arguments and values of 4 MiB pass", covers("POOL-06"),
            docs("apply")) {
  task_pool pool(1);
  const std::string large(4 << 20, 'x');
  EXPECT_TRUE(pool.apply(identity, {large}).result() == large);
}

REQUIREMENT(pool_async, returns_at_once, must,
            "apply_async does not wait, and the result is not ready before its task has ended",
            covers("POOL-06"), docs("apply_async"), notes("Pool")) {
  task_pool pool(1);
  EXPECT_THAT(pool.apply_async("t", {log("runs"), sleep(60s)}), returned().after(at_once()));
  await_events(1);
  EXPECT_THAT(pool.ready("t"), returned(false));
}

REQUIREMENT(pool_async, get_each_time, must, "get returns the value every time it is called",
            covers("POOL-07"), python_docs("multiprocessing.pool.AsyncResult.get")) {
  task_pool pool(1);
  pool.apply_async("t", identity, {7});
  EXPECT_THAT(pool.get("t"), returned(7));
  EXPECT_THAT(pool.get("t"), returned(7));
  EXPECT_THAT(pool.ready("t"), returned(true));
}

REQUIREMENT(pool_async, get_times_out, must,
            "get with a timeout raises a timeout error, never before it", covers("POOL-07"),
            python_docs("multiprocessing.pool.AsyncResult.get")) {
  task_pool pool(1);
  pool.occupy("t");
  for (int i = 0; i < trials_of_early; ++i) {
    EXPECT_THAT(pool.get("t", 0.03), raised("TimedOut").after(at_least(30ms)));
  }
}

REQUIREMENT(pool_async, wait_tells, should,
            "wait ends with the task or the timeout, and raises neither", covers("POOL-07"),
            python_docs("multiprocessing.pool.AsyncResult.wait")) {
  task_pool pool(1);
  pool.apply_async("t", {raise("ValueError", "no")});
  EXPECT_THAT(pool.wait("t"), returned(true));
  pool.occupy("long");
  for (int i = 0; i < trials_of_early; ++i) {
    EXPECT_THAT(pool.wait("long", 0.02), returned(false).after(at_least(20ms)));
  }
}

REQUIREMENT(pool_async, successful_tells, should,
            "successful says whether the task ended without an exception; before that it raises",
            covers("POOL-07"), python_docs("multiprocessing.pool.AsyncResult.successful")) {
  task_pool pool(2);
  pool.occupy("long");
  EXPECT_THAT(pool.successful("long"), raised("ValueError"));
  pool.apply_async("good", identity, {1});
  pool.apply_async("bad", {raise("KeyError")});
  pool.wait("good");
  pool.wait("bad");
  EXPECT_THAT(pool.successful("good"), returned(true));
  EXPECT_THAT(pool.successful("bad"), returned(false));
}

REQUIREMENT(pool_async, callbacks, may,
            "a callback gets the value here, in this process; another one the exception",
            covers("POOL-22"), docs("apply_async")) {
  task_pool pool(1);
  pool.apply_async("good", identity, {7}, true);
  pool.apply_async("bad", {raise("KeyError")}, {}, true);
  pool.wait("bad");
  const auto seen = await_events(2);
  ASSERT_THAT(seen, SizeIs(2));
  EXPECT_EQ(seen[0].value, json({"callback", 7}));
  EXPECT_EQ(seen[1].value, json({"error_callback", "KeyError"}));
  EXPECT_EQ(seen[0].pid, main_actor().pid());
}

// ---- exceptions ---------------------------------------------------------------------------------

REQUIREMENT(pool_errors, raised_by_get, must,
            "an exception of a task is raised where its result is asked for, every time",
            covers("POOL-07", "POOL-08"), python_docs("multiprocessing.pool.AsyncResult.get"),
            notes("Process"),
            erratum("The notes say that an exception in a pool is not shown. It "
                    "is kept, and raised by get.")) {
  task_pool pool(1);
  pool.apply_async("t", {raise("KeyError", "lost")});
  for (int i = 0; i < 2; ++i) {
    const auto got = pool.get("t");
    EXPECT_THAT(got, raised("KeyError"));
    EXPECT_EQ(got.error_message(), "lost");
  }
  EXPECT_THAT(pool.apply({raise("ValueError", "no")}), raised("ValueError"));
}

REQUIREMENT(pool_errors, silent_until_asked, must,
            "until then nobody hears of it: nothing on standard error, and all goes on",
            covers("POOL-08"), docs(), notes("Process")) {
  task_pool pool(1);
  pool.apply_async("t", {raise("KeyError", "lost")});
  pool.wait("t");
  EXPECT_THAT(pool.apply(identity, {1}), returned(1));
  EXPECT_EQ(standard_error(), "");
}

REQUIREMENT(pool_errors, worker_stays, must, "a task that fails does not cost its worker",
            covers("POOL-09"), docs()) {
  task_pool pool(1);
  const auto before = pool.apply({step("process.self")}).result()["pid"];
  pool.apply({raise("KeyError")});
  EXPECT_EQ(pool.apply({step("process.self")}).result()["pid"], before);
}

// ---- many at once -------------------------------------------------------------------------------

REQUIREMENT(pool_map, keeps_the_order, may, "map returns the results in the items' order",
            covers("POOL-22"), docs("map")) {
  task_pool pool(3);
  std::vector<json> items;
  for (int i = 0; i < 200; ++i) items.push_back(i);
  EXPECT_THAT(pool.map(identity, items), returned(json(items)));
  EXPECT_THAT(pool.map(identity, items, 7), returned(json(items)));
  EXPECT_THAT(pool.map(identity, {}), returned(json::array()));
}

REQUIREMENT(pool_map, uses_all_workers, may, "map spreads the items over the workers",
            covers("POOL-22"), docs("map")) {
  task_pool pool(2);
  EXPECT_THAT(pool.map({step("process.self"), log_last(), sleep(20ms)}, {1, 2, 3, 4}, 1),
              returned());
  EXPECT_THAT(performers(), SizeIs(2));
}

REQUIREMENT(pool_map, raises_what_a_task_raised, may, "an exception of one item is raised by map",
            covers("POOL-08"), docs("map")) {
  task_pool pool(2);
  EXPECT_THAT(pool.map({raise("KeyError")}, {1, 2, 3}), raised("KeyError"));
}

REQUIREMENT(pool_map, starmap_spreads_arguments, may,
            "starmap calls the task with each item's own arguments", covers("POOL-22"),
            docs("starmap")) {
  task_pool pool(2);
  EXPECT_THAT(pool.starmap({argument(1)}, {{1, "a"}, {2, "b"}}), returned(json::array({"a", "b"})));
}

REQUIREMENT(pool_imap, one_by_one_in_order, may,
            "imap gives the results one by one, in order, then StopIteration", covers("POOL-22"),
            docs("imap")) {
  task_pool pool(3);
  pool.imap(identity, {1, 2, 3});
  for (int i = 1; i <= 3; ++i) EXPECT_THAT(pool.next(), returned(i));
  EXPECT_THAT(pool.next(), raised("StopIteration"));
}

REQUIREMENT(pool_imap, unordered_as_they_come, may, "imap_unordered gives the results as they come",
            covers("POOL-22"), docs("imap_unordered")) {
  task_pool pool(2);
  // The first item waits for a minute, the others do not.
  const body slow_first = {argument(), step_with_last("time.sleep", "seconds")};
  pool.imap(slow_first, {60, 0, 0}, false);
  EXPECT_THAT(pool.next(), returned());
  EXPECT_THAT(pool.next(), returned());
  EXPECT_THAT(pool.next(0.02), raised("TimedOut"));
}

}  // namespace
}  // namespace assay
