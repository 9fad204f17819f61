"""multiprocess as a testee, with the ops of multiprocessing, whose interface it has."""

import multiprocess

import pool_ops
import process_ops
import queue_ops
import thread_ops
from assay_sdk import Adapter

adapter = Adapter("multiprocess", multiprocess.__version__,
                  supports=["queue", "-queue.death/consumer-killed-in-the-middle-of-get",
                            "-queue.death/an-item-outlives-its-producer",
                            "-queue.death/producer-killed-in-the-middle-of-put",
                            "process", "pool"])
queue_ops.add_to(adapter, multiprocess.get_context("fork").Queue)
process_ops.add_to(adapter, multiprocess.Process)
thread_ops.add_to(adapter)  # its locks: a requirement of process needs one
pool_ops.add_to(adapter, multiprocess)

adapter.run()
