"""billiard as a testee, with the ops of multiprocessing, whose interface it has."""

import billiard

import pool_ops
import process_ops
import queue_ops
import thread_ops
from assay_sdk import Adapter

adapter = Adapter("billiard", billiard.__version__,
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "-queue.get/timeout-raises-empty",
                            "process", "-process.end/waits-for-its-children",
                            "-process.end/keeps-its-exit-code",
                            "-process.end/waits-after-an-exception-as-well",
                            "-process.end/unjoined-children-finish",
                            "-process.signal/kill-is-sigkill",
                            "-process.signal/after-the-end-is-nothing", "pool",
                            "-pool.terminate/ends-at-once",
                            "-pool.end/tasks-end-with-the-program"])
queue_ops.add_to(adapter, billiard.get_context("fork").Queue)
process_ops.add_to(adapter, billiard.Process)
thread_ops.add_to(adapter)  # its locks: a requirement of process needs one
pool_ops.add_to(adapter, billiard, billiard.WorkerLostError)

adapter.run()
